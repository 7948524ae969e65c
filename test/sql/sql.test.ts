import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDuckDb } from '../../src/engine/duckdb/duckdb.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import { bind, compile, ident, join, type Sql, sql, trusted } from '../../src/sql/sql.ts';
import { as, statement } from '../../src/sql/statement.ts';

const duckdb = (query: Sql) => compile(query, DIALECTS.DUCKDB.placeholder);
const trino = (query: Sql) => compile(query, DIALECTS.TRINO.placeholder);

let engine: Engine;
beforeAll(async () => {
  engine = await openDuckDb({ path: null });
});
afterAll(() => engine.close());

const rowOf = async (query: Sql) => (await engine.query(duckdb(query))).rows[0]!;

describe('fragments', () => {
  test('values become numbered parameters, in the order in which they stand', () => {
    const inner = sql`b = ${bind(2)}`;
    expect(duckdb(sql`select ${bind('x')} where a = ${bind(1)} and ${inner}`)).toEqual({
      sql: 'select $1 where a = $2 and b = $3',
      parameters: ['x', 1, 2],
    });
    expect(trino(sql`select ${bind('x')} where ${inner}`)).toEqual({
      sql: 'select ? where b = ?',
      parameters: ['x', 2],
    });
  });

  test('a fragment that is used twice binds its value twice', () => {
    const value = bind('x');
    expect(duckdb(sql`${value} = ${value}`)).toEqual({ sql: '$1 = $2', parameters: ['x', 'x'] });
  });

  test('names are quoted, and a quote inside one is doubled', () => {
    expect(duckdb(ident('plain')).sql).toBe('"plain"');
    expect(duckdb(ident('raw', 'a "b" c')).sql).toBe('"raw"."a ""b"" c"');
    expect(duckdb(as(sql`1`, 'x"; drop table t; --')).sql).toBe('1 as "x""; drop table t; --"');
  });

  test('lists are joined; an empty list is nothing', () => {
    expect(duckdb(join([bind(1), bind(2)], ', '))).toEqual({ sql: '$1, $2', parameters: [1, 2] });
    expect(duckdb(join([], ', '))).toEqual({ sql: '', parameters: [] });
  });

  test('a statement is its steps, each under its comment', () => {
    const steps = [
      { name: 'first', comment: 'what comes first', query: sql`select 1 as "x"`, reused: true },
      { name: 'second', comment: 'what follows', query: sql`select * from first` },
    ];
    expect(
      duckdb(statement(steps, sql`select * from second`, { kind: 'materialized', clause: ' as materialized' })).sql,
    ).toBe(
      'with\n-- what comes first\n"first" as materialized (\nselect 1 as "x"\n),\n-- what follows\n"second" as (\nselect * from first\n)\nselect * from second',
    );
  });
});

describe('on DuckDB', () => {
  // What no text column holds is refused before: a NUL, and halves of surrogate pairs.
  const text = fc
    .string({ unit: 'binary', maxLength: 60 })
    .filter((value) => !value.includes('\0') && value.isWellFormed());
  const nasty = fc.constantFrom(
    "'",
    '"',
    "''",
    '\\',
    '$1',
    '?',
    ';',
    '--',
    '/*',
    '%',
    '_',
    'Ü',
    '👩‍🚀',
    '\u202e',
    '\n',
    '\u0001',
    "'; drop table t; --",
  );
  const value = fc.oneof(
    text,
    nasty,
    fc.array(nasty, { maxLength: 6 }).map((parts) => parts.join('')),
  );

  test('any text that is bound comes back as it is', async () => {
    await fc.assert(
      fc.asyncProperty(value, async (given) => {
        const { v, same, length } = await rowOf(
          sql`select ${bind(given)} as v, ${bind(given)} = ${bind(given)} as same, length(${bind(given)}) as length`,
        );
        expect([v, same]).toEqual([given, true]);
        expect(length).toBe([...given].length);
      }),
      { numRuns: 150 },
    );
  });

  test('any name that is quoted names a column', async () => {
    await fc.assert(
      fc.asyncProperty(
        value.filter((given) => given !== ''),
        async (name) => {
          const row = await rowOf(sql`select ${ident('t', name)} from (select 1 as ${ident(name)}) as t`);
          expect(row).toEqual({ [name]: 1 });
        },
      ),
      { numRuns: 100 },
    );
  });

  test.each(Object.values(DIALECTS))(
    'any double is a literal that reads back as the same bits ($name’s form)',
    async (dialect) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.double({ noDefaultInfinity: true, noNaN: true }), { minLength: 1, maxLength: 20 }),
          async (values) => {
            const row = await rowOf(
              sql`select ${join(
                values.map((one, i) => as(trusted(dialect.number(one)), `v${i}`)),
                ', ',
              )}, typeof(${trusted(dialect.number(values[0]!))}) as type`,
            );
            expect(values.map((_, i) => row[`v${i}`])).toEqual(
              values.map((one) => (Object.is(one, -0) ? expect.closeTo(0) : one)),
            );
            expect(row.type).toBe('DOUBLE');
          },
        ),
        { numRuns: 60 },
      );
    },
  );

  test.each([[0], [0.1], [1e21], [1e-7], [5e-324], [1.7976931348623157e308], [-1.5], [123456789012345680]])(
    '%d is a double on both engines: it has an exponent',
    (number) => {
      for (const dialect of Object.values(DIALECTS)) {
        const literal = dialect.number(number);
        expect(literal).toMatch(/^-?\d+(\.\d+)?e[+-]?\d+$/);
        expect(Number(literal)).toBe(number);
      }
    },
  );

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%d is no literal', (number) => {
    for (const dialect of Object.values(DIALECTS)) expect(() => dialect.number(number)).toThrow(/finite/);
  });
});

