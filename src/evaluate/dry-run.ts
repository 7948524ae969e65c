import type { Answers } from '../plan/answer.ts';
import type { Question } from '../plan/question.ts';
import { needsThresholds, seriesForm } from '../plan/series-form.ts';

/** Stands for a value that only the data knows, in statements that are compiled and not run. */
const PLACEHOLDER = '<value>';

/** What a question is answered with when nothing runs: nothing, but one slice, so that what depends on slices is asked too. */
export function dryAnswer(question: Question): Answers[Question['kind']] {
  switch (question.kind) {
    case 'slices':
      return question.population.experiment.variants.map((variant) => ({
        values: question.sliceBy.map(() => PLACEHOLDER),
        variant: variant.key,
        units: 0,
      }));
    case 'freshness':
      return { rows: 0, latest: null };
    default:
      return [];
  }
}

/** Whether a statement's text holds values that only the data knows. */
export function dependsOnData(question: Question): boolean {
  if (question.kind !== 'moments' && question.kind !== 'series') return false;
  const isCut = question.kind === 'series' && needsThresholds(question.metric, seriesForm(question));
  return isCut || question.sliceBy.length > 0;
}
