import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cell, Engine } from '../../../src/engine/engine.ts';
import { TRINO_DEFAULTS } from '../../../src/engine/trino/options.ts';
import { openTrino } from '../../../src/engine/trino/trino.ts';
import type { Parameter } from '../../../src/sql/sql.ts';
import { eventually } from './scripted-trino.ts';

const SERVER = process.env.TRINO_URL;

/** A query that does not end by itself. */
const ENDLESS = {
  sql: 'select count(*) as n from tpch.sf1000.lineitem as a cross join tpch.sf1000.lineitem as b where a.comment = b.comment',
  parameters: [],
};

// Needs a Trino with the catalogs `tpch` and `system` at TRINO_URL.
describe.skipIf(SERVER === undefined)('on a real Trino', () => {
  /** Tells the queries of this run from all others. */
  const source = `liftql-test-${randomUUID()}`;
  let engine: Engine;
  beforeAll(async () => {
    engine = await openTrino({ ...TRINO_DEFAULTS, server: SERVER!, source, concurrency: 64 });
  });
  afterAll(() => engine?.close());

  const rowsOf = async (sql: string, parameters: readonly Parameter[] = []) =>
    (await engine.query({ sql, parameters })).rows;

  test.each<[string, Cell]>([
    ['cast(-1 as tinyint)', -1],
    ["bigint '9007199254740991'", 9007199254740991],
    ["bigint '9007199254740993'", '9007199254740993'],
    ["bigint '-9223372036854775808'", '-9223372036854775808'],
    ["decimal '1.250'", 1.25],
    ['cast(1.5 as decimal(38,10))', 1.5],
    ['0.1e0', 0.1],
    ['1e300', 1e300],
    ['cast(9007199254740993 as double)', 9007199254740992],
    ["real '1.1'", 1.1],
    ['nan()', Number.NaN],
    ['infinity()', Number.POSITIVE_INFINITY],
    ['-infinity()', Number.NEGATIVE_INFINITY],
    ['cast(nan() as real)', Number.NaN],
    ['true', true],
    ['null', null],
    ['cast(null as timestamp(6))', null],
    ["''", ''],
    ["'Ü''x\\ 😀\n\"'", 'Ü\'x\\ 😀\n"'],
    ["cast('ab' as char(4))", 'ab  '],
    ["date '2026-03-29'", '2026-03-29'],
    ["timestamp '2026-03-29 01:02:03.123456'", '2026-03-29T01:02:03.123456Z'],
    ["cast(timestamp '2026-03-29 00:00:00' as timestamp(6))", '2026-03-29T00:00:00Z'],
    ["timestamp '2026-03-29 01:02:03.123456789'", '2026-03-29T01:02:03.123456789Z'],
    ["timestamp '12026-01-01 00:00:00.5'", '12026-01-01T00:00:00.5Z'],
    ["timestamp '1969-12-31 23:59:59.999999'", '1969-12-31T23:59:59.999999Z'],
    ["timestamp '2026-03-29 01:02:03.123456 +02:00'", '2026-03-28T23:02:03.123456Z'],
    ["timestamp '2026-03-29 12:00:00 Europe/Berlin'", '2026-03-29T10:00:00Z'],
    ["timestamp '2026-03-29 12:00:00 UTC'", '2026-03-29T12:00:00Z'],
    ["timestamp '2026-03-29 12:00:00 UTC' at time zone 'Asia/Kathmandu'", '2026-03-29T12:00:00Z'],
    ["cast(timestamp '2026-03-29 12:00:00' as timestamp(3) with time zone)", '2026-03-29T12:00:00Z'],
    ["array[bigint '9007199254740993', 1]", '["9007199254740993",1]'],
    ["map(array['x'], array[1e0])", '{"x":1}'],
    ["row(1, 'x')", '[1,"x"]'],
    ['json \'{"a": 9007199254740993}\'', '{"a":9007199254740993}'],
    ["uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59'", '12151fd2-7586-11e9-8f9e-2a86e4085a59'],
    ["X'00ff'", 'AP8='],
    ["time '01:02:03.123'", '01:02:03.123'],
  ])('%s', async (expression, expected) => {
    expect(await rowsOf(`select ${expression} as v`)).toStrictEqual([{ v: expected }]);
  });

  test.each<Parameter>([
    '',
    "O'Brien",
    '?',
    '\\',
    '-- x',
    1,
    -1,
    0,
    3_000_000_000,
    -2_147_483_648,
    1.5,
    true,
    false,
    null,
  ])('parameter %j', async (value) => {
    expect(await rowsOf("select ? as v, '?' as q -- ?", [value])).toStrictEqual([{ v: value, q: '?' }]);
  });

  test('every text and number comes back as it went', async () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0') && value.isWellFormed());
    const number = fc.oneof(fc.maxSafeInteger(), fc.double());
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, number), { minLength: 1, maxLength: 50 }), async (pairs) => {
        const [row] = await rowsOf(
          `select ${pairs.map((_, i) => `? as t${i}, cast(? as double) as d${i}`).join(', ')}`,
          pairs.flat(),
        );
        for (const [i, [sent, value]] of pairs.entries()) {
          expect(row![`t${i}`]).toBe(sent);
          expect(row![`d${i}`]).toBe(value === 0 ? 0 : value);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('a query tells its id, its time and what it read', async () => {
    const result = await engine.query({ sql: 'select count(*) as n from tpch.tiny.lineitem', parameters: [] });
    expect(result).toMatchObject({
      rows: [{ n: 60_175 }],
      engineQueryId: expect.stringMatching(/^\d{8}_\d{6}_\d{5}_\w{5}$/),
      scannedRows: 60_175,
    });
    expect(result.elapsedMs).toBeGreaterThan(0);
  });

  test('many pages are all there, in order', async () => {
    const rows = await rowsOf('select orderkey from tpch.tiny.orders order by 1');
    expect(rows).toHaveLength(15_000);
    expect(rows.every(({ orderkey }, i) => i === 0 || Number(orderkey) > Number(rows[i - 1]!.orderkey))).toBe(true);
  });

  test('the session is in UTC and as it is set', async () => {
    const spilling = await openTrino({
      ...TRINO_DEFAULTS,
      server: SERVER!,
      session: { query_max_planning_time: '7m', query_max_run_time: '9s' },
    });
    const session = await spilling.query({ sql: 'show session', parameters: [] }).finally(() => spilling.close());
    const value = (name: string) => session.rows.find(({ Name }) => Name === name)?.Value;
    expect(value('query_max_planning_time')).toBe('7m');
    expect(value('query_max_run_time')).toBe('9s');
    expect(await rowsOf('select current_timezone() as z')).toStrictEqual([{ z: 'UTC' }]);
  });

  test.each<[string, string, string]>([
    ['select nope from tpch.tiny.nation', 'ENGINE_FAILED', "Column 'nope' cannot be resolved"],
    ['select 1 from tpch.tiny.nope', 'ENGINE_FAILED', "Table 'tpch.tiny.nope' does not exist"],
    ['select 1/(nationkey-nationkey) from tpch.tiny.nation', 'ENGINE_FAILED', 'Division by zero'],
    ['selec', 'ENGINE_FAILED', "mismatched input 'selec'"],
  ])('%s is %s', async (sql, code, reason) => {
    const failing = { code, details: { reason: expect.stringContaining(reason) } };
    await expect(engine.query({ sql, parameters: [] })).rejects.toMatchObject(failing);
  });

  test('columns are described without running anything', async () => {
    const sql = 'select n.*, 1, 2 as a, 3 as a, current_timestamp(6) as t, ? as p from tpch.tiny.nation as n -- all';
    await expect(engine.describe({ sql, parameters: ['x'] })).resolves.toStrictEqual([
      { name: 'nationkey', type: 'INTEGER', engineType: 'bigint' },
      { name: 'name', type: 'STRING', engineType: 'varchar(25)' },
      { name: 'regionkey', type: 'INTEGER', engineType: 'bigint' },
      { name: 'comment', type: 'STRING', engineType: 'varchar(152)' },
      { name: '_col4', type: 'INTEGER', engineType: 'integer' },
      { name: 'a', type: 'INTEGER', engineType: 'integer' },
      { name: 'a', type: 'INTEGER', engineType: 'integer' },
      { name: 't', type: 'DATETIME', engineType: 'timestamp(6) with time zone' },
      { name: 'p', type: 'STRING', engineType: 'varchar(1)' },
    ]);
    await expect(
      engine.describe({ sql: 'select (nope\n) as x0 from tpch.tiny.nation as s where 1 = 0', parameters: [] }),
    ).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      details: { reason: "Column 'nope' cannot be resolved" },
    });
    await expect(engine.describe(ENDLESS)).resolves.toHaveLength(1);
  });

  test('estimates come from the planner, with parameters and without', async () => {
    const sql = 'select count(*) from tpch.tiny.lineitem as l join tpch.tiny.orders as o on l.orderkey = o.orderkey';
    const both = await engine.estimate!({ sql, parameters: [] });
    expect(both.rows).toBe(75_175);
    expect(both.bytes).toBeGreaterThan(500_000);
    const filtered = await engine.estimate!({ sql: `${sql} where l.quantity > ?`, parameters: [5] });
    expect(filtered.rows).toBe(75_175);
    await expect(engine.estimate!({ sql: 'select 1', parameters: [] })).resolves.toStrictEqual({ rows: 0, bytes: 0 });
    await expect(engine.estimate!({ sql: 'select nope', parameters: [] })).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
    });
  });

  /** Queries of this run that have not ended, and how those ended that failed. */
  const states = async () => {
    const sql = `select state, error_code, count(*) as n from system.runtime.queries
      where source = ? and query like '%cross join%' and query not like '%system.runtime%' group by 1, 2`;
    return rowsOf(sql, [source]);
  };
  const noneRuns = async () => (await states()).every(({ state }) => state === 'FAILED' || state === 'FINISHED');

  test('a query that takes too long is cancelled', async () => {
    const started = performance.now();
    await expect(engine.query(ENDLESS, { timeoutMs: 1_500 })).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
    expect(performance.now() - started).toBeLessThan(1_750);
    await eventually(noneRuns);
  });

  test('queries that nobody waits for are cancelled, whenever that is', async () => {
    await Promise.all(
      Array.from({ length: 24 }, async (_, i) => {
        const caller = new AbortController();
        const timer = setTimeout(() => caller.abort(), i * 25);
        const running = engine.query(ENDLESS, { signal: caller.signal });
        await expect(running).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
        clearTimeout(timer);
      }),
    );
    await eventually(noneRuns);
    expect(await states()).toContainEqual({ state: 'FAILED', error_code: 'USER_CANCELED', n: expect.any(Number) });
  });
});