describe('what differs between the engines', () => {
  const { DUCKDB, TRINO } = DIALECTS;
  const column = ident('c');

  test.each<[string, string, string]>([
    ['TIMESTAMP WITH TIME ZONE', `("c" at time zone 'UTC')`, `cast("c" at time zone 'UTC' as timestamp(6))`],
    ['timestamp(6) with time zone', `("c" at time zone 'UTC')`, `cast("c" at time zone 'UTC' as timestamp(6))`],
    ['TIMESTAMP', '"c"', 'cast("c" as timestamp(6))'],
    ['TIMESTAMP_NS', 'cast("c" as timestamp)', 'cast("c" as timestamp(6))'],
    ['DATE', 'cast("c" as timestamp)', 'cast("c" as timestamp(6))'],
    [
      'VARCHAR',
      `(try_cast("c" as timestamptz) at time zone 'UTC')`,
      `cast(coalesce(try(from_iso8601_timestamp_nanos(replace("c", ' ', 'T'))), try_cast(regexp_replace("c", '(\\d)T(\\d)', '$1 $2') as timestamp(6) with time zone)) at time zone 'UTC' as timestamp(6))`,
    ],
  ])('an instant of type %s', (type, onDuckDb, onTrino) => {
    expect([duckdb(DUCKDB.instant(column, type)).sql, trino(TRINO.instant(column, type)).sql]).toEqual([
      onDuckDb,
      onTrino,
    ]);
  });

  test('days follow the calendar of the zone; hours do not', async () => {
    const day = (instant: string, zone: string) =>
      rowOf(
        sql`select ${DUCKDB.period(DUCKDB.timestamp(bind(instant)), 'DAY', zone)} as day, ${DUCKDB.period(DUCKDB.timestamp(bind(instant)), 'HOUR', zone)} as hour`,
      );
    expect(await day('2026-03-28 23:30:00', 'Europe/Berlin')).toEqual({
      day: '2026-03-29',
      hour: '2026-03-28T23:00:00Z',
    });
    expect(await day('2026-03-29 22:30:00', 'Europe/Berlin')).toEqual({
      day: '2026-03-30',
      hour: '2026-03-29T22:00:00Z',
    });
    expect(await day('2026-03-29 03:30:00', 'America/New_York')).toEqual({
      day: '2026-03-28',
      hour: '2026-03-29T03:00:00Z',
    });
  });

  test.each([
    [[1, 2, 3, 4], 0.5, 2.5],
    [[10], 0.99, 10],
    [[3, 1, 2, 5, 4], 0.9, 4.6],
    [[0, 0, 0, 100], 0.75, 25],
    [[null, 7, null, 9], 0.5, 8],
    [[null], 0.5, null],
  ])('the percentile of %j at %d is %d', async (values, p, expected) => {
    const rows = join(
      values.map((value) => sql`(cast(${bind(value)} as double))`),
      ', ',
    );
    const { q } = await rowOf(sql`select ${DUCKDB.quantile(ident('v'), p)} as q from (values ${rows}) as t (v)`);
    if (expected === null) expect(q).toBeNull();
    else expect(q).toBeCloseTo(expected, 12);
  });
});
