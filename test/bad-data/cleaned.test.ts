import { beforeAll, describe, expect, test } from 'vitest';
import type { Data } from '../support/service.ts';
import { BOUGHT, type Change, excludedFor, experimentOver, gateOf, numbersOf, resultOf } from './support.ts';

/** Bad rows beside sound ones: they are left out and counted, and neither the numbers nor the verdict know of them. */
interface Case extends Change {
  readonly title: string;
  check(experiment: Data): void;
}

const left = (reason: string, rows: number, units: number) => (experiment: Data) => {
  expect(excludedFor(experiment, reason)).toMatchObject({ rows, units });
};
const warned = (gate: string, value: number) => (experiment: Data) => {
  expect(gateOf(experiment, gate)).toMatchObject({ status: 'WARNING', value });
};
const nothing = (experiment: Data) => {
  expect(experiment.assignments.excluded).toEqual([]);
  expect(experiment.dataQuality.gates.filter(({ status }: Data) => status !== 'PASSED')).toEqual([]);
};

const CASES: readonly Case[] = [
  {
    title: '46 null and empty variants',
    assignments: "('n1', null, timestamp '2026-03-02'), ('n2', '', timestamp '2026-03-02')",
    events: "('n1', timestamp '2026-03-03', 'purchase', 1000e0)",
    check: left('NULL_VARIANT', 2, 2),
  },
  {
    title: '47 variants that are not configured, whatever they resemble',
    assignments:
      "('k1', 'blue', timestamp '2026-03-02'), ('k2', 'Control', timestamp '2026-03-02'), ('k2', 'control ', timestamp '2026-03-02')",
    events: "('k1', timestamp '2026-03-03', 'purchase', 1000e0)",
    check(experiment) {
      left('UNKNOWN_VARIANT', 3, 2)(experiment);
      warned('unknown_variant', 3)(experiment);
    },
  },
  {
    title: '48 assignment rows that are there again, at once and later: the first counts',
    assignments:
      "('u2', 'control', timestamp '2026-03-01 02:00:00'), ('u2', 'control', timestamp '2026-03-04'), ('u1', 'treatment', timestamp '2026-03-14')",
    check(experiment) {
      nothing(experiment);
      expect(experiment.assignments).toMatchObject({ rows: 403, units: 400 });
    },
  },
  {
    title: '50 events before the assignment, even by a microsecond',
    events:
      "('u2', timestamp '2026-03-01 01:59:59.999999', 'purchase', 1000e0), ('u2', timestamp '2026-02-20', 'purchase', 1000e0)",
    check: nothing,
  },
  {
    title: '52 events at the end of the window and after it',
    events: "('u2', timestamp '2026-03-08 02:00:00', 'gift', 1000e0), ('u1', timestamp '2026-03-09', 'gift', 1000e0)",
    check: nothing,
  },
  {
    title: '53 assignments at asOf and after it',
    assignments: "('f1', 'control', timestamp '2026-05-01'), ('f2', 'treatment', timestamp '2031-01-01')",
    events: "('f1', timestamp '2026-05-01', 'purchase', 1e0), ('u2', timestamp '2031-01-01', 'purchase', 1e0)",
    check(experiment) {
      nothing(experiment);
      expect(experiment.assignments.rows).toBe(400);
      expect(gateOf(experiment, 'freshness:events').message).toContain('2026-04-20');
    },
  },
  {
    title: '55 NaN',
    events: "('u2', timestamp '2026-03-03', 'gift', 'nan'::double)",
    check: warned('values:revenue', 1),
  },
  {
    title: '56 infinities of both signs, which would abort the statement',
    events:
      "('u2', timestamp '2026-03-03', 'gift', 'inf'::double), ('u1', timestamp '2026-03-03', 'gift', '-inf'::double), ('u1', timestamp '2026-03-03', 'gift', 'inf'::double)",
    check: warned('values:revenue', 3),
  },
  {
    title: '62 null values, which are no fault',
    events: "('u2', timestamp '2026-03-03', 'gift', null)",
    check: nothing,
  },
  {
    title: '65 decimal(38,18)',
    allEvents: `select * replace (cast(amount as decimal(38, 18)) as amount) from (${BOUGHT})`,
    check: nothing,
  },
  {
    title: '66 text in a numeric column',
    allEvents: `select * replace (cast(amount as varchar) as amount) from (${BOUGHT}) union all by name
      select * from (values ('u2', timestamp '2026-03-03', 'gift', 'abc'), ('u1', timestamp '2026-03-03', 'gift', '12,50'), ('u1', timestamp '2026-03-03', 'gift', 'NaN')) as v(user_id, seen_at, name, amount)`,
    check: warned('values:revenue', 3),
  },
];

