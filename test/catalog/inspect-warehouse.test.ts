import { afterAll, describe, expect, test } from 'vitest';
import type { Source } from '../../src/catalog/catalog.ts';
import { inspectWarehouse } from '../../src/catalog/inspect-warehouse.ts';
import { type LoadedCatalog, loadCatalog } from '../../src/catalog/load.ts';
import { MetricLayerError } from '../../src/core/errors.ts';
import { openDuckDb } from '../../src/engine/duckdb/duckdb.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { ident, sql, trusted } from '../../src/sql/sql.ts';
import { folderOf, messagesOf, placesOf, unmark } from './catalog-folder.ts';

const DATA = {
  'assignments.csv': 'user_id,variant,Assigned_At,country,is_bot\n1,a,2026-03-20 00:00:00,DE,false\n',
  'events.csv':
    'user_id,event_at,seen_on,at_ms,event_name,amount,retained,flag\n1,2026-03-20 00:00:00,2026-03-20,1760000000000,purchase,2.5,true,1\n',
};

const SOURCES = `sources:
  assignments: { kind: assignments, file: assignments.csv, unit: user_id, variant: variant, timestamp: assigned_at, dimensions: { country: {} }, exclude: is_bot }
  events: { kind: facts, file: events.csv, unit: user_id, timestamp: event_at }
`;
const metric = (value: string) => `${SOURCES}metrics:\n  m: { type: mean, source: events, value: { ${value} } }\n`;

const engines: Engine[] = [];
afterAll(() => Promise.all(engines.map((engine) => engine.close())));

function relationSql(source: Source) {
  const { relation } = source;
  if (relation.kind === 'sql') return sql`(${trusted(relation.query.text)})`;
  return relation.kind === 'table' ? ident(...relation.name) : ident('memory', 'files', source.name);
}

/** Loads a catalog beside its data and compares it with DuckDB; `parse` stands in for the engine's parser. */
async function inspect(catalog: string, parse?: Engine['parseExpression']): Promise<LoadedCatalog> {
  const directory = folderOf({ ...DATA, 'catalog.yaml': catalog });
  const loaded = loadCatalog(directory, { env: {} });
  if (!loaded.ok) throw new Error(messagesOf(loaded).join('\n'));
  const files = [...loaded.catalog.sources.values()].flatMap(({ name, relation }) =>
    relation.kind === 'file' ? [{ name, path: relation.path, table: relation.table }] : [],
  );
  const engine = await openDuckDb({ path: null, files });
  engines.push(engine);
  const used: Engine =
    parse === undefined
      ? engine
      : {
          dialect: engine.dialect,
          query: (...q) => engine.query(...q),
          describe: (s) => engine.describe(s),
          close: () => engine.close(),
          parseExpression: parse,
        };
  return inspectWarehouse(loaded.catalog, used, relationSql);
}

/** An engine that cannot parse without running, as Trino is. */
const cannotParse = async () => null;

/** Each fault with the place of its mark. */
async function check(
  text: string,
  codes: readonly string[],
  parse?: Engine['parseExpression'],
): Promise<readonly string[]> {
  const { files, marks } = unmark(text);
  const inspected = await inspect((files as Readonly<Record<string, string>>)['catalog.yaml']!, parse);
  expect(placesOf(inspected)).toEqual(codes.map((code, i) => `${code} ${marks[i]}`));
  return messagesOf(inspected);
}

