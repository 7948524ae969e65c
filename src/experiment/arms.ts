import type { Variant } from '../catalog/catalog.ts';
import { groupBy } from '../core/group-by.ts';
import { sumOf } from '../core/moments.ts';
import type { Unknown } from '../core/vocabulary.ts';
import type { Trace } from '../evaluate/trace.ts';
import { METRIC_KINDS } from '../metric-types/registry.ts';
import type { ArmMoments, MomentsAnswer } from '../plan/answer.ts';
import { MOMENT_NEEDS, type MomentNeed, type MomentsQuestion, type Strata } from '../plan/question.ts';
import { sampleOfClusters } from '../statistics/clusters.ts';
import { type Inference, notComputable, type Sample } from '../statistics/inference.ts';
import type { Arms } from './arm-pair.ts';
import type { ResultRow } from './result-row.ts';
import { populationOf, type Session } from './session.ts';
import { mergedArm, phaseOf, strataOf } from './strata.ts';

/** Asks for what a line needs of its two arms. All lines of a request that want the same are answered by one statement. */
export async function armsOf(
  session: Session,
  row: ResultRow,
  needs: readonly MomentNeed[],
  trace?: Trace,
): Promise<Arms> {
  const strata = await strataOf(session, row, trace);
  const answer = await asked(session, row, needs, strata, trace);
  const pair = (of: MomentsAnswer) => ({
    control: armOf(row, of, row.analysis.control),
    treatment: armOf(row, of, row.treatment),
  });
  if (strata === null) return pair(answer);
  // Beyond the strata that are told apart is their rest.
  const indices = [...strata.keys.keys(), strata.keys.length];
  const each = indices.map((i) => ({
    phase: phaseOf(strata, i),
    ...pair(answer.filter(({ stratum }) => stratum === i)),
  }));
  return { ...pair(answer), strata: each.filter(({ control, treatment }) => control.exposed + treatment.exposed > 0) };
}

export async function momentsOf(
  session: Session,
  row: ResultRow,
  needs: readonly MomentNeed[],
  trace?: Trace,
): Promise<MomentsAnswer> {
  const strata = await strataOf(session, row, trace);
  const answer = await asked(session, row, needs, strata, trace);
  if (strata === null) return answer;
  return [...groupBy(answer, ({ variant, slice }) => `${slice} ${variant}`).values()].map((arms) => mergedArm(arms));
}

/** The moments as the statement tells them: by stratum, where there are strata. */
function asked(
  session: Session,
  row: ResultRow,
  needs: readonly MomentNeed[],
  strata: Strata | null,
  trace?: Trace,
): Promise<MomentsAnswer> {
  return session.evaluator.ask(momentsQuestion(session, row, needs, strata), trace);
}

/** What is asked for a line: its two arms are told apart in the answer, as are the slices. */
export function momentsQuestion(
  session: Session,
  row: ResultRow,
  needs: readonly MomentNeed[],
  strata: Strata | null = null,
): MomentsQuestion {
  return {
    kind: 'moments',
    population: populationOf(session, row.experiment, row.where, row.analysis.asOf),
    metric: row.metric,
    maturity: row.analysis.maturity,
    sliceBy: row.sliceBy,
    slices: row.slices,
    ...(strata === null ? {} : { strata }),
    needs: MOMENT_NEEDS.filter(
      (need) => needs.includes(need) || (need === 'capping' && row.metric.cap !== null && needs.includes('products')),
    ),
    pivots: null,
  };
}

function armOf(row: ResultRow, answer: MomentsAnswer, variant: Variant): ArmMoments {
  const found = answer.filter((arm) => arm.variant === variant.key && arm.slice === (row.slice?.index ?? 0));
  if (found.length > 0) return mergedArm(found);
  const zeros = row.metric.type === 'QUANTILE' ? [] : row.metric.variables.map(() => 0);
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

/**
 * What the metric is of an arm, as it is shown: the mean; a ratio's totals divided; a quantile itself. null: there is nothing to
 * divide by, no value, or it is too large.
 */
export function meanOfArm({ moments, order }: ArmMoments): number | null {
  if (order !== null) return order.estimate;
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
  const isClustered = arms.control.clusters != null || arms.treatment.clusters != null;
  const of = (arm: ArmMoments): Inference<Sample> =>
    degenerate !== null ? notComputable(degenerate) : isClustered ? clusteredSample(row, arm) : sample(arm, row.metric);
  return { control: of(arms.control), treatment: of(arms.treatment) };
}

/** Where clusters were randomised, the variance is theirs; not computed of a quantile. */
function clusteredSample({ metric }: ResultRow, { clusters, moments }: ArmMoments): Inference<Sample> {
  const { estimator } = METRIC_KINDS[metric.type];
  if (estimator === 'QUANTILE') return notComputable('NOT_APPLICABLE');
  if (clusters == null) return notComputable('NO_UNITS');
  if (clusters.products === null) return notComputable('NOT_APPLICABLE');
  return sampleOfClusters(clusters, { type: estimator, pivots: moments.pivots });
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
