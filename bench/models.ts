import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type DuckDBConnection, DuckDBInstance, version as duckDbVersion } from '@duckdb/node-api';
import { parseDocument } from 'yaml';
import { canonicalInstant } from '../src/core/instant.ts';
import type { MetricService } from '../src/graphql/context.ts';
import { executeDocument } from '../src/graphql/execute.ts';
import { explainDocument } from '../src/graphql/explain.ts';
import { build, type ModelProgress } from '../src/models/build/build.ts';
import { contextAsOf, selectText } from '../src/models/build/definition.ts';
import { MODELS } from '../src/models/registry.ts';
import { experimentResults } from '../src/models/results/experiment-results.ts';
import { metricMoments } from '../src/models/results/metric-moments.ts';
import { openService } from '../src/server/open-service.ts';
import { openWarehouse } from '../src/server/open-warehouse.ts';
import { benchmarkData, progress, SCALES, type Scale } from './generate.ts';
import { agreeOnSums, type Cells, sumsByHand } from './models-by-hand.ts';
import { linesOf, type ModelSet, type ModelsResults, markdown, NAMES } from './models-report.ts';
import { type Contestant, race, summaryOf } from './timing.ts';

const USAGE = 'npm run bench:models -- [--scale S|M] [--rounds 9] [--json]';
const AS_OF = canonicalInstant('2026-03-15T00:00:00Z');
const LOOKBACK = '14d';
const SELECTED = '+metric_moments,metric_timeline,source_freshness,experiment_exclusions';
/** Runs of the statement of a series, which takes about a millisecond, after some that do not count. */
const READS = { warmUp: 20, count: 200 };
/** Where the models lie when their file is attached as `models`. */
const NAMING = { dialect: 'DUCKDB', nameOf: (relation: string) => ['models', 'liftql', relation] } as const;
const beside = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const SCORECARD = readFileSync(beside('scorecard.graphql'), 'utf8');

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
const env = { LIFTQL_BENCH_DATABASE: await benchmarkData(scale), LIFTQL_BENCH_THREADS: String(threads) };
const { exposed, events } = SCALES[scale];
const results: ModelsResults = {
  date: new Date().toISOString().slice(0, 10),
  machine: `${threads} cores`,
  versions: `Node ${process.versions.node}, DuckDB ${duckDbVersion()}`,
  data: `scale ${scale}, ${events.toLocaleString('en')} events, ${exposed.toLocaleString('en')} exposed users, three variants, 14 days, 20 metrics`,
  rounds,
  sets: [await measure('plain', false), await measure('with covariates of 14 days (CUPED)', true)],
};
if (scale === 'M') writeFileSync(beside('RESULTS-models.md'), markdown(results));
process.stdout.write(values.json ? `${JSON.stringify(results, null, 2)}\n` : markdown(results));

