import type { Moments } from '../../src/core/moments.ts';
import type { LiftMethod } from '../../src/core/vocabulary.ts';
import { criticalValue } from '../../src/statistics/alternative.ts';
import { contrast } from '../../src/statistics/contrast.ts';
import type { Inference, Interval, Sample } from '../../src/statistics/inference.ts';
import { lift } from '../../src/statistics/lift.ts';
import { sampleOfMean, sampleOfProportion } from '../../src/statistics/samples.ts';
import type { Claim, Target } from '../claim.ts';
import { complement, rate } from '../measure.ts';
import {
  bernoulliMetric,
  lognormalMetric,
  type Metric,
  normalMetric,
  poissonMetric,
  zeroInflatedMetric,
} from '../moments.ts';
import type { Family, Simulation } from '../simulation.ts';
import { AT_MOST_FIVE_PERCENT, COVERS_95, COVERS_95_HEAVY, FIVE_PERCENT, LOG_COVERS_95 } from '../targets.ts';

/** Targets of one metric; null: for the record, absent: not tried. */
interface LiftTargets {
  readonly fieller: Target | null;
  readonly log: Target | null;
  readonly delta: Target | null;
}

const excludes = ({ lower, upper }: Interval, truth: number) =>
  (lower !== null && truth < lower) || (upper !== null && truth > upper);

/**
 * Whether Fieller's set leaves the truth out. Where it is not one interval none is shown; it is then asked directly whether the
 * test of m_T − (1 + lift)·m_C = 0 rejects, which is what the set is made of.
 */
function fiellerMisses(control: Sample, treatment: Sample, truth: number): boolean | null {
  const result = lift(control, treatment, { method: 'FIELLER', level: 0.95 });
  if (!result.ok) return null;
  if (result.interval !== null) return excludes(result.interval, truth);
  const shifted = contrast(control, treatment, 1 + truth);
  return shifted.ok
    ? Math.abs(shifted.estimate / shifted.standardError) > criticalValue(0.95, result.degreesOfFreedom!)
    : null;
}

function lifts(metric: Metric, units: number, truth: number, targets: LiftTargets): Simulation {
  const sampleOf = metric.type === 'PROPORTION' ? sampleOfProportion : sampleOfMean;
  // as `liftOf`: GrowthBook's delta takes p(1 − p)
  const deltaSampleOf = (moments: Moments) =>
    metric.type === 'PROPORTION' ? sampleOfProportion(moments, 'BINOMIAL') : sampleOfMean(moments);
  const percent = `${truth > 0 ? '+' : ''}${Math.round(100 * truth)} %`;
  const name = `lift ${percent}: ${metric.name}, n ${units.toLocaleString('en')}`;
  const missed = (method: LiftMethod, control: Inference<Sample>, treatment: Inference<Sample>) => {
    if (!control.ok || !treatment.ok) return null;
    const result = lift(control, treatment, { method, level: 0.95 });
    return result.ok && result.interval !== null ? excludes(result.interval, truth) : null;
  };
  const claims: Claim[] = [
    { what: `Fieller, ${name}`, promise: '95 % cover', measure: complement('fieller'), target: targets.fieller },
    { what: `log, ${name}`, promise: '95 % cover', measure: complement('log'), target: targets.log },
    truth === 0
      ? { what: `delta, ${name}`, promise: 'rejects 5 % of A/A tests', measure: rate('delta'), target: targets.delta }
      : { what: `delta, ${name}`, promise: '95 % cover', measure: complement('delta'), target: targets.delta },
  ];
  const unbounded: Claim[] =
    metric.mean ** 2 * units > 25 * metric.variance
      ? []
      : [
          {
            what: `Fieller, no interval shown, ${name}`,
            promise: 'says that it does not know',
            measure: rate('unbounded'),
            target: null,
          },
          {
            what: `Fieller, wrong interval shown, ${name}`,
            promise: 'in at most 5 %',
            measure: rate('wrong'),
            target: AT_MOST_FIVE_PERCENT,
          },
        ];
  return {
    name,
    runs: 10_000,
    chunk: 250,
    prepare: () => (random) => {
      const [c, t] = [metric.moments(random, units), metric.moments(random, units, 1 + truth)];
      const [control, treatment] = [sampleOf(c), sampleOf(t)];
      const both = control.ok && treatment.ok;
      const shown = both ? lift(control, treatment, { method: 'FIELLER', level: 0.95 }) : control;
      return {
        fieller: both ? fiellerMisses(control, treatment, truth) : null,
        unbounded: 'interval' in shown && shown.interval === null,
        wrong: 'interval' in shown && shown.interval !== null && excludes(shown.interval, truth),
        log: missed('LOG', control, treatment),
        delta: missed('DELTA', deltaSampleOf(c), deltaSampleOf(t)),
      };
    },
    claims: [...claims, ...unbounded],
  };
}

const all = { fieller: COVERS_95, log: LOG_COVERS_95, delta: FIVE_PERCENT };
const heavy = { fieller: COVERS_95_HEAVY, log: LOG_COVERS_95, delta: null };

export const liftFamily: Family = {
  title: 'Intervals of the relative change',
  note: `The treatment's values are the control's times 1 + lift (for shares, the share). The delta method has a target where its
normal approximation is good, and is on record where it is not. Fieller's set is not an interval where the control mean cannot be
told from zero: none is shown then, and whether the set holds the truth is asked of the test it is made of.`,
  simulations: [
    lifts(normalMetric(10, 3), 1000, 0, all),
    lifts(bernoulliMetric(0.05), 2000, 0, all),
    lifts(poissonMetric(2.5), 1000, 0, { ...all, delta: null }),
    lifts(lognormalMetric(2, 1.5), 1000, 0, heavy),
    lifts(zeroInflatedMetric(0.1, 3, 1), 2000, 0, heavy),
    lifts(bernoulliMetric(0.002), 5000, 0, { fieller: null, log: null, delta: null }),
    lifts(normalMetric(10, 3), 1000, 0.2, { ...all, delta: null }),
    lifts(bernoulliMetric(0.05), 2000, 0.2, { ...all, delta: null }),
    lifts(poissonMetric(2.5), 1000, 0.2, { ...all, delta: null }),
    lifts(lognormalMetric(2, 1.5), 1000, 0.2, heavy),
    lifts(zeroInflatedMetric(0.1, 3, 1), 2000, 0.2, heavy),
    lifts(normalMetric(1, 10), 1000, 0.5, { fieller: COVERS_95, log: null, delta: null }),
  ],
};
