import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { experimentResults } from '../../src/models/results/experiment-results.ts';
import type { Data } from '../support/service.ts';
import { runOnTrino, TRINO_URL } from '../support/trino.ts';
import { buildShop, CATALOG } from './built-shop.ts';
import { drawnBars, wrongBars } from './drawn-bars.ts';
import { type Superset, startSuperset } from './superset.ts';
import { liftBars, liftTable, TABLE_COLUMNS } from './superset-charts.ts';
import { type Lines, toldByApi, wrongIn } from './told.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const run = promisify(execFile);
const { LIFTQL_PANDAS_PYTHON: pandas, LIFTQL_SUPERSET_PYTHON: superset, LIFTQL_JDBC_JAR: jdbc } = process.env;
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const SCREENSHOT = '.cache/readers/superset.png';
const MOST_BYTES = 64 * 1024 * 1024;

const TABLE = experimentResults.name;
const EXPERIMENT = 'exp_checkout';
/** What Trino calls the types of the model's columns. */
const TYPES: Readonly<Record<string, string>> = {
  STRING: 'varchar',
  INTEGER: 'bigint',
  FLOAT: 'double',
  DATETIME: 'timestamp(6)',
};

const where = TRINO_URL === null ? null : new URL(TRINO_URL).host;
let schema: string;
let typed: readonly (readonly [name: string, type: string])[];
/** What the API says, over the shop's files on DuckDB. */
let told: Lines;

beforeAll(async () => {
  if (TRINO_URL === null || !(pandas || superset || jdbc)) return;
  const built = await buildShop();
  schema = built.schema;
  typed = experimentResults.columns(built.catalog).map(({ name, type }) => [name, TYPES[type]!]);
  told = await toldByApi();
});

const describeReader = (name: string, path: string | undefined, body: () => void) =>
  TRINO_URL !== null && path
    ? describe(name, body)
    : describe.skip(`${name} (skipped: TRINO_URL or the path that scripts/bi-readers prints is not set)`, body);

describeReader('pandas, through SQLAlchemy', pandas, () => {
  let frame: Data;
  beforeAll(async () => {
    const script = fileURLToPath(new URL('pandas_reader.py', import.meta.url));
    const words = ['-B', script, `trino://liftql@${where}/${CATALOG}`, schema, TABLE, EXPERIMENT];
    frame = JSON.parse((await run(pandas!, words, { maxBuffer: MOST_BYTES })).stdout);
  });

  test('lists the model, its description, and its columns with their types', () => {
    expect(frame.tables).toContain(TABLE);
    expect(frame.comment.startsWith(experimentResults.description)).toBe(true);
    expect(Object.entries(frame.columns)).toEqual(typed.map(([name, type]) => [name, type.toUpperCase()]));
  });

  test('holds counts, numbers, texts and instants as such, and what is unknown as missing', () => {
    const { kinds, missing } = frame;
    expect([kinds.metric_version, kinds.lift, kinds.metric]).toEqual(['int64', 'float64', 'object']);
    expect(kinds.as_of).toMatch(/^datetime64/);
    expect([missing.lift_lower, missing.unknown, missing.slice_value]).toEqual(['nan', 'None', 'None']);
    expect(Object.keys(missing)).not.toContain('outcome');
  });

  test("has the API's numbers", () => {
    expect(wrongIn(frame.rows, told)).toEqual([]);
    expect(Object.keys(told).length).toBeGreaterThan(0);
    const [first, ...others] = frame.rows;
    expect(wrongIn([{ ...first, lift: first.lift + 1e-6 }, ...others], told)).toHaveLength(1);
  });

  test('asks with parameters', () => {
    const higher = frame.rows.filter((row: Data) => row.experiment === EXPERIMENT && row.lift > 0);
    expect(higher.length).toBeGreaterThan(0);
    const names = (rows: readonly Data[]) => rows.map(({ metric, treatment }) => `${metric} ${treatment}`).sort();
    expect(names(frame.higher)).toEqual(names(higher));
  });
});

describeReader("Trino's JDBC driver, as Tableau, Looker and Metabase use it", jdbc, () => {
  test('lists the model and its columns with their types, and has its numbers', async () => {
    const program = fileURLToPath(new URL('JdbcRead.java', import.meta.url));
    const url = `jdbc:trino://${where}/${CATALOG}?user=liftql`;
    const { stdout } = await run('java', ['-cp', jdbc!, program, url, schema, TABLE], { maxBuffer: MOST_BYTES });
    const lines = stdout.split('\n').map((line) => line.split('\t'));
    const of = (kind: string) => lines.flatMap(([first, ...rest]) => (first === kind ? [rest] : []));
    // The driver asks for no comments of tables.
    expect(of('table')).toContainEqual([TABLE, 'TABLE', expect.anything()]);
    expect(of('column')).toEqual(typed);
    const cell = (text: string, type: string) =>
      text === '\\N' ? null : ['double', 'bigint'].includes(type) ? Number(text) : text;
    const rows = of('row').map((cells) =>
      Object.fromEntries(typed.map(([name, type], i) => [name, cell(cells[i]!, type)])),
    );
    expect(wrongIn(rows, told)).toEqual([]);
  });
});