/** One set of metrics: its models are built, their sums compared with those by hand, and each way to them is timed. */
async function measure(name: string, cuped: boolean): Promise<ModelSet> {
  const folder = catalogFolder(cuped, true);
  const built = await buildModels(folder);
  const fromTables = await openService(folder, { env });
  const fromRaw = await openService(catalogFolder(cuped, false), { env });
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) });
  const connection = await instance.connect();
  try {
    await connection.run(`attach '${env.LIFTQL_BENCH_DATABASE}' as warehouse (read_only)`);
    await connection.run(`attach '${join(folder, 'models.duckdb')}' as models (read_only)`);
    await connection.run('use warehouse');
    const selectOf = (model: typeof metricMoments) =>
      selectText(model, contextAsOf(AS_OF, fromTables.catalog(), NAMING), NAMING);
    const byHand = sumsByHand(cuped);
    const ours = selectOf(metricMoments);
    const agreed = agreeOnSums(await rowsOf(connection, byHand), await rowsOf(connection, ours), cuped);
    const metrics = [...fromRaw.catalog().metrics.keys()];
    const variables = { metrics, cuped };
    const raw = await explainDocument(fromRaw, { document: SCORECARD, variables });
    const statistics = selectOf(experimentResults);
    progress(`${name}: ${agreed} sums agree; ${rounds} rounds`);
    const contestants: readonly Contestant[] = [
      { name: NAMES.byHand, run: () => rowsOf(connection, byHand) },
      { name: NAMES.moments, run: () => rowsOf(connection, ours) },
      { name: NAMES.results, run: () => rowsOf(connection, statistics) },
      {
        name: NAMES.raw,
        run: async () => {
          for (const { sql, parameters } of raw) {
            const prepared = await connection.prepare(sql);
            prepared.bind([...parameters]);
            (await prepared.runAndReadAll()).getRowObjects();
          }
        },
      },
      { name: NAMES.scorecardOfRaw, run: () => scorecard(fromRaw, variables) },
      { name: NAMES.scorecardOfTables, run: () => scorecard(fromTables, variables) },
    ];
    const lines = linesOf(await race(contestants, rounds));
    return { name, agreed, built, lines, series: await timeSeries(connection) };
  } finally {
    connection.closeSync();
    instance.closeSync();
    await Promise.all([fromTables.close(), fromRaw.close()]);
  }
}

/** The benchmark's catalog in a folder of its own, with covariates where they are asked for, and a file for the models. */
function catalogFolder(cuped: boolean, hasModels: boolean): string {
  const folder = fileURLToPath(
    new URL(`../.cache/bench/models-${scale}${cuped ? '-cuped' : ''}${hasModels ? '' : '-raw'}`, import.meta.url),
  );
  const catalog = parseDocument(readFileSync(beside('catalog/catalog.yaml'), 'utf8'));
  const { metrics } = catalog.toJS() as { readonly metrics: Readonly<Record<string, unknown>> };
  if (cuped)
    for (const metric of Object.keys(metrics)) catalog.setIn(['metrics', metric, 'covariate'], { lookback: LOOKBACK });
  if (hasModels) catalog.set('models', { path: 'models.duckdb' });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'catalog.yaml'), String(catalog));
  return folder;
}

async function buildModels(folder: string): Promise<readonly ModelProgress[]> {
  const service = await openService(folder, { env });
  const catalog = service.catalog();
  await service.close();
  const warehouse = await openWarehouse(catalog);
  try {
    const { models } = await build({
      ...{ catalog, warehouse, models: MODELS, asOf: AS_OF, select: SELECTED, fullRefresh: false },
      ...{ version: 'bench', clock: () => new Date() },
      onProgress: ({ model, rows, seconds }) => progress(`built ${model}: ${rows} rows, ${seconds.toFixed(1)} s`),
    });
    return models;
  } finally {
    await warehouse.close();
  }
}

async function rowsOf(connection: DuckDBConnection, statement: string): Promise<readonly Cells[]> {
  return (await connection.runAndReadAll(statement)).getRowObjects();
}

async function scorecard(service: MetricService, variables: Readonly<Record<string, unknown>>): Promise<string> {
  const { result } = await executeDocument(service, { document: SCORECARD, variables });
  if (result.errors !== undefined) throw new Error(JSON.stringify(result.errors));
  return JSON.stringify(result);
}

/** What a chart of one metric's days reads: cumulative moments of each arm and day, of which lift and interval are made. */
async function timeSeries(connection: DuckDBConnection): Promise<ModelSet['series']> {
  const statement = `select date, variant, units, pivot_0, sum_0, product_00
from models.liftql.metric_timeline
where experiment = 'exp_focus' and metric = 'sm_revenue' and slice_dimension is null
order by date, variant`;
  const milliseconds: number[] = [];
  let rows = 0;
  for (let read = 0; read < READS.warmUp + READS.count; read++) {
    const started = performance.now();
    rows = (await rowsOf(connection, statement)).length;
    if (read >= READS.warmUp) milliseconds.push(performance.now() - started);
  }
  return { rows, milliseconds: summaryOf(milliseconds) };
}
