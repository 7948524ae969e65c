import type { Catalog } from '../catalog/catalog.ts';
import type { Dialect } from '../sql/dialect.ts';
import { aliasMetrics } from './measures.ts';
import { momentsStatement } from './plan-moments.ts';
import type { PlannedStatement } from './planned.ts';
import type { MomentsQuestion, RerandomisedQuestion } from './question.ts';

/** A/A tests over the real units: one statement a question, which reads each source once whatever the number of tests. */
export function planRerandomised(
  catalog: Catalog,
  dialect: Dialect,
  questions: readonly RerandomisedQuestion[],
): readonly PlannedStatement[] {
  return questions.map((question) => {
    const { population, metric, maturity, needs, pivots, seeds } = question;
    const asMoments: MomentsQuestion = {
      kind: 'moments',
      population,
      metric,
      maturity,
      needs,
      sliceBy: [],
      slices: [],
      pivots,
    };
    const planned = momentsStatement(catalog, dialect, [asMoments], aliasMetrics([metric]), seeds);
    return {
      ...planned,
      purpose: 'rerandomised',
      questions: [question],
      answer: (_, rows) => planned.answer(asMoments, rows),
    };
  });
}
