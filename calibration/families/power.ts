import { cupedMean } from '../../src/statistics/cuped/cuped.ts';
import type { Sample } from '../../src/statistics/inference.ts';
import { nonInferiorityTest } from '../../src/statistics/non-inferiority.ts';
import type { ArmUnits, Baseline } from '../../src/statistics/power/baseline.ts';
import { detectableEffect } from '../../src/statistics/power/detectable-effect.ts';
import type { Hypothesis } from '../../src/statistics/power/hypothesis.ts';
import { type SampleSizePlan, sampleSize } from '../../src/statistics/power/sample-size.ts';
import { sampleOfMean, sampleOfProportion } from '../../src/statistics/samples.ts';
import { asymptoticSequence } from '../../src/statistics/sequential.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { rate } from '../measure.ts';
import { bernoulliMetric, drawnMoments, type Metric, normalMetric } from '../moments.ts';
import type { Random } from '../random.ts';
import type { Family, Outcome, Simulation } from '../simulation.ts';
import { EIGHTY_PERCENT_POWER } from '../targets.ts';

const PLAN: SampleSizePlan = { alpha: 0.05, sided: 2, power: 0.8 };

function baselineOf({ type, mean, variance }: Metric): Baseline {
  return { type, mean, variance };
}

function plannedUnits(baseline: Baseline, hypothesis: Hypothesis, plan: SampleSizePlan): ArmUnits {
  const size = sampleSize(baseline, hypothesis, plan);
  if (!size.ok) throw new Error(`No sample size: ${size.reason}.`);
  return { control: size.control, treatment: size.treatment };
}

/** Whether the test finds the effect, in its direction. */
type Finds = (control: Sample, treatment: Sample, effect: number) => boolean | null;

const welchFinds: Finds = (control, treatment, effect) => {
  const test = welchTest(control, treatment, { level: 0.95 });
  return test.ok ? test.pValue <= 0.05 && test.difference > 0 === effect > 0 : null;
};

function simulation(name: string, finds: (random: Random) => Outcome[string]): Simulation {
  return {
    name: `power: ${name}`,
    runs: 10_000,
    chunk: 250,
    prepare: () => (random) => ({ found: finds(random) }),
    claims: [{ what: name, promise: 'found in 80 %', measure: rate('found'), target: EIGHTY_PERCENT_POWER }],
  };
}

/**
 * Draws both arms of a metric and asks whether the effect is found. As the plan has it, the effect moves a mean and leaves its
 * variance; a proportion's goes with the share.
 */
function powered(name: string, metric: Metric, effect: number, units: ArmUnits, finds: Finds = welchFinds): Simulation {
  const sampleOf = metric.type === 'PROPORTION' ? sampleOfProportion : sampleOfMean;
  const sizes = [units.control, units.treatment].map((n) => n.toLocaleString('en')).join(' and ');
  return simulation(`${name}, n ${sizes}`, (random) => {
    const isShare = metric.type === 'PROPORTION';
    const control = sampleOf(metric.moments(random, units.control));
    const drawn = sampleOf(metric.moments(random, units.treatment, isShare ? 1 + effect : 1));
    if (!control.ok || !drawn.ok) return null;
    return finds(control, isShare ? drawn : { ...drawn, mean: drawn.mean + effect * metric.mean }, effect);
  });
}

/** Units from the calculator for an effect. */
function sized(metric: Metric, effect: number, plan: Partial<SampleSizePlan> = {}): Simulation {
  const units = plannedUnits(baselineOf(metric), { kind: 'DIFFERENCE', effect }, { ...PLAN, ...plan });
  const ratio = plan.ratio === undefined ? '' : `, ${plan.ratio} treatment units each`;
  return powered(`units for ${Math.round(100 * effect)} %: ${metric.name}${ratio}`, metric, effect, units);
}

