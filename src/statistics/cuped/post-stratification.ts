import type { Moments } from '../../core/moments.ts';
import type { Inference, Sample } from '../inference.ts';
import { sampleOfMean, sampleOfRatio } from '../samples.ts';
import { type Arms, type NotAdjusted, type Unadjusted, varianceReduction } from './adjustment.ts';
import { type JointSample, jointRatios, jointSample, outcomeOf, pooledMoments } from './joint-sample.ts';

/** One value of an attribute that was fixed before the exposure (country, platform …), with both arms' moments in it. */
export interface Stratum {
  readonly name: string;
  readonly control: Moments;
  readonly treatment: Moments;
}

export interface PostStratificationOptions {
  /** Which metric the moments are of: variable 0 (MEAN; also a proportion), or variable 0 over 1 (RATIO). */
  readonly type: 'MEAN' | 'RATIO';
  /** A stratum with fewer units in an arm is put together with others; at least 2, 10 by default. */
  readonly leastUnits?: number;
}

/** Arms adjusted to one common mix of strata. */
export interface PostStratifiedArms extends Arms {
  readonly kind: 'ADJUSTED';
  /** 1 − v_adjusted/v of the difference. */
  readonly varianceReduction: number;
  readonly strata: number;
  /** Names of the strata that were too small to stand alone. */
  readonly collapsed: readonly string[];
}

export type PostStratified = PostStratifiedArms | Unadjusted;

/**
 * Post-stratification (Miratrix, Sekhon & Yu 2013, eq. 3 and 7): each arm's mean over the strata, weighted by the strata's shares
 * of all units, which are the same for both arms:
 *
 *   m = Σ w_k·m_k,     se² = Σ w_k²·v_k/n_k,     w_k = units of k in both arms / all units
 *
 * The variance is conditional on the sizes of the strata: it holds for the units of the experiment, and for a population
 * where the effect is about the same in all strata. A ratio takes numerator and denominator so, then the delta method. Strata
 * are put together by size alone, never by outcome; when only one is left, the arms stay as they are: TOO_FEW_UNITS.
 */
export function postStratified(
  strata: readonly Stratum[],
  { type, leastUnits = 10 }: PostStratificationOptions,
): Inference<PostStratified> {
  if (!(leastUnits >= 2)) throw new RangeError(`A stratum needs 2 units an arm, not ${leastUnits}.`);
  if (strata.length === 0) throw new RangeError('Post-stratification needs a stratum.');
  const whole = strata.reduce(together);
  const outcome = (moments: Moments) => (type === 'RATIO' ? sampleOfRatio(moments) : sampleOfMean(moments));
  const [control, treatment] = [outcome(whole.control), outcome(whole.treatment)];
  if (!control.ok) return control;
  if (!treatment.ok) return treatment;
  const arms = { control: sampleOnly(control), treatment: sampleOnly(treatment) };
  const unadjusted = (reason: NotAdjusted): Inference<PostStratified> => ({
    ok: true,
    kind: 'UNADJUSTED',
    reason,
    ...arms,
  });
  const { kept, collapsed } = collapse(strata, leastUnits);
  if (kept.length < 2) return unadjusted('TOO_FEW_UNITS');
  const adjusted: Sample[] = [];
  for (const arm of ['control', 'treatment'] as const) {
    const joint = atCommonMix(kept, arm);
    const ratios = joint.ok && type === 'RATIO' ? jointRatios(joint) : joint;
    if (!ratios.ok) return unadjusted(ratios.reason === 'ZERO_BASELINE' ? 'ZERO_BASELINE' : 'OVERFLOW');
    adjusted.push(outcomeOf(ratios));
  }
  const after = { control: adjusted[0]!, treatment: adjusted[1]! };
  const reduction = varianceReduction(arms, after);
  if (reduction === null) return unadjusted('ZERO_VARIANCE');
  if (reduction < 0) return unadjusted('NO_REDUCTION');
  return { ok: true, kind: 'ADJUSTED', varianceReduction: reduction, strata: kept.length, collapsed, ...after };
}

const sampleOnly = ({ n, mean, variance }: Sample): Sample => ({ n, mean, variance });
const smallerArm = ({ control, treatment }: Stratum) => Math.min(control.units, treatment.units);
const unitsOf = ({ control, treatment }: Stratum) => control.units + treatment.units;

function together(a: Stratum, b: Stratum): Stratum {
  return {
    name: a.name,
    control: pooledMoments(a.control, b.control),
    treatment: pooledMoments(a.treatment, b.treatment),
  };
}

/** Strata that can stand alone; the small ones as one, which joins the smallest of the others if it is still too small. */
function collapse(strata: readonly Stratum[], leastUnits: number): { kept: Stratum[]; collapsed: string[] } {
  const small = strata.filter((stratum) => smallerArm(stratum) < leastUnits);
  const large = strata.filter((stratum) => smallerArm(stratum) >= leastUnits);
  const collapsed = small.map(({ name }) => name);
  if (small.length === 0) return { kept: large, collapsed };
  const rest = small.reduce(together);
  if (smallerArm(rest) >= leastUnits || large.length === 0) return { kept: [...large, rest], collapsed };
  const nearest = large.reduce((least, stratum) => (unitsOf(stratum) < unitsOf(least) ? stratum : least));
  return { kept: large.map((stratum) => (stratum === nearest ? together(stratum, rest) : stratum)), collapsed };
}

/** Strata that can stand alone, the small ones put together. */
export function collapsed(strata: readonly Stratum[], leastUnits: number): readonly Stratum[] {
  return collapse(strata, leastUnits).kept;
}

/** One arm's variables at the common mix: Σ w_k·m_k and n·Σ w_k²·S_k/n_k, which is per unit as in any sample. */
export function atCommonMix(strata: readonly Stratum[], arm: 'control' | 'treatment'): Inference<JointSample> {
  const all = strata.reduce((sum, stratum) => sum + unitsOf(stratum), 0);
  const n = strata.reduce((sum, stratum) => sum + stratum[arm].units, 0);
  const variables = strata[0]![arm].pivots.length;
  const means = Array.from({ length: variables }, () => 0);
  const covariance = means.map(() => means.map(() => 0));
  for (const stratum of strata) {
    const joint = jointSample(stratum[arm]);
    if (!joint.ok) return joint;
    const weight = unitsOf(stratum) / all;
    for (const i of means.keys()) {
      means[i] = means[i]! + weight * joint.means[i]!;
      for (const j of means.keys()) {
        covariance[i]![j] = covariance[i]![j]! + weight * weight * (n / joint.n) * joint.covariance[i]![j]!;
      }
    }
  }
  return { ok: true, n, means, covariance };
}
