import type { SequentialMethod } from '../core/vocabulary.ts';
import type { Trace } from '../evaluate/trace.ts';
import type { Interval } from '../statistics/inference.ts';
import { type Comparison, differenceOf, isCuped } from './comparison.ts';
import { marginAlpha } from './decision-tests.ts';
import type { Estimate } from './estimate.ts';
import { type Family, familyOf, memberName } from './family.ts';
import { evidenceOf } from './line-evidence.ts';
import { type ResultRow, resultRows, wholePopulation } from './result-row.ts';
import { policyOf } from './rules/policy-tests.ts';
import type { Session } from './session.ts';
import { decisionSequence } from './tests.ts';
import { type Validity, validityOf } from './validity.ts';

/** The test that the policy took its decision from. */
export interface DecisionTest {
  readonly estimate: Estimate;
  readonly pValue: number | null;
  readonly adjustedPValue: number | null;
  readonly alpha: number;
  readonly sided: number;
  /** The difference under the null hypothesis; for a margin, as a relative change. */
  readonly null: number;
  readonly method: string;
  /** Whether the estimate is adjusted by the metric's covariate. */
  readonly cuped: boolean;
  readonly sequential: SequentialMethod;
  readonly validity: Validity;
  /** Of one, where the policy does not correct. */
  readonly family: Family;
  readonly simultaneousInterval: Interval | null;
}

const METHODS = {
  NONE: 'Welch t test',
  ASYMPTOTIC: 'asymptotic confidence sequence',
  GROUP_OBRIEN_FLEMING: "group-sequential test (O'Brien–Fleming spending)",
  GROUP_POCOCK: 'group-sequential test (Pocock spending)',
  GROUP_POWER: 'group-sequential test (power spending)',
} as const;

/** Goals: two-sided, corrected as the policy says over the family. Guardrails with a margin: non-inferiority. Without: the always-valid test for harm. */
export async function decisionTestOf(session: Session, row: ResultRow, trace?: Trace): Promise<DecisionTest | null> {
  const found = await evidenceOf(session, row, trace);
  if (found === null || found.own.comparison === null) return null;
  const { own } = found;
  const { comparison, decided = comparison } = own as typeof own & { readonly comparison: Comparison }; // just checked
  const { experiment, analysis } = own.row;
  const sequential = decisionSequence(comparison);
  const policy = policyOf(experiment);
  /** The difference with the interval and the p of the kind of test that was used. */
  const estimateBy = (on: Comparison, method: SequentialMethod) =>
    differenceOf({ ...on, row: { ...on.row, analysis: { ...on.row.analysis, sequential: method } } });
  const cuped = isCuped(decided);
  if (own.member.role === 'GOAL') {
    const rows = await resultRows(session, experiment, analysis, { roles: ['GOAL'] });
    return {
      cuped,
      estimate: estimateBy(decided, sequential),
      pValue: own.shipP,
      adjustedPValue: own.shipAdjustedP,
      alpha: analysis.alpha,
      sided: 2,
      null: 0,
      method: `${METHODS[sequential]} of the difference`,
      sequential,
      validity: validityOf(own.row, sequential),
      family: familyOf(wholePopulation(own.row), rows, policy.goalCorrection),
      simultaneousInterval: intervalAt(decided, analysis.alpha / rows.length, sequential),
    };
  }
  if (own.member.margin !== null) {
    const result = own.nonInferiority;
    return {
      cuped,
      estimate: estimateBy(decided, sequential),
      pValue: result.ok ? result.pValue : null,
      adjustedPValue: result.ok ? result.pValue : null,
      alpha: marginAlpha(experiment, analysis),
      sided: 1,
      null: own.row.metric.goodWhen === 'UP' ? -own.member.margin : own.member.margin,
      method:
        policy.marginForm === 'CONSTANT'
          ? `${sequential === 'NONE' ? 'z test' : METHODS[sequential]} of the difference against ∓ margin·m_C, taken as known`
          : `${METHODS[sequential]} of m_T − (1 ∓ margin)·m_C`,
      sequential,
      validity: validityOf(own.row, sequential),
      family: { id: `${memberName(own.row)}: alone`, size: 1, members: [memberName(own.row)], correction: 'NONE' },
      simultaneousInterval: null,
    };
  }
  const members = found.all.map((one) => memberName(one.row));
  return {
    cuped: isCuped(comparison),
    estimate: estimateBy(comparison, 'ASYMPTOTIC'),
    pValue: own.harmP,
    adjustedPValue: own.harmAdjustedP,
    alpha: analysis.harmAlpha,
    sided: 1,
    null: 0,
    method: 'asymptotic confidence sequence of the difference, in the harmful direction',
    sequential: 'ASYMPTOTIC',
    validity: validityOf(own.row, 'ASYMPTOTIC'),
    family: {
      id: `${experiment.key}: (goals + guardrails) × treatments`,
      size: members.length,
      members,
      correction: 'HOLM',
    },
    simultaneousInterval: null,
  };
}

/** Bonferroni's interval: all of a family's hold together at the level. */
function intervalAt(comparison: Comparison, alpha: number, sequential: SequentialMethod): Interval | null {
  const { row } = comparison;
  const analysis = { ...row.analysis, sequential, alpha };
  return differenceOf({ ...comparison, row: { ...row, analysis } }, 1 - alpha).interval;
}
