import { describe, expect, test } from 'vitest';

import type { Data } from '../support/service.ts';
import { ASSIGNED, BOUGHT, type Change, excludedFor, experimentOver, gateOf, resultOf } from './support.ts';

/** Data that cannot carry the decision: what is not known is null with its reason, and nothing ships. */
interface Case extends Change {
  readonly title: string;
  readonly verdict: string;
  /** Of the goal's difference and lift. */
  readonly unknown: readonly [string | null, string | null];
  check?(experiment: Data): void;
}

const amounts = (amount: string) => `select * replace (${amount} as amount) from (${BOUGHT})`;

const CASES: readonly Case[] = [
  {
    title: '57 an empty variant',
    allAssignments: `select * replace ('control' as variant) from (${ASSIGNED})`,
    verdict: 'INVALID',
    unknown: ['NO_UNITS', 'NO_UNITS'],
    check(experiment) {
      expect(resultOf(experiment, 'revenue').treatment).toMatchObject({
        units: 0,
        mean: null,
        variance: null,
        interval: null,
      });
      expect(resultOf(experiment, 'revenue').control.units).toBe(400);
      expect(gateOf(experiment, 'sample_ratio_mismatch').status).toBe('FAILED');
    },
  },
  {
    title: '81 no assignments at all',
    allAssignments: `select * from (${ASSIGNED}) where false`,
    verdict: 'BLOCKED',
    unknown: ['NO_UNITS', 'NO_UNITS'],
    check(experiment) {
      expect(experiment.sampleRatioMismatch).toMatchObject({ detected: null, pValue: null, unknown: 'NO_UNITS' });
      expect(gateOf(experiment, 'freshness:assignments').status).toBe('FAILED');
    },
  },
  {
    title: '58 one unit in each arm',
    allAssignments: `${ASSIGNED} where i <= 2`,
    verdict: 'INCONCLUSIVE',
    unknown: ['TOO_FEW_UNITS', 'TOO_FEW_UNITS'],
    check(experiment) {
      expect(resultOf(experiment, 'revenue')).toMatchObject({
        outcome: 'UNKNOWN',
        flags: ['SMALL_SAMPLE'],
        control: { units: 1, mean: 39, variance: null },
      });
    },
  },
  {
    title: '59 zero variance in both arms, however far apart they are',
    allEvents: `select * replace (case when cast(substr(user_id, 2) as int) % 2 = 0 then 5e0 else 8e0 end as amount) from (${BOUGHT}
      ) where name = 'purchase' qualify row_number() over (partition by user_id) = 1 union all select 'nobody', timestamp '2026-04-20', 'ping', 0e0`,
    verdict: 'INCONCLUSIVE',
    unknown: ['ZERO_VARIANCE', 'ZERO_VARIANCE'],
    check(experiment) {
      expect(resultOf(experiment, 'revenue')).toMatchObject({
        control: { variance: 0, interval: null },
        difference: { value: 3, interval: null, pValue: null },
        outcome: 'UNKNOWN',
      });
    },
  },
  {
    title: '60 every value is zero',
    allEvents: amounts('0e0'),
    verdict: 'INCONCLUSIVE',
    unknown: ['ZERO_VARIANCE', 'ZERO_BASELINE'],
    check(experiment) {
      expect(resultOf(experiment, 'revenue')).toMatchObject({
        control: { sum: 0, mean: 0, unitsWithValue: 0 },
        difference: { value: 0 },
        lift: { value: null },
      });
    },
  },
  {
    title: '55 every value is NaN',
    allEvents: amounts("'nan'::double"),
    verdict: 'INCONCLUSIVE',
    unknown: ['ZERO_VARIANCE', 'ZERO_BASELINE'],
    check: (experiment) => expect(gateOf(experiment, 'values:revenue').value).toBeGreaterThan(400),
  },
  {
    title: '63 sums beyond the doubles',
    allEvents: amounts('1.5e308'),
    verdict: 'INCONCLUSIVE',
    unknown: ['OVERFLOW', 'OVERFLOW'],
    check(experiment) {
      expect(resultOf(experiment, 'revenue')).toMatchObject({
        control: { units: 200, sum: null, mean: null },
        difference: { value: null },
        outcome: 'UNKNOWN',
      });
    },
  },
  {
    title: '63 values whose squares are beyond the doubles',
    events: "('u2', timestamp '2026-03-03', 'gift', 1e200)",
    verdict: 'INCONCLUSIVE',
    unknown: ['OVERFLOW', 'OVERFLOW'],
    check: (experiment) => expect(resultOf(experiment, 'revenue').control.mean).toBeCloseTo(5e197, -190),
  },
  {
    title: '77 no events at all',
    allEvents: `select * from (${BOUGHT}) where false`,
    verdict: 'BLOCKED',
    unknown: ['ZERO_VARIANCE', 'ZERO_BASELINE'],
    check: (experiment) => expect(gateOf(experiment, 'freshness:events').status).toBe('FAILED'),
  },
];

describe('data that cannot carry a decision', () => {
  test.each(CASES)('$title', async ({ title: _, verdict, unknown, check, ...change }) => {
    const experiment = await experimentOver(change);
    const { difference, lift } = resultOf(experiment, 'revenue');
    expect([difference.unknown, lift.unknown]).toEqual(unknown);
    expect(experiment.summary.verdict).toBe(verdict);
    expect(experiment.summary.winner).toBeNull();
    check?.(experiment);
  });

  test.each([
    ['3 of 400 are left out and warned of', 3, 'WARNING', 'SHIP'],
    ['9 of 400 are many, but too few to tell', 9, 'WARNING', 'SHIP'],
    ['10 of 400 make the comparison invalid', 10, 'FAILED', 'INVALID'],
  ])('49 units in several variants: %s', async (_, units, status, verdict) => {
    const assignments = `${ASSIGNED.replace("'control' else 'treatment'", "'treatment' else 'control'").replace('i % 48', 'i % 48 + 60')} where i <= ${units}`;
    const experiment = await experimentOver({ assignments });
    const half = Math.ceil(units / 2);
    expect(excludedFor(experiment, 'MULTIPLE_VARIANTS')).toMatchObject({
      rows: 2 * units,
      units,
      byVariant: [{ units: units - half }, { units: half }],
    });
    expect(experiment.assignments.units).toBe(400 - units);
    expect(gateOf(experiment, 'multiple_exposure')).toMatchObject({ status, value: units / 400, threshold: 0.01 });
    expect(experiment.summary.verdict).toBe(verdict);
    expect(experiment.summary.treatments[0].reasons.map(({ code }: Data) => code)).toEqual([
      verdict === 'SHIP' ? 'GOAL_BETTER' : 'MULTIPLE_EXPOSURE',
    ]);
  });
});
