import type { Moments } from '../core/moments.ts';
import type { Row } from '../engine/engine.ts';
import type { ArmCapping, ArmMoments, JointMoments } from './answer.ts';
import type { Side, WantedMoments } from './capping.ts';
import { decodeClusters } from './cluster-columns.ts';
import { hasProducts, indicesOf, productName, sumName } from './moment-columns.ts';
import { decodeOrder } from './order-statistics.ts';
import { qualityColumns } from './unit-variables.ts';

/** Reads one row back; what the row does not hold was not asked for. */
export function decodeArm(row: Row, wanted: WantedMoments, clustered = false): ArmMoments {
  const { metric, needs, pivots, measures } = wanted;
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
  const moments = (prefix: string, of: 'all' | 'own' = 'own'): Moments => {
    const indices = indicesOf(wanted, of);
    return {
      units,
      pivots: pivots.slice(0, indices.length),
      sums: indices.map((i) => number(sumName(wanted, i, prefix))),
      products: hasProducts(wanted)
        ? indices.map((i) => indices.slice(0, i + 1).map((j) => number(productName(wanted, i, j, prefix))))
        : null,
    };
  };
  const clusters = (prefix: string) => decodeClusters(wanted, prefix, number);
  const joint: JointMoments | null =
    wanted.known === null ? null : { moments: moments('', 'all'), unitsWithCovariate: number(`${alias}.with_before`) };
  const cap = metric.rowCap ?? metric.metric.cap;
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
          ...(clustered ? { uncappedClusters: clusters('uncapped_') } : {}),
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
    ...(clustered ? { clusters: clusters('') } : {}),
    order: decodeOrder(wanted, units, (name) => optional(name)),
    joint,
    shape: needs.has('shape')
      ? {
          cubes: number(`${alias}.cubes`),
          smallest: optional(`${alias}.smallest`),
          largest: optional(`${alias}.largest`),
        }
      : null,
    unitsWithValue: needs.has('values') ? number(`${alias}.with_value`) : null,
    capping,
    invalidRows: needs.has('quality') ? total('.invalid') : null,
    rowsBelowMinimum: needs.has('quality') ? total('.below') : null,
  };
}
