import type { GoodWhen, SequentialMethod } from '../core/vocabulary.ts';
import { contrast } from '../statistics/contrast.ts';
import { equivalenceTest } from '../statistics/equivalence.ts';
import { type Inference, notComputable } from '../statistics/inference.ts';
import {
  constantMarginNonInferiority,
  type NonInferiority,
  nonInferiorityTest,
} from '../statistics/non-inferiority.ts';
import { oneSidedSequentialP } from '../statistics/sequential.ts';
import type { Pair } from './arm-pair.ts';
import { type Comparison, fixedTest } from './comparison.ts';
import type { Effect } from './looks.ts';
import { type MarginForm, policyOf } from './rules/policy-tests.ts';
import { repeatedLook, repeatedOneSidedP, sequenceInput } from './sequence.ts';

type Direction = Exclude<GoodWhen, 'NEITHER'>;

/** Which way is better; a goal or guardrail always has one. */
export function directionOf({ row }: Comparison): Direction | null {
  return row.metric.goodWhen === 'NEITHER' ? null : row.metric.goodWhen;
}

/** Whether treatment is worse than control: one-sided, always valid on the absolute scale, before any correction. */
export function harmP(comparison: Comparison): number | null {
  const { analysis } = comparison.row;
  const direction = directionOf(comparison);
  const test = fixedTest(comparison, analysis.level);
  if (!test.ok || direction === null) return null;
  const effect = { estimate: test.difference, standardError: test.standardError };
  const result = oneSidedSequentialP({
    ...sequenceInput(comparison, effect, analysis.harmAlpha),
    alternative: direction === 'UP' ? 'less' : 'greater',
  });
  return result.ok ? result.pValue : null;
}

/**
 * Whether treatment is worse by more than a margin, relative to the control mean, whose own error counts: one-sided, always valid,
 * before any correction.
 */
export function beyondMarginP(comparison: Comparison, margin: number): number | null {
  const { samples, row } = comparison;
  const direction = directionOf(comparison);
  if (!samples.ok || direction === null) return null;
  const worse = (direction === 'UP' ? -1 : 1) * Math.sign(samples.control.mean);
  const shifted = contrast(samples.control, samples.treatment, 1 + worse * margin);
  if (!shifted.ok) return null;
  const effect = { estimate: shifted.estimate, standardError: shifted.standardError };
  const result = oneSidedSequentialP({
    ...sequenceInput(comparison, effect, row.analysis.harmAlpha),
    alternative: direction === 'UP' ? 'less' : 'greater',
  });
  return result.ok ? result.pValue : null;
}

/** Whether treatment and control differ, as the decision to ship takes it: fixed, always-valid, or at the declared look. */
export function shipP(comparison: Comparison): number | null {
  const { analysis } = comparison.row;
  const test = fixedTest(comparison, analysis.level);
  if (!test.ok) return null;
  const method = decisionSequence(comparison);
  if (method === 'NONE') return test.pValue;
  const effect = { estimate: test.difference, standardError: test.standardError };
  const look = repeatedLook(comparison, effect, { method, alpha: analysis.alpha });
  return look.ok ? look.pValue : null;
}

type DecisionSequence = Exclude<SequentialMethod, 'MIXTURE'>;

/** How the tests of the decision to ship stay valid: as the experiment's monitoring declares. */
export function decisionSequence({ row }: Pick<Comparison, 'row'>): DecisionSequence {
  const { monitoring, groupSequential } = row.experiment;
  if (monitoring === 'CONTINUOUS') return 'ASYMPTOTIC';
  if (monitoring === 'GROUP_SEQUENTIAL' && groupSequential != null) return `GROUP_${groupSequential.spending}`;
  return 'NONE';
}

/**
 * Whether a worsening of the margin or more is ruled out, at alpha one-sided: fixed, always-valid or at the declared look, as
 * the monitoring says. The margin's own error counts in the form ESTIMATED; the default is the form of the experiment's policy.
 */
export function notWorseThan(
  comparison: Comparison,
  margin: number | null,
  alpha: number,
  form: MarginForm = policyOf(comparison.row.experiment).marginForm,
): Inference<NonInferiority> {
  const direction = directionOf(comparison);
  const { samples } = comparison;
  if (margin === null) return notComputable('NO_MARGIN');
  if (direction === null) return notComputable('NOT_APPLICABLE');
  if (!samples.ok) return samples;
  const method = decisionSequence(comparison);
  const against = { margin, goodWhen: direction, alpha };
  if (method === 'NONE')
    return form === 'CONSTANT'
      ? constantMargin(samples, against)
      : nonInferiorityTest(samples.control, samples.treatment, against);
  const shifted = distanceFromMargin(samples, against, form);
  if (!shifted.ok) return shifted;
  const alternative = direction === 'UP' ? 'greater' : 'less';
  const look = repeatedOneSidedP(comparison, shifted, { method, alpha, alternative });
  return look.ok ? { ok: true, pValue: look.pValue, bound: null, holds: look.pValue < alpha } : look;
}

interface Against {
  readonly margin: number;
  readonly goodWhen: Direction;
  readonly alpha: number;
}

/** Spotify's z test, its bound as a share of the control mean; over a negative mean both arms are mirrored, so that worse stays worse. */
function constantMargin({ control, treatment }: Pair, against: Against): Inference<NonInferiority> {
  if (control.mean === 0) return notComputable('ZERO_BASELINE');
  if (control.mean < 0) {
    const mirrored = (sample: Pair['control']) => ({ ...sample, mean: -sample.mean });
    const goodWhen = against.goodWhen === 'UP' ? 'DOWN' : 'UP';
    return constantMargin({ control: mirrored(control), treatment: mirrored(treatment) }, { ...against, goodWhen });
  }
  const test = constantMarginNonInferiority(control, treatment, against);
  if (!test.ok) return test;
  const { lower, upper } = test.interval;
  const worst = against.goodWhen === 'UP' ? -lower! : upper!; // the bound on the bad side is there
  return { ok: true, pValue: test.pValue, holds: test.holds, bound: worst / control.mean };
}

/** The estimate less what it is at the margin, and its standard error. */
function distanceFromMargin({ control, treatment }: Pair, against: Against, form: MarginForm): Inference<Effect> {
  if (control.mean === 0) return notComputable('ZERO_BASELINE');
  const worse = (against.goodWhen === 'UP' ? -1 : 1) * Math.sign(control.mean);
  if (form === 'ESTIMATED') return contrast(control, treatment, 1 + worse * against.margin);
  const difference = contrast(control, treatment);
  if (!difference.ok) return difference;
  return { ...difference, estimate: difference.estimate - worse * against.margin * control.mean };
}

/** Whether the relative change is shown to lie within ± margin (two one-sided tests at alpha). */
export function withinMargin(
  { samples }: Comparison,
  margin: number | null,
  alpha: number,
): Inference<{ readonly pValue: number; readonly holds: boolean }> {
  if (margin === null) return notComputable('NO_MARGIN');
  return samples.ok ? equivalenceTest(samples.control, samples.treatment, { margin, alpha }) : samples;
}