describe('a catalog beside its warehouse', () => {
  test('knows its columns as the engine spells them; lookup ignores case', async () => {
    const inspected = await inspect(
      metric(`column: "round(AMOUNT)", where: "event_name in ('purchase') and lower(event_name) like 'p%'"`),
      cannotParse,
    );
    if (!inspected.ok) throw new Error(messagesOf(inspected).join('\n'));
    expect(inspected.catalog.sources.get('assignments')?.columns.get('Assigned_At')).toMatchObject({
      type: 'DATETIME',
    });
    expect(inspected.catalog.sources.get('events')?.columns.get('amount')).toEqual({
      type: 'FLOAT',
      engineType: 'DOUBLE',
    });
    expect(inspected.catalog.warnings).toEqual([]);
  });

  test('8: columns that do not exist, with suggestions', async () => {
    const [message] = await check(
      SOURCES.replace('unit: user_id, variant: variant', 'unit: ▸usr_id, variant: ▸varian')
        .replace('{ country: {} }', '{ ▸region: {}, land: { column: ▸contry } }')
        .replace('timestamp: event_at', 'timestamp: ▸evnt_at, id: { column: ▸event_id, within: 1h }'),
      Array(6).fill('CAT_NO_COLUMN'),
      cannotParse,
    );
    expect(message).toBe(
      'CAT_NO_COLUMN catalog.yaml:2:66: Source `assignments`: `unit` names the column `usr_id`, which the source does not have. Did you mean `user_id`?',
    );
  });

  test('8: a column that an expression names and nobody has', async () => {
    const [message] = await check(
      metric(`column: amount, where: "event_name = 'purchase' and ▸amont > 1"`),
      ['CAT_NO_COLUMN'],
      cannotParse,
    );
    expect(message).toContain('Did you mean `amount`?');
  });

  test('8: the same expression at two places is a fault at both', async () => {
    await check(
      `${metric('column: ▸amont')}  n: { type: mean, source: events, value: { column: ▸amont } }\n`,
      ['CAT_NO_COLUMN', 'CAT_NO_COLUMN'],
      cannotParse,
    );
  });

  test('9: tables that do not exist, with the reason', async () => {
    const [message] = await check(
      `${SOURCES}  gone: { kind: facts, table: ▸raw.gone, unit: u }\n  bad: { kind: facts, sql: "▸select * from nowhere", unit: u }\n`,
      ['CAT_NO_TABLE', 'CAT_NO_TABLE'],
      cannotParse,
    );
    expect(message).toContain('raw');
  });

  test('10: an error of syntax is told at its character', async () => {
    const parse = async () => {
      throw new MetricLayerError('ENGINE_FAILED', 'no', {
        details: { reason: 'syntax error at or near "="', offset: 6 },
      });
    };
    await check(metric(`where: "flag =▸= 1"`), ['CAT_EXPRESSION'], async (text) =>
      text === 'is_bot' ? null : parse(),
    );
  });

  test('10: in a block, at its line', async () => {
    const parse = async (text: string) => {
      if (text === 'is_bot') return null;
      throw new MetricLayerError('ENGINE_FAILED', 'no', {
        details: { reason: 'syntax error', offset: text.indexOf('==') },
      });
    };
    await check(
      `${SOURCES}metrics:\n  m:\n    type: mean\n    source: events\n    value:\n      where: |\n        flag = 1\n          and flag ▸== 1\n`,
      ['CAT_EXPRESSION'],
      parse,
    );
  });

  test.each([
    ['12: an aggregate', 'column: "▸sum(amount)"'],
    ['13: a subquery', 'where: "flag in (▸select 1)"'],
    ['13: a window function', 'column: "1 ▸over (order by flag)"'],
    ['a function that reads files', `where: "contains(▸read_text('/etc/passwd'), event_name)"`],
    ['a function in quotes', `where: '▸"read_text"(event_name) = event_name'`],
    ['a setting', `where: "event_name = ▸getenv('HOME')"`],
    ['the clock', 'where: "event_at < ▸now()"'],
    ['the clock without parentheses', 'where: "event_at < ▸current_timestamp"'],
    ['chance', 'where: "▸random() < 0.5"'],
    ['several columns', 'column: "▸columns(*)"'],
  ])('%s is refused, also where the engine cannot parse', async (_, value) => {
    await check(metric(value), ['CAT_EXPRESSION'], cannotParse);
  });

  test('a condition that is no condition', async () => {
    const [message] = await check(metric('where: ▸flag'), ['CAT_TYPE'], cannotParse);
    expect(message).toContain('`flag = 1`');
  });

  test('conditions of steps, and of rows of another source, are bound where they belong', async () => {
    const rows = `(values (1, timestamp '2026-03-20 00:00:00')) as t (user_id, event_at)`;
    const more = `${SOURCES}  clicks: { kind: facts, sql: "select user_id, event_at, 1 as rank, 'q' as query from ${rows}", unit: user_id, timestamp: event_at }\n`;
    const search = (exists: string) =>
      `${more}metrics:\n  m: { type: mean, source: events, value: { exists: { source: clicks, ${exists} } } }\n`;
    const [step] = await check(
      `${SOURCES}metrics:\n  m: { type: funnel, source: events, steps: [{ where: "flag = 1" }, { where: "▸amont > 1" }] }\n`,
      ['CAT_NO_COLUMN'],
      cannotParse,
    );
    expect(step).toContain('Metric `m`: the condition of step 2 names the column `amont`');
    const [where] = await check(search('on: user_id, where: "▸amount > 1"'), ['CAT_NO_COLUMN'], cannotParse);
    expect(where).toContain('Metric `m`: `exists` of its value, `where` names the column `amount`');
    const [other] = await check(search('on: { event_name: ▸event_name }'), ['CAT_NO_COLUMN'], cannotParse);
    expect(other).toContain('`on` names the column `event_name`');
    await check(search('on: { event_name: query }, where: "rank < 3"'), [], cannotParse);
    await check(search('on: user_id, where: ▸rank'), ['CAT_TYPE'], cannotParse);
  });

  test('a time that is summed', async () => {
    await check(metric('column: ▸event_at'), ['CAT_TYPE'], cannotParse);
  });

  test('a timestamp that is a number is refused with a remedy', async () => {
    const [message] = await check(
      SOURCES.replace('timestamp: event_at', 'timestamp: ▸at_ms'),
      ['CAT_TYPE'],
      cannotParse,
    );
    expect(message).toContain('to_timestamp(at_ms)');
  });

  test('a timestamp that is a date gives a warning', async () => {
    const inspected = await inspect(SOURCES.replace('timestamp: event_at', 'timestamp: seen_on'), cannotParse);
    expect(inspected.ok && inspected.catalog.warnings).toEqual([expect.stringContaining('`seen_on` is a date')]);
    const daily = SOURCES.replace('timestamp: event_at', 'timestamp: { column: seen_on, grain: day }');
    expect(await inspect(daily, cannotParse)).toMatchObject({ ok: true, catalog: { warnings: [] } });
  });

  test('a time of arrival tells the time, and its column exists', async () => {
    const [type] = await check(
      SOURCES.replace('timestamp: event_at', 'timestamp: event_at, loadedAt: ▸seen_on').replace(
        'timestamp: assigned_at',
        'timestamp: assigned_at, loadedAt: ▸loaded_at',
      ),
      ['CAT_NO_COLUMN', 'CAT_TYPE'],
      cannotParse,
    );
    expect(type).toContain('names the column `loaded_at`');
  });

  test('an engine that cannot be reached is no fault of the catalog', async () => {
    const down = async () => {
      throw new MetricLayerError('ENGINE_UNAVAILABLE', 'The engine is down.');
    };
    await expect(inspect(metric('column: amount'), down)).rejects.toThrow('The engine is down.');
  });

  test('many alike expressions are bound together', async () => {
    const lines = Array.from(
      { length: 500 },
      (_, i) => `  m${i}: { type: mean, source: events, value: { column: "amount * ${i}", where: retained } }\n`,
    );
    const inspected = await inspect(`${SOURCES}metrics:\n${lines.join('')}`, cannotParse);
    expect(messagesOf(inspected)).toEqual([]);
  });
});

