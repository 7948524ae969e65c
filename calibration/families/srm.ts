import { sampleRatioTest } from '../../src/statistics/srm.ts';
import type { Claim } from '../claim.ts';
import { rate } from '../measure.ts';
import type { Family, Simulation } from '../simulation.ts';
import { rateTarget, SRM_ALARM, SRM_FIVE_PERCENT } from '../targets.ts';

/** Units of arms that are drawn by their true weights and tested against the planned ones. */
function allocation(
  name: string,
  units: number,
  planned: readonly number[],
  truth: readonly number[],
  runs: number,
  claims: readonly Claim[],
): Simulation {
  return {
    name: `SRM: ${name}`,
    runs,
    chunk: runs / 40,
    prepare: () => (random) => {
      const counts = random.multinomial(units, truth);
      const test = sampleRatioTest(counts.map((observed, i) => ({ observed, weight: planned[i]! })));
      return { alarm: test.ok ? test.pValue < 0.001 : null, rejected: test.ok ? test.pValue <= 0.05 : null };
    },
    claims,
  };
}

const rates = (name: string): Claim[] => [
  { what: name, promise: 'alarm at .001', measure: rate('alarm'), target: SRM_ALARM },
  { what: name, promise: 'rejects 5 % at .05', measure: rate('rejected'), target: SRM_FIVE_PERCENT },
];

export const srmFamily: Family = {
  title: 'Sample ratio mismatch',
  note: 'Units of the arms are multinomial. An alarm is p < .001, as it is served.',
  simulations: [
    allocation('50/30/20, n 50,000', 50_000, [50, 30, 20], [50, 30, 20], 100_000, rates('50/30/20, n 50,000')),
    allocation(
      '5 equal arms, n 1,000',
      1000,
      [1, 1, 1, 1, 1],
      [1, 1, 1, 1, 1],
      100_000,
      rates('5 equal arms, n 1,000'),
    ),
    allocation('51:49 for 50:50, n 100,000', 100_000, [1, 1], [51, 49], 10_000, [
      {
        what: '51:49 instead of 50:50, n 100,000',
        promise: 'alarm in 99 % or more',
        measure: rate('alarm'),
        target: rateTarget(0.99, null),
      },
    ]),
  ],
};
