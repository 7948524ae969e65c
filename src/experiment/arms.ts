import type { Variant } from '../catalog/catalog.ts';
import { sumOf } from '../core/moments.ts';
import type { Unknown } from '../core/vocabulary.ts';
import type { Trace } from '../evaluate/trace.ts';
import { METRIC_KINDS } from '../metric-types/registry.ts';
import type { ArmMoments, MomentsAnswer } from '../plan/answer.ts';
import { MOMENT_NEEDS, type MomentNeed } from '../plan/question.ts';
import { type Inference, notComputable, type Sample } from '../statistics/inference.ts';
import type { ResultRow } from './result-row.ts';
import { populationOf, type Session } from './session.ts';

/** The two arms of a line as they came from the warehouse; an arm without units has zero moments. */
export interface Arms {
  readonly control: ArmMoments;
  readonly treatment: ArmMoments;
}

/** Asks for what a line needs of its two arms. All lines of a request that want the same are answered by one statement. */
export async function armsOf(
  session: Session,
  row: ResultRow,
  needs: readonly MomentNeed[],
  trace?: Trace,
): Promise<Arms> {
  const answer = await momentsOf(session, row, needs, trace);
  return { control: armOf(row, answer, row.analysis.control), treatment: armOf(row, answer, row.treatment) };
}

export async function momentsOf(
  session: Session,
  row: ResultRow,
  needs: readonly MomentNeed[],
  trace?: Trace,
): Promise<MomentsAnswer> {
  return session.evaluator.ask(
    {
      kind: 'moments',
      population: populationOf(session, row.experiment, row.where, row.analysis.asOf),
      metric: row.metric,
      maturity: row.analysis.maturity,
      sliceBy: row.sliceBy,
      slices: row.slices,
      needs: MOMENT_NEEDS.filter(
        (need) => needs.includes(need) || (need === 'capping' && row.metric.cap !== null && needs.includes('products')),
      ),
      pivots: null,
    },
    trace,
  );
}

function armOf(row: ResultRow, answer: MomentsAnswer, variant: Variant): ArmMoments {
  const found = answer.find((arm) => arm.variant === variant.key && arm.slice === (row.slice?.index ?? 0));
  if (found !== undefined) return found;
  const zeros = row.metric.variables.map(() => 0);
  const products = zeros.map((_, i) => zeros.slice(0, i + 1));
  return {
    variant: variant.key,
    slice: row.slice?.index ?? 0,
    exposed: 0,
    moments: { units: 0, pivots: zeros, sums: zeros, products },
    order: null,
    joint: null,
    shape: null,
    unitsWithValue: 0,
    capping: null,
    invalidRows: 0,
    rowsBelowMinimum: 0,
  };
}

/** The mean as it is shown; a ratio's is the ratio of its totals. null: there is nothing to divide by, or it is too large. */
export function meanOfArm({ moments }: ArmMoments): number | null {
  const denominator = moments.sums.length > 1 ? sumOf(moments, 1) : moments.units;
  const mean = sumOf(moments) / denominator;
  return Number.isFinite(mean) ? mean : null;
}

/** Both arms reduced to what the tests take. */
export interface Samples {
  readonly control: Inference<Sample>;
  readonly treatment: Inference<Sample>;
}

export function samplesOf(row: ResultRow, arms: Arms): Samples {
  const { sample } = METRIC_KINDS[row.metric.type];
  const degenerate = capFault(arms);
  const of = (arm: ArmMoments): Inference<Sample> =>
    degenerate === null ? sample(arm, row.metric) : notComputable(degenerate);
  return { control: of(arms.control), treatment: of(arms.treatment) };
}

/** A threshold at the far end of the values makes all units alike: that is no variance of the metric's. */
export function capFault(arms: Arms): Unknown | null {
  const capping = arms.control.capping ?? arms.treatment.capping;
  if (capping === null) return null;
  const { lower, upper, minimum, maximum } = capping;
  if (minimum === null || maximum === null || minimum === maximum) return null;
  return (upper !== null && upper <= minimum) || (lower !== null && lower >= maximum) ? 'CAP_DEGENERATE' : null;
}

/** Both samples, or the first reason why there are not two. */
export function bothSamples({
  control,
  treatment,
}: Samples): Inference<{ readonly control: Sample; readonly treatment: Sample }> {
  if (!control.ok) return control;
  if (!treatment.ok) return treatment;
  return { ok: true, control, treatment };
}