const probe = await openDuckDb({ path: null });
engines.push(probe);
const parses = await probe.parseExpression('1').then(
  () => true,
  () => false,
);

describe.skipIf(!parses)("expressions before DuckDB's own parser", () => {
  test.each([
    "event_name = 'purchase' and amount between 1 and 2 or flag in (1, 2)",
    "event_name like 'a%' and event_name not ilike '%b' and event_name ~ 'x' and event_name similar to 'y'",
    "coalesce(try_cast(event_name as integer), 0) > 1 and event_name || 'x' <> ''",
    "extract(year from event_at) = 2026 and date_trunc('day', event_at) = event_at and event_at + interval '1' day > event_at",
    "json_extract_string(event_name, '$.a') = 'b' or (event_name -> '$.a') is null",
    'case when flag = 1 then retained else not retained end',
    '-flag + 1 % 2 = 1 and list_contains([1, 2], flag) and flag is distinct from 3',
    "starts_with(event_name, 'p') and regexp_matches(event_name, '^p') and substring(event_name from 1 for 2) = 'pu'",
  ])('accepts %s', async (where) => {
    expect(messagesOf(await inspect(metric(`where: "${where}"`)))).toEqual([]);
  });

  test.each([
    ['10: a syntax error', 'where: "flag = ▸= 1"'],
    ['10: half an expression', 'where: "flag ▸as"'],
    ['12: an aggregate', 'column: "1 + ▸sum(amount)"'],
    ['12: an aggregate under another name', 'column: "▸arg_max(amount, flag)"'],
    ['13: a subquery', 'where: "flag in (▸select 1)"'],
    ['13: a window function', 'column: "row_number() ▸over ()"'],
    ['a list of values', 'column: "▸amount, flag"'],
  ])('refuses %s', async (_, value) => {
    await check(metric(value), ['CAT_EXPRESSION']);
  });
});
