import type { Moments } from '../core/moments.ts';
import type { Row } from '../engine/engine.ts';
import type { ArmCapping, ArmMoments } from './answer.ts';
import type { Side, WantedMoments } from './capping.ts';
import { isIndicator, productName, sumName } from './moment-columns.ts';
import { qualityColumns } from './unit-variables.ts';

/** Reads one row back; what the row does not hold was not asked for. */
export function decodeArm(row: Row, { metric, needs, pivots, measures }: WantedMoments): ArmMoments {
  const { alias } = metric;
  const optional = (name: string): number | null => {
    const cell = row[name];
    // A column that is not there would read as zero: better no answer than that one.
    if (cell === undefined) throw new Error(`The statement has no column ${name}.`);
    return cell === null ? null : Number(cell);
  };
  // A sum over no values is null in SQL.
  const number = (name: string): number => optional(name) ?? 0;
  const units = number(`${alias}.units`);
  const moments = (prefix: string): Moments => ({
    units,
    pivots,
    sums: pivots.map((_, i) => number(sumName(metric, i, prefix))),
    products: needs.has('products')
      ? pivots.map((_, i) =>
          pivots
            .slice(0, i + 1)
            .map((__, j) =>
              number(
                isIndicator(metric.metric, pivots) ? sumName(metric, i, prefix) : productName(metric, i, j, prefix),
              ),
            ),
        )
      : null,
  });
  const { cap } = metric.metric;
  const threshold = (side: Side): number | null => {
    const stated = cap?.[side] ?? null;
    if (stated === null) return null;
    return stated.kind === 'value' ? stated.value : optional(`${alias}.${side}`);
  };
  const capping: ArmCapping | null =
    cap === null || !needs.has('capping')
      ? null
      : {
          lower: threshold('lower'),
          upper: threshold('upper'),
          minimum: optional(`${alias}.minimum`),
          maximum: optional(`${alias}.maximum`),
          cappedUnits: number(`${alias}.capped`),
          uncapped: moments('uncapped_'),
        };
  const total = (ending: string) =>
    measures
      .flatMap(qualityColumns)
      .filter(({ name }) => name.endsWith(ending))
      .reduce((sum, { name }) => sum + number(`${alias}.${name}`), 0);
  return {
    variant: String(row.variant),
    slice: row.slice === undefined ? 0 : number('slice'),
    exposed: number('exposed'),
    moments: moments(''),
    order: null,
    joint: null,
    shape: null,
    unitsWithValue: needs.has('values') ? number(`${alias}.with_value`) : null,
    capping,
    invalidRows: needs.has('quality') ? total('.invalid') : null,
    rowsBelowMinimum: needs.has('quality') ? total('.below') : null,
  };
}
