import type { Moments } from '../../core/moments.ts';
import { type Inference, type NotComputable, type Sample } from '../inference.ts';
import { sampleOfMean, sampleOfRatio } from '../samples.ts';
import { type Arms, type NotAdjusted, type Unadjusted, varianceReduction } from './adjustment.ts';
import { type JointSample, jointRatios, jointSample, pooledMoments } from './joint-sample.ts';
import { regressionCoefficients } from './theta.ts';

/** Pooled units with a covariate below which θ is mostly noise: its error adds about 1/n to the variance, not counted in it. */
const LEAST_UNITS = 20;

export interface CupedOptions {
  /**
   * Where the adjusted means lie. POOLED (the default): m_y − θ·(m_x − pooled m_x), on the scale of the metric, so that lifts
   * are over the adjusted control mean (tea-tasting). ORIGIN: m_y − θ·m_x (GrowthBook); only differences mean anything then.
   */
  readonly centre?: 'POOLED' | 'ORIGIN';
  /** Units that have a covariate, both arms together, where not all have (the others' is 0); all units by default. */
  readonly unitsWithCovariate?: number;
  /** Fewer units with a covariate than this are not adjusted: TOO_FEW_UNITS. */
  readonly leastUnits?: number;
  /** A smaller variance reduction is not used: NO_REDUCTION. 0 by default. */
  readonly leastReduction?: number;
}

/** Arms adjusted by their covariates. */
export interface CupedAdjusted extends Arms {
  readonly kind: 'ADJUSTED';
  /** Coefficient of each covariate; 0 for one that repeats others. */
  readonly theta: readonly number[];
  /** Share of the difference's variance that is gone: 1 − v_adjusted/v. */
  readonly varianceReduction: number;
}

/** Adjusted arms, or the arms as they are with the reason: never one for the other in silence. */
export type Cuped = CupedAdjusted | Unadjusted;

type JointOf = (moments: Moments) => Inference<JointSample>;

/**
 * CUPED of a mean or of a proportion (as a mean of zeros and ones): variable 0 is the outcome y, the others are covariates x
 * from before the exposure (for instance the pre-period value and an indicator of having none). With θ the regression of y on x
 * over both arms together, between-arm difference included (GrowthBook, tea-tasting):
 *
 *   y' = m_y − θ·(m_x − pooled m_x),     v' = v_y − 2θ·cov(y, x) + θ²·v_x  per arm
 *
 * (Deng, Xu, Kohavi & Walker 2013, eq. 3–5). No degree of freedom is taken for θ. Refused only where the outcome itself is.
 */
export function cupedMean(control: Moments, treatment: Moments, options: CupedOptions = {}): Inference<Cuped> {
  return cuped(control, treatment, options, (moments) => sampleOfMean(moments), jointSample);
}

/**
 * CUPED of a ratio: variables are the numerator, the denominator and the same two from before the exposure. The covariate is
 * the ratio of the latter, its covariance with the metric by the delta method (Deng, Knoblich & Lu 2018; tea-tasting's
 * RatioOfMeans); else as {@link cupedMean}. A covariate without a denominator leaves the arms unadjusted: ZERO_BASELINE.
 */
export function cupedRatio(control: Moments, treatment: Moments, options: CupedOptions = {}): Inference<Cuped> {
  return cuped(control, treatment, options, sampleOfRatio, (moments) => {
    const joint = jointSample(moments);
    return joint.ok ? jointRatios(joint) : joint;
  });
}

function cuped(
  control: Moments,
  treatment: Moments,
  options: CupedOptions,
  outcome: (moments: Moments) => Inference<Sample>,
  jointOf: JointOf,
): Inference<Cuped> {
  const arms = bothArms(outcome(control), outcome(treatment));
  if ('reason' in arms) return arms;
  const unadjusted = (reason: NotAdjusted): Inference<Cuped> => ({ ok: true, kind: 'UNADJUSTED', reason, ...arms });
  const joints = [jointOf(control), jointOf(treatment), jointOf(pooledMoments(control, treatment))];
  const fault = joints.find((joint) => !joint.ok);
  // the outcome could be computed, so what cannot is the covariate
  if (fault !== undefined) return unadjusted(faultOf(fault as NotComputable));
  const [c, t, pooled] = joints as readonly JointSample[] as readonly [JointSample, JointSample, JointSample];
  const { unitsWithCovariate = pooled.n, leastUnits = LEAST_UNITS, leastReduction = 0, centre = 'POOLED' } = options;
  if (unitsWithCovariate < leastUnits) return unadjusted('TOO_FEW_UNITS');
  const theta = regressionCoefficients(pooled);
  if (theta.every((coefficient) => coefficient === 0)) {
    const varies = pooled.covariance.map((row, i) => row[i]! > 0);
    return unadjusted(varies[0] && varies.includes(true, 1) ? 'NO_REDUCTION' : 'ZERO_VARIANCE');
  }
  const origin = centre === 'POOLED' ? pooled.means : pooled.means.map(() => 0);
  const adjusted = { control: adjust(c, theta, origin), treatment: adjust(t, theta, origin) };
  const numbers = [adjusted.control, adjusted.treatment].flatMap(({ mean, variance }) => [mean, variance]);
  if (!numbers.every(Number.isFinite)) return unadjusted('OVERFLOW');
  const reduction = varianceReduction(arms, adjusted);
  if (reduction === null) return unadjusted('ZERO_VARIANCE');
  if (reduction < leastReduction) return unadjusted('NO_REDUCTION');
  return { ok: true, kind: 'ADJUSTED', theta, varianceReduction: reduction, ...adjusted };
}

/** Both outcomes, or the refusal of the first that has none. */
function bothArms(control: Inference<Sample>, treatment: Inference<Sample>): Arms | NotComputable {
  if (!control.ok) return control;
  if (!treatment.ok) return treatment;
  const { ok: _, ...c } = control;
  const { ok: __, ...t } = treatment;
  return { control: c, treatment: t };
}

function faultOf({ reason }: NotComputable): NotAdjusted {
  if (reason === 'ZERO_BASELINE' || reason === 'OVERFLOW') return reason;
  throw new Error(`A covariate cannot fail for ${reason} where its outcome does not.`);
}

/** The arm at the covariates' origin: the regression line of slope θ through its means, and the variance about it. */
function adjust({ n, means, covariance }: JointSample, theta: readonly number[], origin: readonly number[]): Sample {
  let mean = means[0]!;
  const own = covariance[0]![0]!;
  let [shared, explained] = [0, 0];
  for (const [k, coefficient] of theta.entries()) {
    const row = covariance[k + 1]!;
    mean -= coefficient * (means[k + 1]! - origin[k + 1]!);
    shared += coefficient * row[0]!;
    for (const [l, other] of theta.entries()) explained += coefficient * other * row[l + 1]!;
  }
  const variance = own - 2 * shared + explained;
  // what rounding leaves of a perfect prediction
  return { n, mean, variance: variance <= 1e-12 * (own + explained) ? 0 : variance };
}
