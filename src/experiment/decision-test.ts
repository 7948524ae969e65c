import type { SequentialMethod } from '../core/vocabulary.ts';
import type { Trace } from '../evaluate/trace.ts';
import type { Interval } from '../statistics/inference.ts';
import { asymptoticSequence } from '../statistics/sequential.ts';
import { welchTest } from '../statistics/welch.ts';
import { type Comparison, differenceOf, sequenceInput } from './comparison.ts';
import { marginAlpha } from './decision-tests.ts';
import type { Estimate } from './estimate.ts';
import { type Family, familyOf, memberName } from './family.ts';
import { evidenceOf } from './line-evidence.ts';
import { type ResultRow, resultRows, wholePopulation } from './result-row.ts';
import type { Session } from './session.ts';
import { decisionSequence } from './tests.ts';

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
  readonly sequential: SequentialMethod;
  readonly validity: 'ASYMPTOTIC' | 'HEURISTIC';
  /** Of one, where the policy does not correct. */
  readonly family: Family;
  readonly simultaneousInterval: Interval | null;
}

/** Goals: two-sided, Holm over the family. Guardrails with a margin: non-inferiority. Without: the always-valid test for harm. */
export async function decisionTestOf(session: Session, row: ResultRow, trace?: Trace): Promise<DecisionTest | null> {
  const found = await evidenceOf(session, row, trace);
  if (found === null || found.own.comparison === null) return null;
  const { own } = found;
  const comparison = found.own.comparison;
  const { experiment, analysis } = own.row;
  const sequential = decisionSequence(comparison);
  /** The difference with the interval and the p of the kind of test that was used. */
  const estimateBy = (method: SequentialMethod) =>
    differenceOf({ ...comparison, row: { ...comparison.row, analysis: { ...analysis, sequential: method } } });
  if (own.member.role === 'GOAL') {
    const rows = await resultRows(session, experiment, analysis, { roles: ['GOAL'] });
    return {
      estimate: estimateBy(sequential),
      pValue: own.shipP,
      adjustedPValue: own.shipAdjustedP,
      alpha: analysis.alpha,
      sided: 2,
      null: 0,
      method:
        sequential === 'NONE' ? 'Welch t test of the difference' : 'asymptotic confidence sequence of the difference',
      sequential,
      validity: 'ASYMPTOTIC',
      family: familyOf(wholePopulation(own.row), rows, 'HOLM'),
      simultaneousInterval: simultaneousInterval(comparison, analysis.alpha / rows.length, sequential),
    };
  }
  if (own.member.margin !== null) {
    const result = own.nonInferiority;
    return {
      estimate: estimateBy(sequential),
      pValue: result.ok ? result.pValue : null,
      adjustedPValue: result.ok ? result.pValue : null,
      alpha: marginAlpha(experiment, analysis),
      sided: 1,
      null: own.row.metric.goodWhen === 'UP' ? -own.member.margin : own.member.margin,
      method:
        sequential === 'NONE'
          ? 'Welch t test of m_T − (1 ∓ margin)·m_C'
          : 'asymptotic confidence sequence of m_T − (1 ∓ margin)·m_C',
      sequential,
      validity: 'ASYMPTOTIC',
      family: { id: `${memberName(own.row)}: alone`, size: 1, members: [memberName(own.row)], correction: 'NONE' },
      simultaneousInterval: null,
    };
  }
  const members = found.all.map((one) => memberName(one.row));
  return {
    estimate: estimateBy('ASYMPTOTIC'),
    pValue: own.harmP,
    adjustedPValue: own.harmAdjustedP,
    alpha: analysis.harmAlpha,
    sided: 1,
    null: 0,
    method: 'asymptotic confidence sequence of the difference, in the harmful direction',
    sequential: 'ASYMPTOTIC',
    validity: 'ASYMPTOTIC',
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
function simultaneousInterval(comparison: Comparison, alpha: number, sequential: SequentialMethod): Interval | null {
  const { samples } = comparison;
  if (!samples.ok) return null;
  const test = welchTest(samples.control, samples.treatment, { level: 1 - alpha });
  if (!test.ok) return null;
  if (sequential === 'NONE') return test.interval;
  const look = asymptoticSequence(sequenceInput(comparison, test, alpha));
  return look.ok ? look.interval : null;
}
