import type { Catalog } from '../catalog/catalog.ts';
import type { Dialect } from '../sql/dialect.ts';
import type { PlannedStatement } from './planned.ts';
import type { RerandomisedQuestion } from './question.ts';

/** A/A tests over the real units. */
export function planRerandomised(
  _catalog: Catalog,
  _dialect: Dialect,
  questions: readonly RerandomisedQuestion[],
): readonly PlannedStatement[] {
  if (questions.length > 0) throw new Error('Not built yet.');
  return [];
}
