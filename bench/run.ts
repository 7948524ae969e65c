import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type DuckDBConnection, DuckDBInstance, version as duckDbVersion } from '@duckdb/node-api';
import type { MetricService } from '../src/graphql/context.ts';
import { executeDocument } from '../src/graphql/execute.ts';
import { explainDocument } from '../src/graphql/explain.ts';
import { openService } from '../src/server/open-service.ts';
import { agree } from './agreement.ts';
import { benchmarkData, progress, SCALES, type Scale } from './generate.ts';
import { type Form, handWritten } from './hand-written.ts';
import { inferAlone, inferMany } from './inference.ts';
import { planMany } from './planning.ts';
import { GOAL, markdown, type Results, scorecardOf } from './report.ts';
import { startToFirstAnswer } from './startup.ts';
import { type Contestant, race } from './timing.ts';

const USAGE = 'npm run bench -- [--scale S|M] [--rounds 9] [--json]';
const FORMS: readonly Form[] = ['long', 'wide'];
const FIVE = ['cv_signup', 'ct_search', 'sm_refund', 'sm_revenue_w', 'rt_ctr'];
const ONE = ['cv_purchase'];
const COLD = 'scorecard, GraphQL to JSON, cold';
const beside = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const DOCUMENT = readFileSync(beside('scorecard.graphql'), 'utf8');

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: 'M' },
    rounds: { type: 'string', default: '9' },
    json: { type: 'boolean', default: false },
  },
});
const scale = values.scale as Scale;
const rounds = Number(values.rounds);
if (!(scale in SCALES) || !(rounds >= 1)) throw new Error(`Usage: ${USAGE}`);

const threads = availableParallelism();
const database = await benchmarkData(scale);
const results = await withService(database, (service) =>
  withConnection(database, (connection) => measure(service, connection)),
);
if (scale === 'M') writeFileSync(beside('RESULTS.md'), markdown(results));
process.stdout.write(values.json ? `${JSON.stringify(results, null, 2)}\n` : markdown(results));

async function measure(service: MetricService, connection: DuckDBConnection): Promise<Results> {
  const all = [...service.catalog().metrics.keys()];
  const sets = [all, FIVE, ONE];
  let compared = 0;
  for (const metrics of sets) {
    for (const form of FORMS) {
      const agreed = await agree(service, metrics, await handWritten(metrics, form).run(connection));
      if (metrics === all) compared = agreed;
    }
  }
  const scorecards = [];
  for (const metrics of sets) {
    progress(`${metrics.length} metrics: ${rounds} rounds`);
    scorecards.push(
      scorecardOf(metrics.length, await race(await contestantsFor(service, connection, metrics), rounds)),
    );
  }
  progress('planning, inference, start of the process');
  const planning = { metrics: 200, ...planMany(service, all, 200) };
  const inference = { ...(await inferMany(40)), alone: await inferAlone(40) };
  const startup = await startToFirstAnswer(await benchmarkData('S'), ONE[0]!, 5);
  const { ratio, cpuRatio } = scorecards[0]!.lines.find(({ name }) => name === COLD)!;
  const { exposed, events } = SCALES[scale];
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${threads} cores`,
    versions: `Node ${process.versions.node}, DuckDB ${duckDbVersion()}`,
    scale,
    data: `${events.toLocaleString('en')} events, ${exposed.toLocaleString('en')} exposed users, three variants`,
    compared,
    scorecards,
    goal: { atMost: GOAL, ratio: ratio.median, cpuRatio: cpuRatio.median, met: ratio.median <= GOAL },
    planning,
    inference,
    startup,
  };
}

async function contestantsFor(
  service: MetricService,
  connection: DuckDBConnection,
  metrics: readonly string[],
): Promise<readonly Contestant[]> {
  const request = { document: DOCUMENT, variables: { metrics } };
  const statements = await explainDocument(service, request);
  return [
    ...FORMS.map((form) => ({
      name: `hand-written SQL, ${form}`,
      run: () => handWritten(metrics, form).run(connection),
    })),
    {
      name: COLD,
      run: async () => {
        const { result } = await executeDocument(service, request);
        if (result.errors !== undefined) throw new Error(JSON.stringify(result.errors));
        const answer = JSON.stringify(result);
        if (!answer.includes(`"totalCount":${2 * metrics.length}`))
          throw new Error('The scorecard has other lines than were asked for.');
        return answer;
      },
    },
    {
      name: `our SQL alone (${statements.length === 1 ? '1 statement' : `${statements.length} statements`})`,
      run: async () => {
        for (const { sql, parameters } of statements) {
          const prepared = await connection.prepare(sql);
          prepared.bind([...parameters]);
          (await prepared.runAndReadAll()).getRowObjects();
        }
      },
    },
  ];
}

async function withService<T>(path: string, use: (service: MetricService) => Promise<T>): Promise<T> {
  const service = await openService(beside('catalog'), {
    env: { LIFTQL_BENCH_DATABASE: path, LIFTQL_BENCH_THREADS: String(threads) },
  });
  try {
    return await use(service);
  } finally {
    await service.close();
  }
}

async function withConnection<T>(path: string, use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(path, { threads: String(threads), access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    return await use(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
