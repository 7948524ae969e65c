import { type Comparison, fixedTest } from '../../src/experiment/comparison.ts';
import { improves, isHarmful, type MetricEvidence, pointsBetter } from '../../src/experiment/decision-tests.ts';
import { tuningUnits } from '../../src/experiment/sequence.ts';
import type { Summary } from '../../src/experiment/summary.ts';
import { directionOf } from '../../src/experiment/tests.ts';
import { contrast } from '../../src/statistics/contrast.ts';
import { adjustPValues } from '../../src/statistics/multiple-testing.ts';
import { asymptoticSequence, oneSidedSequentialP } from '../../src/statistics/sequential.ts';

/** What other rules would have said of the same evidence, to compare. */
export const ANY_GUARDRAIL_WORSE = 'any guardrail significantly worse';
export const BEYOND_MARGIN = 'ROLL_BACK where worse than the margin';
export const POINTS_BEYOND_MARGIN = 'ROLL_BACK where the estimate is beyond the margin too';
export const SHIP_ONCE = 'SHIP by fixed tests at the plan, always-valid ones after it';

/** The naive rule: a guardrail's two-sided test at 5 % is significant and points the wrong way. */
export function anyGuardrailWorse({ evidence }: Summary): readonly string[] {
  const worse = evidence.metrics.some(({ member, comparison }) => {
    if (member.role !== 'GUARDRAIL' || comparison === null) return false;
    const test = fixedTest(comparison, 0.95);
    return test.ok && test.pValue <= 0.05 && improves(comparison.row.metric.goodWhen, test.difference) === false;
  });
  return worse ? [ANY_GUARDRAIL_WORSE] : [];
}

/** Two mended forms of the rule to roll back, over all treatments. */
export function mendedRollBacks({ evidence }: Summary): readonly string[] {
  const { harmAlpha } = evidence.analysis;
  const beyond = adjustPValues(evidence.metrics.map(harmBeyondMargin), 'HOLM');
  return [
    ...(beyond.some((p) => p !== null && p <= harmAlpha) ? [BEYOND_MARGIN] : []),
    ...(evidence.metrics.some((one) => isHarmful(one) && pointsBeyondMargin(one)) ? [POINTS_BEYOND_MARGIN] : []),
  ];
}

/** The contrast with control at the edge of the margin; without a margin, with control itself. */
function atMargin({ samples, row }: Comparison, margin: number | null) {
  if (!samples.ok) return null;
  const worse = (row.metric.goodWhen === 'UP' ? -1 : 1) * Math.sign(samples.control.mean);
  const found = contrast(samples.control, samples.treatment, 1 + worse * (margin ?? 0));
  return found.ok ? { ...found, units: samples.control.n + samples.treatment.n } : null;
}

/** One-sided always-valid p that a guardrail is worse by more than its margin, and any other metric worse at all. */
function harmBeyondMargin({ comparison, member, row }: MetricEvidence): number | null {
  const found = comparison === null ? null : atMargin(comparison, member.margin);
  if (comparison === null || found === null) return null;
  const look = oneSidedSequentialP({
    ...found,
    alpha: row.analysis.harmAlpha,
    tuningUnits: tuningUnits(comparison),
    alternative: directionOf(comparison) === 'UP' ? 'less' : 'greater',
  });
  return look.ok ? look.pValue : null;
}

function pointsBeyondMargin({ comparison, member }: MetricEvidence): boolean {
  const found = comparison === null ? null : atMargin(comparison, member.margin);
  return found !== null && improves(comparison!.row.metric.goodWhen, found.estimate) === false;
}

/** Room for a look that comes somewhat after the plan is met. */
const LATE = 1.05;

/** A mended rule to ship: fixed tests of the goals count at the plan only, what comes after it is a look more. */
export function shipOnce({ evidence, treatments }: Summary): readonly string[] {
  const planned = evidence.experiment.plan!.unitsPerVariant!;
  const goals = evidence.metrics.filter(({ member }) => member.role === 'GOAL');
  const adjusted = adjustPValues(
    goals.map(({ comparison, shipP }) => {
      const test = comparison === null ? null : fixedTest(comparison, 0.95);
      if (comparison === null || test === null || !test.ok) return null;
      const { control, treatment } = comparison.arms;
      const units = control.moments.units + treatment.moments.units;
      if (units <= 2 * planned * LATE) return shipP;
      const { difference: estimate, standardError } = test;
      const look = asymptoticSequence({ estimate, standardError, units, alpha: 0.05, tuningUnits: 2 * planned });
      return look.ok ? look.pValue : null;
    }),
    'HOLM',
  );
  const better = goals.some((goal, i) => adjusted[i] !== null && adjusted[i]! <= 0.05 && pointsBetter(goal) === true);
  return better && evidence.progress.met && treatments.every(({ verdict }) => verdict !== 'INVALID') ? [SHIP_ONCE] : [];
}
