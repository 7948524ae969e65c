import type { Catalog } from '../catalog/catalog.ts';
import type { Dialect } from '../sql/dialect.ts';
import { planAssignments } from './plan-assignments.ts';
import { planMoments } from './plan-moments.ts';
import { planRerandomised } from './plan-rerandomised.ts';
import { planSeries } from './plan-series.ts';
import { planExposures, planFreshness, planSlices } from './plan-units.ts';
import type { PlannedStatement } from './planned.ts';
import { type Question, questionKey } from './question.ts';

/**
 * Unites questions into as few statements as possible. The same set of questions gives the same statements, byte for byte
 * and in the same order, however they were asked.
 */
export function plan(catalog: Catalog, dialect: Dialect, questions: readonly Question[]): readonly PlannedStatement[] {
  const distinct = [...new Map(questions.map((question) => [questionKey(question), question])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, question]) => question);
  const of = <K extends Question['kind']>(kind: K) =>
    distinct.filter((question): question is Extract<Question, { kind: K }> => question.kind === kind);
  return [
    ...planFreshness(dialect, of('freshness')),
    ...planAssignments(catalog, dialect, of('assignments')),
    ...planSlices(catalog, dialect, of('slices')),
    ...planExposures(catalog, dialect, of('exposures')),
    ...planMoments(catalog, dialect, of('moments')),
    ...planSeries(catalog, dialect, of('series')),
    ...planRerandomised(catalog, dialect, of('rerandomised')),
  ];
}
