import {
  type GroupSequentialDesign,
  groupSequentialBoundaries,
} from '../../src/statistics/group-sequential/boundaries.ts';
import { rate } from '../measure.ts';
import type { Family, Simulation } from '../simulation.ts';
import { GROUP_SEQUENTIAL } from '../targets.ts';

const EQUAL = [0.2, 0.4, 0.6, 0.8, 1];
const UNEQUAL = [0.05, 0.1, 0.25, 0.3, 0.31, 0.5, 0.7, 0.75, 0.9, 1];

function paths(name: string, design: Omit<GroupSequentialDesign, 'alpha'>): Simulation {
  return {
    name: `group sequential: ${name}`,
    runs: 200_000,
    chunk: 5000,
    prepare: () => {
      const boundaries = groupSequentialBoundaries({ ...design, alpha: 0.05 });
      if (!boundaries.ok) throw new Error(`${name} has no boundaries: ${boundaries.reason}.`);
      // the score is a Brownian motion in the information
      const steps = boundaries.looks.map(({ information, z }, k) => {
        const step = Math.sqrt(information - (design.looks[k - 1] ?? 0));
        return { step, limit: (z ?? Number.POSITIVE_INFINITY) * Math.sqrt(information) };
      });
      const oneSided = design.alternative === 'greater';
      return (random) => {
        let score = 0;
        for (const { step, limit } of steps) {
          score += step * random.normal();
          if ((oneSided ? score : Math.abs(score)) >= limit) return { stopped: true };
        }
        return { stopped: false };
      };
    },
    claims: [
      { what: name, promise: 'stops 5 % of paths without effect', measure: rate('stopped'), target: GROUP_SEQUENTIAL },
    ],
  };
}

export const groupSequentialFamily: Family = {
  title: 'Group-sequential boundaries',
  note: `Paths of the test statistic under the null hypothesis, held against the boundaries of error spending at α = .05.`,
  simulations: [
    paths('O’Brien–Fleming, 5 equal looks', { spending: { kind: 'OBRIEN_FLEMING' }, looks: EQUAL }),
    paths('O’Brien–Fleming, 10 unequal looks', { spending: { kind: 'OBRIEN_FLEMING' }, looks: UNEQUAL }),
    paths('Pocock, 5 equal looks', { spending: { kind: 'POCOCK' }, looks: EQUAL }),
    paths('t², 10 unequal looks', { spending: { kind: 'POWER', rho: 2 }, looks: UNEQUAL }),
    paths('O’Brien–Fleming, one-sided, last look at 1.2 of the plan', {
      spending: { kind: 'OBRIEN_FLEMING' },
      looks: [0.25, 0.5, 0.9, 1.2],
      alternative: 'greater',
    }),
  ],
};
