import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Engine } from '../../src/engine/engine.ts';
import type { StatementRecord } from '../../src/evaluate/trace.ts';
import type { MetricService } from '../../src/graphql/context.ts';
import { executeDocument } from '../../src/graphql/execute.ts';
import { explainDocument } from '../../src/graphql/explain.ts';
import { openService } from '../../src/server/open-service.ts';
import { agree } from '../agreement.ts';
import { progress, SCALES, type Scale } from '../generate.ts';
import { takeTurns } from '../timing.ts';
import { run, trinoUrl, usageOf } from './client.ts';
import { trinoData } from './data.ts';
import { FORMS, handWritten } from './hand-written.ts';
import { markdown, type Results, resultsOf, type Taken } from './report.ts';

const USAGE = 'npm run bench:trino -- [--scale S|M] [--rounds 7] [--json]';
const beside = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const DOCUMENT = readFileSync(beside('../scorecard.graphql'), 'utf8');
/** The server compiles what is run often. */
const WARM_UP = 2;

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: 'M' },
    rounds: { type: 'string', default: '7' },
    json: { type: 'boolean', default: false },
  },
});
const scale = values.scale as Scale;
const rounds = Number(values.rounds);
if (!(scale in SCALES) || !(rounds >= 1)) throw new Error(`Usage: ${USAGE}`);

const results = await withService(await trinoData(scale), measure);
if (scale === 'M') writeFileSync(beside('../RESULTS-trino.md'), markdown(results));
process.stdout.write(values.json ? `${JSON.stringify(results, null, 2)}\n` : markdown(results));

/** One way to the same numbers; says which queries it ran. */
interface Contestant {
  readonly name: string;
  run(): Promise<readonly string[]>;
}

async function measure(service: MetricService): Promise<Results> {
  const metrics = [...service.catalog().metrics.keys()];
  let compared = 0;
  for (const form of FORMS) {
    progress(`agreement: ${form}`);
    compared = await agree(service, metrics, (await handWritten(metrics, form).run(service.engine)).statistics);
  }
  progress('agreement: one statement a metric');
  for (const metric of metrics)
    await agree(service, [metric], (await handWritten([metric], 'inner').run(service.engine)).statistics);

  const contestants = await contestantsFor(service, metrics);
  const taken = await takeTurns(contestants, { rounds, warmUp: WARM_UP, once });
  const [[version] = []] = await run('select node_version from system.runtime.nodes');
  const { exposed, events } = SCALES[scale];
  return resultsOf({
    date: new Date().toISOString().slice(0, 10),
    machine: `${availableParallelism()} cores`,
    versions: `Node ${process.versions.node}, Trino ${version}`,
    scale,
    data: `${events.toLocaleString('en')} events, ${exposed.toLocaleString('en')} exposed users, three variants, in Iceberg tables partitioned by day`,
    metrics: metrics.length,
    compared,
    rounds,
    taken: contestants.map(({ name }, i) => ({ name, rounds: taken[i]! })),
  });
}

/** The cluster is asked what a contestant took only after the clock has stopped. */
async function once(contestant: Contestant): Promise<Taken> {
  const started = performance.now();
  const queryIds = await contestant.run();
  const milliseconds = performance.now() - started;
  const usage = await usageOf(queryIds);
  progress(`${milliseconds.toFixed(0).padStart(8)} ms ${contestant.name}`);
  return { milliseconds, usage };
}

async function contestantsFor(service: MetricService, metrics: readonly string[]): Promise<readonly Contestant[]> {
  const { engine } = service;
  const request = { document: DOCUMENT, variables: { metrics } };
  const together = await explainDocument(service, request);
  const apart: StatementRecord[] = [];
  for (const metric of metrics)
    apart.push(...(await explainDocument(service, { document: DOCUMENT, variables: { metrics: [metric] } })));
  return [
    {
      name: 'ours: GraphQL to JSON, cold',
      run: async () => {
        const { result, context } = await executeDocument(service, request);
        if (result.errors !== undefined) throw new Error(JSON.stringify(result.errors));
        if (!JSON.stringify(result).includes(`"totalCount":${2 * metrics.length}`))
          throw new Error('The scorecard has other lines than were asked for.');
        return context.session.evaluator.statements.map(({ engineQueryId }) => engineQueryId!);
      },
    },
    { name: 'ours: SQL alone', run: () => inTurn(engine, together) },
    ...FORMS.map((form) => ({
      name: `by hand: ${form}`,
      run: async () => [(await handWritten(metrics, form).run(engine)).result.engineQueryId!],
    })),
    { name: 'ours: SQL, a statement a metric', run: () => inTurn(engine, apart) },
    {
      name: 'by hand: inner, a statement a metric',
      run: () =>
        inTurn(
          engine,
          metrics.map((metric) => ({ sql: handWritten([metric], 'inner').sql, parameters: [] })),
        ),
    },
  ];
}

/** One after the other, as a tool does that unites nothing. */
async function inTurn(
  engine: Engine,
  statements: readonly Pick<StatementRecord, 'sql' | 'parameters'>[],
): Promise<readonly string[]> {
  const queryIds: string[] = [];
  for (const { sql, parameters } of statements) queryIds.push((await engine.query({ sql, parameters })).engineQueryId!);
  return queryIds;
}

/** The catalog of the benchmark, with its tables looked up in Trino. */
async function withService<T>(
  { catalog, schema }: { readonly catalog: string; readonly schema: string },
  use: (service: MetricService) => Promise<T>,
): Promise<T> {
  const directory = beside('../../.cache/bench/trino-catalog');
  const engine = `engine: { kind: trino, server: "${trinoUrl()}", catalog: ${catalog}, schema: ${schema}, timeout: 10m }`;
  const yaml = readFileSync(beside('../catalog/catalog.yaml'), 'utf8').replace(/^engine: .*$/m, engine);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'catalog.yaml'), yaml);
  const service = await openService(directory, { env: {} });
  try {
    return await use(service);
  } finally {
    await service.close();
  }
}
