import type { Moments } from '../core/moments.ts';
import type { Row } from '../engine/engine.ts';
import type { SeriesPoint } from './answer.ts';
import { pairsOf, type RunningMetric, seriesColumn } from './series-steps.ts';

/** Reads one metric's point of a row back; null: nothing happened. */
export function decodePoint(row: Row, { metric, pivots }: RunningMetric): SeriesPoint | null {
  const number = (name: string): number => {
    const cell = row[name];
    // A column that is not there would read as zero: better no answer than that one.
    if (cell === undefined) throw new Error(`The statement has no column ${name}.`);
    return Number(cell ?? 0);
  };
  const moments = (of: 'added' | 'alone'): Moments => {
    const products = pivots.map((_, i) => Array.from({ length: i + 1 }, () => 0));
    for (const [i, j] of pairsOf(metric)) products[i]![j] = number(seriesColumn(metric, of, `product${i}${j}`));
    return {
      units: number(seriesColumn(metric, of, 'units')),
      pivots,
      sums: pivots.map((_, i) => number(seriesColumn(metric, of, `sum${i}`))),
      products,
    };
  };
  const [alone, added] = [moments('alone'), moments('added')];
  const isEmpty = ({ units, sums, products }: Moments) =>
    units === 0 && sums.every((sum) => sum === 0) && products!.flat().every((product) => product === 0);
  if (isEmpty(alone) && isEmpty(added)) return null;
  return {
    period: typeof row.period === 'number' ? row.period : String(row.period),
    variant: String(row.variant),
    slice: row.slice === undefined ? 0 : number('slice'),
    entered: added.units,
    alone,
    added,
  };
}