describe('bad rows beside sound ones', () => {
  let sound: Data;
  beforeAll(async () => {
    sound = await experimentOver();
  });

  test('the sound data ship and raise no gate', () => {
    expect(sound.summary.verdict).toBe('SHIP');
    nothing(sound);
  });

  test.each(CASES)('$title', async ({ check, title: _, ...change }) => {
    const experiment = await experimentOver(change);
    expect(numbersOf(experiment)).toEqual(numbersOf(sound));
    expect(experiment.summary.verdict).toBe('SHIP');
    check(experiment);
  });

  test('51 an event exactly at the assignment counts, as does one a microsecond before the window ends', async () => {
    const events =
      "('u2', timestamp '2026-03-01 02:00:00', 'gift', 5e0), ('u2', timestamp '2026-03-08 01:59:59.999999', 'gift', 2e0)";
    const before = resultOf(sound, 'revenue').control;
    const after = resultOf(await experimentOver({ events }), 'revenue').control;
    expect(after).toMatchObject({ units: before.units, sum: before.sum + 7 });
  });

  test('53 events at asOf and after it are not there, in an open window too', async () => {
    const change = {
      now: '2026-03-09T12:00:00Z',
      metrics: { total: '{ type: mean, source: events, value: { column: amount } }' },
    };
    const events =
      "('u2', timestamp '2026-03-09 12:00:00', 'gift', 1000e0), ('u1', timestamp '2026-03-09 12:00:01', 'gift', 1000e0)";
    const [without, with_, earlier] = await Promise.all([
      experimentOver(change),
      experimentOver({ ...change, events }),
      experimentOver({ ...change, events: "('u2', timestamp '2026-03-09 11:59:59', 'gift', 1000e0)" }),
    ]);
    expect(numbersOf(with_)).toEqual(numbersOf(without));
    expect(resultOf(earlier, 'total').control.sum).toBe(resultOf(without, 'total').control.sum + 1000);
  });

  test('54 a negative value counts, and is flagged where the metric states a minimum', async () => {
    const events = "('u2', timestamp '2026-03-03', 'refund', -5e0)";
    const [plain, bounded] = await Promise.all([
      experimentOver({ events }),
      experimentOver({ events, value: '{ column: amount, min: 0 }' }),
    ]);
    for (const experiment of [plain, bounded]) {
      expect(resultOf(experiment, 'revenue').control.sum).toBe(resultOf(sound, 'revenue').control.sum - 5);
    }
    nothing(plain);
    expect(gateOf(bounded, 'minimum:revenue')).toMatchObject({ status: 'WARNING', value: 1 });
  });

  test('62 a unit without a value is zero, or left out where the metric says so', async () => {
    const metrics = {
      rating: `{ type: mean, source: events, value: { column: amount, aggregate: avg, whenMissing: exclude, where: "name = 'survey'" } }`,
      rating_or_zero: `{ type: mean, source: events, value: { column: amount, aggregate: avg, whenMissing: zero, where: "name = 'survey'" } }`,
    };
    const answers = [1, 3, 5].map(
      (i) =>
        `('u${i}', timestamp '2026-03-05', 'survey', ${i}e0), ('u${i + 1}', timestamp '2026-03-05', 'survey', ${i}e0)`,
    );
    const experiment = await experimentOver({
      metrics,
      events: [...answers, "('u7', timestamp '2026-03-05', 'survey', null)"].join(', '),
    });
    expect(resultOf(experiment, 'rating').treatment).toMatchObject({ units: 3, mean: 3, unitsWithValue: 3 });
    expect(resultOf(experiment, 'rating_or_zero').treatment).toMatchObject({
      units: 200,
      mean: 9 / 200,
      unitsWithValue: 3,
    });
  });
});
