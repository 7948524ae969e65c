import type { Correction } from '../../core/vocabulary.ts';
import type { Inference } from '../inference.ts';
import type { Baseline } from './baseline.ts';
import { type TestErrors, testErrors } from './error-rates.ts';
import type { Hypothesis } from './hypothesis.ts';
import { sampleSize } from './sample-size.ts';
import type { PlannedTest } from './test-plan.ts';

/** One metric of the plan. A DIFFERENCE is a goal, tested two-sided; a NON_INFERIORITY is a guardrail, tested one-sided. */
export interface PlannedMetric {
  readonly name: string;
  readonly baseline: Baseline;
  readonly hypothesis: Hypothesis;
}

export interface ExperimentPlan {
  readonly alpha: number;
  /** Power of the decision, shared out by {@link testErrors}. */
  readonly power: number;
  readonly correction: Correction;
  /** WELCH by default. */
  readonly test?: PlannedTest;
  /** Planned shares of the arms on any scale, control first; two or more, each above 0. */
  readonly weights: readonly number[];
}

/** Units in total, over all arms, and of each arm in the order of the weights. */
export interface PlannedUnits {
  readonly total: number;
  readonly arms: readonly number[];
}

export interface ExperimentSize {
  readonly errors: TestErrors;
  /** What each metric needs, in the order given. */
  readonly metrics: readonly { readonly name: string; readonly units: Inference<PlannedUnits> }[];
  /** What all of them need; refused for the reason of the first metric that is, as a plan without it would be too small. */
  readonly units: Inference<PlannedUnits>;
}

/** Units that an experiment of several metrics and treatments needs, so that its decision has the alpha and the power. */
export function planExperiment(metrics: readonly PlannedMetric[], plan: ExperimentPlan): ExperimentSize {
  if (plan.weights.length < 2 || plan.weights.some((weight) => !(weight > 0 && Number.isFinite(weight)))) {
    throw new RangeError('A plan needs a weight above 0 for control and for each treatment.');
  }
  const goals = metrics.filter(({ hypothesis }) => hypothesis.kind === 'DIFFERENCE').length;
  const [treatments, guardrails] = [plan.weights.length - 1, metrics.length - goals];
  const errors = testErrors({ ...plan, goals, guardrails, treatments });
  const sized = metrics.map((metric) => ({ name: metric.name, units: unitsFor(metric, plan, errors) }));
  const refused = sized.map(({ units }) => units).find((units) => !units.ok);
  const totals = sized.map(({ units }) => (units.ok ? units.total : 0));
  const largest = sized[totals.indexOf(Math.max(...totals))]!.units;
  return { errors, metrics: sized, units: refused ?? largest };
}

/** The units at which every treatment's comparison with control has what it needs, shared out by the weights. */
function unitsFor(
  { baseline, hypothesis }: PlannedMetric,
  { weights, test = 'WELCH' }: ExperimentPlan,
  errors: TestErrors,
): Inference<PlannedUnits> {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const [controlWeight, ...treatmentWeights] = weights;
  const isGoal = hypothesis.kind === 'DIFFERENCE';
  const alpha = isGoal ? errors.goalAlpha : errors.guardrailAlpha;
  let control = 0;
  for (const weight of treatmentWeights) {
    const ratio = weight / controlWeight!;
    const size = sampleSize(baseline, hypothesis, { test, alpha, sided: isGoal ? 2 : 1, power: errors.power, ratio });
    if (!size.ok) return size;
    control = Math.max(control, size.exact);
  }
  const total = (control / controlWeight!) * sum;
  const arms = weights.map((weight) => Math.ceil((weight / sum) * total * (1 - 1e-14)));
  return { ok: true, total: arms.reduce((units, arm) => units + arm, 0), arms };
}
