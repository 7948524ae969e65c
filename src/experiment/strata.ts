import type { Moments } from '../core/moments.ts';
import type { Trace } from '../evaluate/trace.ts';
import { METRIC_KINDS } from '../metric-types/registry.ts';
import type { ArmMoments } from '../plan/answer.ts';
import { mergeArmMoments } from '../plan/merge-arm-moments.ts';
import { PHASE, type SliceKey, type Strata } from '../plan/question.ts';
import { assignmentSource } from '../plan/scope.ts';
import { varianceReduction } from '../statistics/cuped/adjustment.ts';
import type { JointSample } from '../statistics/cuped/joint-sample.ts';
import { atCommonMix, collapsed, type Stratum } from '../statistics/cuped/post-stratification.ts';
import { type Inference, notComputable } from '../statistics/inference.ts';
import { sampleOfMean, sampleOfRatio } from '../statistics/samples.ts';
import { allocationsOf, isRamped } from './allocation.ts';
import type { Arms, Pair, StratumArms } from './arm-pair.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';
import { slicesOf } from './slices.ts';

/** An arm of a stratum with fewer units is put together with others, or left out where the allocation changed. */
const LEAST_UNITS = 10;

/**
 * What a line is stratified by: the phases, where the allocation changed between them, and the dimensions that the analysis names.
 * null: nothing; a quantile, whose strata cannot be put together; or clusters, whose units may be in several strata.
 */
export async function strataOf(session: Session, row: ResultRow, trace?: Trace): Promise<Strata | null> {
  const { experiment, where, analysis, sliceBy } = row;
  const isClustered = assignmentSource(session.catalog, experiment).cluster != null;
  if (isClustered || METRIC_KINDS[row.metric.type].estimator === 'QUANTILE') return null;
  const phases = isRamped(experiment) ? allocationsOf(experiment).map((_, i) => [String(i)]) : [];
  const dimensions = analysis.stratifyBy.filter((name) => !sliceBy.includes(name));
  const byPhase = phases.length === 0 ? null : { by: [PHASE], keys: phases };
  if (dimensions.length === 0) return byPhase;
  const slices = await slicesOf(session, experiment, where, analysis.asOf, dimensions, trace);
  const keys = slices.flatMap(({ values }) => (values === null ? [] : [values]));
  if (byPhase === null) return { by: dimensions, keys };
  // The rest of many slices would lie in several phases at once.
  if (keys.length < slices.length) return byPhase;
  const crossed: readonly SliceKey[] = keys.flatMap((key) => phases.map((phase) => [...key, ...phase]));
  return { by: [...dimensions, PHASE], keys: crossed };
}

/** The phase of a stratum; null: it is not one of a phase. */
export function phaseOf({ by, keys }: Strata, stratum: number): number | null {
  const phase = by.at(-1) === PHASE ? keys[stratum]?.at(-1) : null;
  return phase == null ? null : Number(phase);
}

/** The units of several strata together. */
export const mergedArm = (arms: readonly ArmMoments[]): ArmMoments => arms.reduce(mergeArmMoments);

/** A line's arms at one mix of strata, the same for both. */
export interface Standardised {
  /** The estimates of the arms. */
  readonly samples: Inference<Pair>;
  /** Arms whose moments are those of the mix, as an adjustment by covariates takes them; null: there are none. */
  readonly arms: Arms | null;
}

/**
 * Both arms weighted to the strata's shares of their units together (Miratrix, Sekhon & Yu 2013, eq. 3 and 7). Where the allocation
 * changed, only units of one phase are comparable: small strata are put together within their phase, and a phase in which one of the
 * arms has no weight, or fewer than ten units, adds nothing to the pair. null: there are no strata, fewer than two of them, or
 * without phases they would make the estimate less precise.
 */
export function standardised(row: ResultRow, arms: Arms, unadjusted: Inference<Pair>): Standardised | null {
  if (arms.strata == null || !unadjusted.ok) return null;
  const ramped = isRamped(row.experiment);
  const kept = comparable(row, arms.strata);
  const of = (pick: (arm: ArmMoments) => Moments): readonly Stratum[] =>
    kept.flatMap((cells) =>
      collapsed(
        cells.map(({ control, treatment }, i) => ({
          name: String(i),
          control: pick(control),
          treatment: pick(treatment),
        })),
        LEAST_UNITS,
      ),
    );
  const strata = of(({ moments }) => moments);
  if (strata.length === 0) return ramped ? { samples: notComputable('TOO_FEW_UNITS'), arms: null } : null;
  if (strata.length === 1 && !ramped) return null;
  const mixed = mixOf(arms, strata, (arm, moments) => ({ ...arm, moments }));
  if (!mixed.ok) return { samples: mixed, arms: null };
  const samples = samplesAt(row, mixed.arms);
  if (!ramped) {
    const reduction = samples.ok ? varianceReduction(unadjusted, samples) : null;
    if (reduction === null || reduction < 0) return null;
  }
  if (arms.control.joint === null || arms.treatment.joint === null) return { samples, arms: mixed.arms };
  const withJoint = mixOf(
    mixed.arms,
    of(({ joint }) => joint?.moments ?? NOBODY),
    (arm, moments) => ({ ...arm, joint: { ...arm.joint!, moments } }),
  );
  return { samples, arms: withJoint.ok ? withJoint.arms : null };
}

/** Moments of no units, of any variables. */
const NOBODY: Moments = { units: 0, pivots: [], sums: [], products: [] };

/** The strata by phase, without the phases in which the pair cannot be compared. */
function comparable(
  { experiment, ...row }: ResultRow,
  strata: readonly StratumArms[],
): readonly (readonly StratumArms[])[] {
  if (!isRamped(experiment)) return [strata];
  return allocationsOf(experiment).flatMap((weights, phase) => {
    const own = strata.filter((one) => one.phase === phase);
    const isPlanned = [row.analysis.control, row.treatment].every(({ key }) => (weights.get(key) ?? 0) > 0);
    const units = (side: 'control' | 'treatment') => own.reduce((sum, one) => sum + one[side].moments.units, 0);
    return isPlanned && Math.min(units('control'), units('treatment')) >= LEAST_UNITS ? [own] : [];
  });
}

function mixOf(
  arms: Arms,
  strata: readonly Stratum[],
  put: (arm: ArmMoments, moments: Moments) => ArmMoments,
): Inference<{ readonly arms: Arms }> {
  const control = atCommonMix(strata, 'control');
  const treatment = atCommonMix(strata, 'treatment');
  if (!control.ok) return control;
  if (!treatment.ok) return treatment;
  return {
    ok: true,
    arms: { control: put(arms.control, momentsLike(control)), treatment: put(arms.treatment, momentsLike(treatment)) },
  };
}

/** Moments with the means and covariances of a sample. */
function momentsLike({ n, means, covariance }: JointSample): Moments {
  return {
    units: n,
    pivots: means,
    sums: means.map(() => 0),
    products: covariance.map((row, i) => row.slice(0, i + 1).map((value) => value * (n - 1))),
  };
}

function samplesAt({ metric }: ResultRow, arms: Arms): Inference<Pair> {
  // A proportion's variance is that of the mix, which its share alone does not tell.
  const sample =
    METRIC_KINDS[metric.type].estimator === 'RATIO' ? sampleOfRatio : (moments: Moments) => sampleOfMean(moments);
  const control = sample(arms.control.moments);
  const treatment = sample(arms.treatment.moments);
  if (!control.ok) return control;
  if (!treatment.ok) return treatment;
  return { ok: true, control, treatment };
}
