import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDuckDb } from '../../src/engine/duckdb/duckdb.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { TRINO_DEFAULTS } from '../../src/engine/trino/options.ts';
import { openTrino } from '../../src/engine/trino/trino.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import { bind, compile, ident, join, type Sql, sql, trusted } from '../../src/sql/sql.ts';
import { as } from '../../src/sql/statement.ts';
import { takesSteps } from '../plan/world/measured.ts';
import { describeOn, type EngineName } from '../support/engines.ts';
import { TRINO_URL } from '../support/trino.ts';

const OPEN: Readonly<Record<EngineName, () => Promise<Engine>>> = {
  DuckDB: () => openDuckDb({ path: null }),
  Trino: () => openTrino({ ...TRINO_DEFAULTS, server: TRINO_URL! }),
};

/** Instants to the microsecond, with the days from the first of each to the second, rounded down. */
const SPANS = [
  ['2026-03-01 00:00:00.000500', '2026-03-02 00:00:00.000499', 0],
  ['2026-03-01 00:00:00.000500', '2026-03-02 00:00:00.000500', 1],
  ['2026-03-01 00:00:00.000999', '2026-03-02 00:00:00.000001', 0],
  ['2026-03-01 12:34:56.123456', '2026-03-01 12:34:56.123456', 0],
  ['2026-03-01 12:34:56.123456', '2026-03-01 12:34:56.123455', -1],
  ['2026-03-01 12:34:56.123456', '2026-02-28 12:34:56.123456', -1],
  ['2026-03-01 12:34:56.123456', '2026-02-28 12:34:56.123455', -2],
  ['2038-01-19 03:14:07.999999', '2038-01-20 03:14:07.999998', 0],
  ['1999-12-31 23:59:59.999999', '2000-01-07 23:59:59.999999', 7],
] as const;

/** Numbers that look like chance and are the same in every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const STEPS = 4;
interface Taking {
  readonly unit: number;
  readonly at: number;
  /** Which of the steps the row can take. */
  readonly takes: readonly boolean[];
}

/** Units with a few rows at few moments, so that many rows share one. */
function units(count: number): readonly (readonly Taking[])[] {
  const next = random(7);
  return Array.from({ length: count }, (_, unit) =>
    Array.from({ length: 1 + next(9) }, () => ({
      unit,
      at: next(14),
      takes: Array.from({ length: STEPS }, () => next(3) === 0),
    })),
  );
}

const UNITS = units(500);
/** How long after the step before it each step may be taken; its length is the number of steps. */
const FUNNELS: readonly (readonly (number | null)[])[] = [
  [null, null],
  [null, 0],
  [null, 3],
  [null, 2, 2],
  [null, null, 1],
  [null, 4, null],
  [null, 1, 1, 1],
  [null, 5, null, 0],
  [null, null, null, null],
];

for (const name of Object.keys(OPEN) as EngineName[])
  describeOn(name, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await OPEN[name]();
    });
    afterAll(() => engine?.close());
    const rowsOf = async (query: Sql) =>
      (await engine.query(compile(query, DIALECTS[engine.dialect].placeholder))).rows;

    test.each(SPANS)('%s to %s: days of 24 hours to the microsecond', async (from, to, days) => {
      const dialect = DIALECTS[engine.dialect];
      const instant = (text: string) => dialect.timestamp(bind(text));
      const micros = (text: string) => Date.parse(`${text.slice(0, 19)}Z`) * 1000 + Number(text.slice(20));
      const [row] = await rowsOf(
        sql`select ${as(dialect.elapsedDays(instant(from), instant(to)), 'days')}, ${as(dialect.microseconds(instant(to)), 'at')}`,
      );
      expect([Number(row!.days), row!.at]).toEqual([days, micros(to)]);
    });

    test('steps in order are found where there are any, as when every way is tried', async () => {
      const dialect = DIALECTS[engine.dialect];
      const whole = (value: number) => trusted(String(value));
      const rows = UNITS.flat().map(
        ({ unit, at, takes }) => sql`(${join([unit, at, ...takes.map(Number)].map(whole), ', ')})`,
      );
      const columns = ['unit', 'at', ...Array.from({ length: STEPS }, (_, i) => `s${i}`)];
      const found = await rowsOf(sql`select "unit", ${join(
        FUNNELS.map((withins, i) =>
          as(
            dialect.inOrder(
              sql`cast("at" as bigint)`,
              withins.map((within, step) => ({ when: sql`${ident(`s${step}`)} = 1`, within })),
            ),
            `f${i}`,
          ),
        ),
        ', ',
      )}
        from (values ${join(rows, ', ')}) as t (${join(
          columns.map((column) => ident(column)),
          ', ',
        )}) group by "unit" order by "unit"`);
      const expected = UNITS.map((own) =>
        FUNNELS.map((withins) =>
          takesSteps(
            own,
            withins.map((within, step) => ({ within, where: ({ takes }: Taking) => takes[step]! })),
          ),
        ),
      );
      expect(found.map((row) => FUNNELS.map((_, i) => row[`f${i}`]))).toEqual(expected);
    });

    test('a unit of thirty thousand rows is one more unit', async () => {
      const dialect = DIALECTS[engine.dialect];
      const digits = sql`(values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))`;
      const places = ['a', 'b', 'c', 'd', 'e'];
      const number = trusted(places.map((place, i) => `${place}.n * ${10 ** i}`).join(' + '));
      const from = join(
        places.map((place) => sql`${digits} as ${trusted(place)} (n)`),
        ' cross join ',
      );
      const steps = (within: number) => [
        { when: sql`"at" % 2 = 0`, within: null },
        { when: sql`"at" % 2 = 1`, within },
      ];
      const at = sql`cast("at" as bigint)`;
      const [row] = await rowsOf(
        sql`select ${as(dialect.inOrder(at, steps(0)), 'never')}, ${as(dialect.inOrder(at, steps(1)), 'soon')} from (select ${number} as "at" from ${from}) as t where "at" < 30000`,
      );
      expect(row).toEqual({ never: false, soon: true });
    });
  });

describe('the funnels are about something', () => {
  const greedy = (own: readonly Taking[], withins: readonly (number | null)[]) => {
    let after: number | null = null;
    for (const [step, within] of withins.entries()) {
      const times: readonly number[] = own
        .filter(({ takes, at }) => takes[step] && (after === null || at >= after))
        .map(({ at }) => at);
      const first = Math.min(...times);
      if (times.length === 0 || (within !== null && first - after! > within)) return false;
      after = first;
    }
    return true;
  };

  test('some units take all steps by another row than the earliest', () => {
    const found = UNITS.flatMap((own) =>
      FUNNELS.map((withins) => {
        const steps = withins.map((within, step) => ({ within, where: ({ takes }: Taking) => takes[step]! }));
        return [takesSteps(own, steps), greedy(own, withins)];
      }),
    );
    expect(found.filter(([any, first]) => any && !first).length).toBeGreaterThan(20);
    expect(found.filter(([any]) => any).length).toBeGreaterThan(200);
    expect(found.filter(([any]) => !any).length).toBeGreaterThan(200);
  });
});
