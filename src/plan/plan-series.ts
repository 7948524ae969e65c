import type { Catalog } from '../catalog/catalog.ts';
import type { Dialect } from '../sql/dialect.ts';
import type { PlannedStatement } from './planned.ts';
import type { SeriesQuestion } from './question.ts';

/** Series of metrics over time. */
export function planSeries(
  _catalog: Catalog,
  _dialect: Dialect,
  questions: readonly SeriesQuestion[],
): readonly PlannedStatement[] {
  if (questions.length > 0) throw new Error('Not built yet.');
  return [];
}
