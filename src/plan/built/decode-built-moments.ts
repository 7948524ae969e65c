import type { MetricVersion } from '../../catalog/catalog.ts';
import type { Moments } from '../../core/moments.ts';
import type { Row } from '../../engine/engine.ts';
import type { ArmCapping, ArmMoments, MomentsAnswer } from '../answer.ts';
import { summedVariables } from '../covariates.ts';
import { mergeArmMoments } from '../merge-arm-moments.ts';
import type { MomentsQuestion, SliceKey } from '../question.ts';

/** Reads rows of `metric_moments` back. Rows of slices that are not told apart are one rest. */
export function decodeBuiltMoments(question: MomentsQuestion, rows: readonly Row[]): MomentsAnswer {
  const arms = new Map<string, ArmMoments>();
  for (const row of rows) {
    const arm = armOf(question, row);
    const key = `${arm.slice} ${arm.variant}`;
    const known = arms.get(key);
    arms.set(key, known === undefined ? arm : mergeArmMoments(known, arm));
  }
  return [...arms.values()];
}

function armOf({ metric, needs, sliceBy, slices }: MomentsQuestion, row: Row): ArmMoments {
  const own = metric.variables.length;
  const asked = new Set(needs);
  const all = summedVariables(metric, asked).length;
  const number = (name: string) => Number(row[name] ?? 0);
  const units = number('units');
  const moments = (count: number, prefix = ''): Moments => {
    const indices = Array.from({ length: count }, (_, i) => i);
    return {
      units,
      pivots: indices.map((i) => number(`pivot_${i}`)),
      sums: indices.map((i) => number(`${prefix}sum_${i}`)),
      products: indices.map((i) => indices.slice(0, i + 1).map((j) => number(`${prefix}product_${i}${j}`))),
    };
  };
  const optional = (name: string) => (row[name] == null ? null : Number(row[name]));
  const capping = (): ArmCapping => ({
    lower: optional('lower'),
    upper: optional('upper'),
    minimum: optional('least'),
    maximum: optional('greatest'),
    cappedUnits: number('capped_units'),
    uncapped: moments(own, 'uncapped_'),
  });
  return {
    variant: String(row.variant),
    slice: sliceBy.length === 0 ? 0 : sliceOf(slices, row),
    exposed: number('exposed'),
    moments: moments(own),
    order: null,
    joint: hasCovariates(metric, asked)
      ? { moments: moments(all), unitsWithCovariate: number('units_with_before') }
      : null,
    shape: null,
    unitsWithValue: null,
    capping: metric.cap !== null && asked.has('capping') ? capping() : null,
    invalidRows: null,
    rowsBelowMinimum: null,
  };
}

const hasCovariates = ({ covariate }: MetricVersion, asked: ReadonlySet<string>): boolean =>
  covariate != null && asked.has('covariates');

/** Index of the slice; the rest comes after those that are told apart. */
function sliceOf(slices: readonly SliceKey[], row: Row): number {
  const found = slices.findIndex(([value]) => value === (row.slice_value ?? null));
  return found === -1 ? slices.length : found;
}
