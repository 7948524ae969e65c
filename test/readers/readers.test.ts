import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { experimentResults } from '../../src/models/results/experiment-results.ts';
import { serveShop } from '../shop/serve.ts';
import { differences } from '../support/close.ts';
import { ask, type Data } from '../support/service.ts';
import { runOnTrino, TRINO_URL } from '../support/trino.ts';
import { buildShop, CATALOG } from './built-shop.ts';
import { type Superset, startSuperset } from './superset.ts';

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
const TOLERANCE = 1e-9;

type Lines = Readonly<Record<string, Data>>;

const where = TRINO_URL === null ? null : new URL(TRINO_URL).host;
let schema: string;
let typed: readonly (readonly [name: string, type: string])[];
/** What the API says, over the shop's files on DuckDB. */
let told: Lines;

beforeAll(async () => {
  if (TRINO_URL === null || !(pandas || superset || jdbc)) return;
  schema = await buildShop();
  const service = await serveShop('DuckDB');
  const { experiments } = service.catalog();
  typed = experimentResults.columns(service.catalog()).map(({ name, type }) => [name, TYPES[type]!]);
  const document = 'query Told($all: [String!]!) { experimentResults(experiments: $all) { records } }';
  told = byLine((await ask(service, document, { all: [...experiments.keys()] })).experimentResults.records);
});

/** Rows by what tells them apart, without what the two say in other ways. */
function byLine(rows: readonly Data[]): Lines {
  return Object.fromEntries(
    rows.map(({ flags: _flags, as_of, ...row }) => [
      `${row.experiment} ${row.metric} ${row.treatment}`,
      { ...row, as_of: String(as_of).replace(' ', 'T').slice(0, 'yyyy-mm-ddThh:mm:ss'.length) },
    ]),
  );
}

/** Where what was read differs from what the API says, in all columns of the API, of all lines that SQL tells. */
function wrongIn(rows: readonly Data[]): readonly string[] {
  const read = byLine(rows);
  expect(Object.keys(read).sort()).toEqual(Object.keys(told).sort());
  return Object.entries(told).flatMap(([line, expected]) => {
    if (read[line].unknown === 'NOT_IN_SQL') return [];
    const got = Object.fromEntries(Object.keys(expected).map((name) => [name, read[line][name]]));
    return differences(got, expected, TOLERANCE, line);
  });
}

const describeReader = (name: string, path: string | undefined, body: () => void) =>
  TRINO_URL !== null && path
    ? describe(name, body)
    : describe.skip(`${name} (skipped: TRINO_URL or the path that scripts/bi-readers prints is not set)`, body);

describeReader('pandas, through SQLAlchemy', pandas, () => {
  let frame: Data;
  beforeAll(async () => {
    const script = fileURLToPath(new URL('pandas_reader.py', import.meta.url));
    const words = [script, `trino://liftql@${where}/${CATALOG}`, schema, TABLE, EXPERIMENT];
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
    expect(wrongIn(frame.rows)).toEqual([]);
    expect(Object.keys(told).length).toBeGreaterThan(0);
    const [first, ...others] = frame.rows;
    expect(wrongIn([{ ...first, lift: first.lift + 1e-6 }, ...others])).toHaveLength(1);
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
    expect(wrongIn(rows)).toEqual([]);
  });
});

/** Superset's first colour. */
const BAR = [31, 168, 201];
const LEAST_PIXELS = 20_000;

/** Runs in the page: that the first canvas has so many pixels of a colour. */
function isFilled({ colour, least }: { readonly colour: readonly number[]; readonly least: number }): boolean {
  const canvas = document.querySelector('canvas');
  if (canvas === null || canvas.width === 0) return false;
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let i = 0; i < data.length; i += 4) if (colour.every((value, c) => data[i + c] === value)) found += 1;
  return found >= least;
}

/** A cell of a table that holds a text and nothing else. */
const cell = (page: Page, text: string) => page.locator('td', { hasText: new RegExp(`^${text}$`) });

describeReader('Superset', superset, () => {
  const columns = ['metric', 'treatment', 'lift_lower', 'lift', 'lift_upper', 'unknown'];
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
    chart = (await server.api('POST', '/api/v1/chart/', liftByMetric())).id;
    drawing = (await server.api('POST', '/api/v1/chart/', bars())).id;
  });
  afterAll(() => server?.close());

  /** A table of the lift and its bounds, of one experiment's whole population. */
  function liftByMetric(): Data {
    const simple = { clause: 'WHERE', expressionType: 'SIMPLE' };
    const percent = { d3NumberFormat: '+.1%' };
    const params = {
      datasource: `${dataset}__table`,
      viz_type: 'table',
      query_mode: 'raw',
      all_columns: columns,
      adhoc_filters: [
        { ...simple, subject: 'experiment', operator: '==', operatorId: 'EQUALS', comparator: EXPERIMENT },
        { ...simple, subject: 'slice_dimension', operator: 'IS NULL', operatorId: 'IS_NULL' },
      ],
      column_config: { lift_lower: percent, lift: percent, lift_upper: percent },
      row_limit: 1000,
    };
    const query = {
      columns,
      filters: [
        { col: 'experiment', op: '==', val: EXPERIMENT },
        { col: 'slice_dimension', op: 'IS NULL' },
      ],
      orderby: [['metric', true]],
      row_limit: 1000,
    };
    return {
      slice_name: 'Lift by metric',
      viz_type: 'table',
      datasource_id: dataset,
      datasource_type: 'table',
      params: JSON.stringify(params),
      query_context: JSON.stringify({
        datasource: { id: dataset, type: 'table' },
        queries: [query],
        form_data: params,
        result_format: 'json',
        result_type: 'full',
      }),
    };
  }

  /** A bar a metric, of its lift. A line is one row, so that the largest of it is it. */
  function bars(): Data {
    const simple = { clause: 'WHERE', expressionType: 'SIMPLE' };
    const largest = { expressionType: 'SQL', sqlExpression: 'max(lift)', label: 'lift' };
    const params = {
      datasource: `${dataset}__table`,
      viz_type: 'echarts_timeseries_bar',
      x_axis: 'metric',
      metrics: [largest],
      groupby: [],
      adhoc_filters: [
        { ...simple, subject: 'experiment', operator: '==', operatorId: 'EQUALS', comparator: EXPERIMENT },
        { ...simple, subject: 'slice_dimension', operator: 'IS NULL', operatorId: 'IS_NULL' },
      ],
      orientation: 'horizontal',
      y_axis_format: '+.0%',
      row_limit: 1000,
    };
    return {
      slice_name: 'Lifts',
      viz_type: params.viz_type,
      datasource_id: dataset,
      datasource_type: 'table',
      params: JSON.stringify(params),
    };
  }

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
      `select ${columns.join(', ')} from ${CATALOG}.${schema}.${TABLE} where experiment = '${EXPERIMENT}' order by metric`,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(result[0].data.map((row: Data) => columns.map((name) => row[name]))).toEqual(rows);
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
        // The bars grow until they are drawn; the square of the legend has some hundred pixels of their colour.
        await page.waitForFunction(isFilled, { colour: BAR, least: LEAST_PIXELS });
        await page.screenshot({ path: SCREENSHOT.replace('.png', '-bars.png') });
      } finally {
        await browser.close();
      }
    },
  );
});