/** The effect from the calculator for units. */
function detected(metric: Metric, units: number, direction: 'UP' | 'DOWN'): Simulation {
  const arms = { control: units, treatment: units };
  const found = detectableEffect(baselineOf(metric), arms, { alpha: 0.05, sided: 2, power: 0.8, direction });
  if (!found.ok) throw new Error(`No detectable effect: ${found.reason}.`);
  const effect = direction === 'UP' ? found.effect : -found.effect;
  return powered(`detectable effect of ${(100 * effect).toFixed(1)} %: ${metric.name}`, metric, effect, arms);
}

function guardrail(metric: Metric, margin: number): Simulation {
  const hypothesis = { kind: 'NON_INFERIORITY', margin, goodWhen: 'UP' } as const;
  const units = plannedUnits(baselineOf(metric), hypothesis, { ...PLAN, sided: 1 });
  return powered(`units for a margin of ${100 * margin} %: ${metric.name}`, metric, 0, units, (control, treatment) => {
    const test = nonInferiorityTest(control, treatment, { margin, goodWhen: 'UP', alpha: 0.05 });
    return test.ok ? test.holds : null;
  });
}

/** The confidence sequence, read once at the units for which it was planned and tuned. */
function sequence(metric: Metric, effect: number): Simulation {
  const units = plannedUnits(baselineOf(metric), { kind: 'DIFFERENCE', effect }, { ...PLAN, test: 'SEQUENCE' });
  const total = units.control + units.treatment;
  const name = `units for ${Math.round(100 * effect)} %, sequence read at the end: ${metric.name}`;
  return powered(name, metric, effect, units, (control, treatment) => {
    const test = welchTest(control, treatment, { level: 0.95 });
    if (!test.ok) return null;
    const look = asymptoticSequence({
      estimate: test.difference,
      standardError: test.standardError,
      units: total,
      alpha: 0.05,
      tuningUnits: total,
    });
    return look.ok ? look.pValue <= 0.05 && test.difference > 0 : null;
  });
}

/** Units planned with the variance that CUPED removes, outcome and covariate bivariate normal. */
function withCuped(rho: number, effect: number): Simulation {
  const baseline: Baseline = { type: 'MEAN', mean: 10, variance: 9, varianceReduction: rho * rho };
  const units = plannedUnits(baseline, { kind: 'DIFFERENCE', effect }, PLAN);
  const arm = (random: Random, n: number, shift: number) =>
    drawnMoments(n, [10, 0], (row) => {
      const before = random.normal();
      row[0] = 10 + shift + 3 * (rho * before + Math.sqrt(1 - rho * rho) * random.normal());
      row[1] = before;
    });
  return simulation(`units for ${100 * effect} % with CUPED, ρ ${rho}, n ${units.control}`, (random) => {
    const result = cupedMean(arm(random, units.control, 0), arm(random, units.treatment, 10 * effect));
    return result.ok ? welchFinds(result.control, result.treatment, effect) : null;
  });
}

export const powerFamily: Family = {
  title: 'Power and sample size',
  note: `The calculator's units, or its detectable effect, for 80 % power at α = .05, and the share of simulated experiments in which the
served test then finds the effect. Units are rounded up, which small ones show. Normal samples are drawn as exact sufficient statistics,
zeros and ones as binomial counts.`,
  simulations: [
    sized(normalMetric(10, 3), 0.03),
    sized(normalMetric(10, 3), 0.15),
    sized(normalMetric(10, 3), 0.05, { ratio: 3 }),
    sized(bernoulliMetric(0.05), 0.1),
    sized(bernoulliMetric(0.05), -0.2),
    detected(normalMetric(10, 3), 400, 'UP'),
    detected(bernoulliMetric(0.1), 5000, 'DOWN'),
    guardrail(normalMetric(10, 3), 0.03),
    guardrail(bernoulliMetric(0.2), 0.05),
    sequence(normalMetric(10, 3), 0.05),
    withCuped(0.8, 0.05),
  ],
};