/** The lifts of the experiment's metrics as the bars stand, those alone that are known. */
async function liftsFromTheTop(): Promise<readonly number[]> {
  const rows = await runOnTrino(
    `select lift from ${CATALOG}.${schema}.${TABLE} where experiment = '${EXPERIMENT}' and lift is not null order by metric desc`,
  );
  return rows.map(([lift]) => Number(lift));
}

/** A cell of a table that holds a text and nothing else. */
const cell = (page: Page, text: string) => page.locator('td', { hasText: new RegExp(`^${text}$`) });

describeReader('Superset', superset, () => {
  let server: Superset;
  let dataset: number;
  let chart: number;
  let drawing: number;
  beforeAll(async () => {
    server = await startSuperset(superset!);
    const uri = `trino://liftql@${where}/${CATALOG}`;
    const database = await server.api('POST', '/api/v1/database/', { database_name: 'Trino', sqlalchemy_uri: uri });
    const table = { database: database.id, catalog: CATALOG, schema, table_name: TABLE };
    dataset = (await server.api('POST', '/api/v1/dataset/', table)).id;
    chart = (await server.api('POST', '/api/v1/chart/', liftTable({ dataset, experiment: EXPERIMENT }))).id;
    drawing = (await server.api('POST', '/api/v1/chart/', liftBars({ dataset, experiment: EXPERIMENT }))).id;
  });
  afterAll(() => server?.close());

  test('finds the columns and their types, and which one is the time', async () => {
    const { result } = await server.api('GET', `/api/v1/dataset/${dataset}`);
    const found = result.columns.map(({ column_name, type }: Data) => [column_name, type]);
    expect(found.sort()).toEqual(typed.map(([name, type]) => [name, type.toUpperCase()]).sort());
    const times = result.columns.filter(({ is_dttm }: Data) => is_dttm);
    expect(times.map(({ column_name }: Data) => column_name)).toEqual(['as_of']);
  });

  test("answers a chart's question with the warehouse's rows", async () => {
    const { result } = await server.api('GET', `/api/v1/chart/${chart}/data/`);
    const rows = await runOnTrino(
      `select ${TABLE_COLUMNS.join(', ')} from ${CATALOG}.${schema}.${TABLE} where experiment = '${EXPERIMENT}' order by metric`,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(result[0].data.map((row: Data) => TABLE_COLUMNS.map((name) => row[name]))).toEqual(rows);
  });

  test.skipIf(!existsSync(CHROMIUM))(
    'draws the chart in a browser (Chromium, at /usr/bin/chromium or CHROMIUM)',
    async () => {
      const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
      try {
        const viewport = { width: 1200, height: 640 };
        const context = await browser.newContext({ viewport, storageState: await server.session() });
        // Nothing that the page would fetch from elsewhere is needed, or wanted.
        await context.route(
          (url) => url.origin !== server.url,
          (route) => route.abort(),
        );
        const page = await context.newPage();
        page.setDefaultTimeout(180_000);
        await page.goto(`${server.url}/explore/?slice_id=${chart}&standalone=1`, { waitUntil: 'commit' });
        const lines = Object.values(told).filter(({ experiment }) => experiment === EXPERIMENT);
        for (const { metric } of lines) await cell(page, metric).waitFor();
        mkdirSync(dirname(SCREENSHOT), { recursive: true });
        await page.screenshot({ path: SCREENSHOT });
        const orders = page.locator('tr').filter({ has: cell(page, 'orders') });
        const { lift } = lines.find(({ metric }) => metric === 'orders')!;
        expect(await orders.textContent()).toContain(`+${(lift * 100).toFixed(1)}%`);
        await page.goto(`${server.url}/explore/?slice_id=${drawing}&standalone=1`, { waitUntil: 'commit' });
        const lifts = await liftsFromTheTop();
        const bars = await drawnBars(page, lifts.length);
        await page.screenshot({ path: SCREENSHOT.replace('.png', '-bars.png') });
        expect(wrongBars(bars, lifts)).toEqual([]);
        expect(wrongBars(bars, lifts.toReversed())).not.toEqual([]);
      } finally {
        await browser.close();
      }
    },
  );
});
