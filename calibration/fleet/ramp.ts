import { mergeMoments } from '../../src/core/moments.ts';
import { postStratified, type Stratum } from '../../src/statistics/cuped/post-stratification.ts';
import { normalSf } from '../../src/statistics/distributions.ts';
import type { Sample } from '../../src/statistics/inference.ts';
import { adjustPValues } from '../../src/statistics/multiple-testing.ts';
import { sampleOfMean, sampleOfRatio } from '../../src/statistics/samples.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { type Design, LOOKS, metricsOf } from './design.ts';
import type { History } from './history.ts';
import { phasesOf } from './warehouse.ts';

type Type = 'MEAN' | 'RATIO';
/** Two-sided p, and whether the treatment is the higher. */
interface Tested {
  readonly pValue: number;
  readonly higher: boolean;
}
type Estimator = (strata: readonly Stratum[], type: Type) => Tested;

/** Ways to compare two arms whose allocation changed while the level moved. */
const ESTIMATORS: Readonly<Record<string, Estimator>> = {
  'all units as one': (strata, type) => {
    const [control, treatment] = (['control', 'treatment'] as const).map((arm) =>
      sampleOf(strata.map((stratum) => stratum[arm]).reduce(mergeMoments), type),
    ) as [Sample, Sample];
    return welch(control, treatment);
  },
  'post-stratified if that is more precise': (strata, type) => {
    const arms = postStratified(strata, { type });
    if (!arms.ok) throw new Error(arms.reason);
    return welch(arms.control, arms.treatment);
  },
  'by phase, weighed by units': (strata, type) => weighed(strata, type, (c, t) => c + t),
  'by phase, weighed by precision': (strata, type) => weighed(strata, type, (c, t) => (c * t) / (c + t)),
};

export const RAMP_ESTIMATORS = Object.keys(ESTIMATORS);
/** What is said when an estimator leads to SHIP. */
export const shipsBy = (estimator: string) => `SHIP: ${estimator}`;

/** Which estimators would ship the treatment when all units are mature: two-sided, Holm over the goals. */
export function judgeRamp(history: History, design: Design): readonly string[] {
  const [control, treatment] = history.variants as [string, string];
  const goals = metricsOf(design).slice(0, design.goals);
  return RAMP_ESTIMATORS.filter((estimator) => {
    const tests = goals.map(({ name, type }) => {
      const strata = phasesOf(design).map(({ from, before }): Stratum => {
        const moments = (variant: string) =>
          history.moments(variant, name, { from, before, at: LOOKS.at(-1)!, matureOnly: true })!;
        return { name: String(from), control: moments(control), treatment: moments(treatment) };
      });
      return ESTIMATORS[estimator]!(strata, type === 'RATIO' ? 'RATIO' : 'MEAN');
    });
    const adjusted = adjustPValues(
      tests.map(({ pValue }) => pValue),
      'HOLM',
    );
    return tests.some(({ higher }, i) => higher && adjusted[i]! <= 0.05);
  }).map(shipsBy);
}

function welch(control: Sample, treatment: Sample): Tested {
  const test = welchTest(control, treatment, { level: 0.95 });
  if (!test.ok) throw new Error(test.reason);
  return { pValue: test.pValue, higher: test.difference > 0 };
}

function sampleOf(moments: Stratum['control'], type: Type): Sample {
  const sample = type === 'RATIO' ? sampleOfRatio(moments) : sampleOfMean(moments);
  if (!sample.ok) throw new Error(sample.reason);
  return sample;
}

/** The differences of the phases, weighed by a function of their units alone. */
function weighed(strata: readonly Stratum[], type: Type, weightOf: (c: number, t: number) => number): Tested {
  let [difference, variance] = [0, 0];
  for (const stratum of strata) {
    const [c, t] = [sampleOf(stratum.control, type), sampleOf(stratum.treatment, type)];
    const weight = weightOf(c.n, t.n);
    difference += weight * (t.mean - c.mean);
    variance += weight ** 2 * (c.variance / c.n + t.variance / t.n);
  }
  return { pValue: 2 * normalSf(Math.abs(difference) / Math.sqrt(variance)), higher: difference > 0 };
}
