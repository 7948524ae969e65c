import type { GoodWhen } from '../core/vocabulary.ts';
import { assertProbability } from './alternative.ts';
import { contrast } from './contrast.ts';
import { normalLoss } from './distributions/normal-loss.ts';
import { normalSf, normalUpperQuantile } from './distributions.ts';
import { computed, type Inference, type Interval, notComputable, type Sample } from './inference.ts';
import { deltaLift } from './lift/delta.ts';

/** The scale of an effect: the difference in the metric's unit, or the lift, a share of the control mean. */
export type EffectScale = 'ABSOLUTE' | 'RELATIVE';

/** What is believed of the effect before the data: nothing (an improper flat prior), or a normal distribution on one scale. */
export type EffectPrior =
  | { readonly kind: 'FLAT' }
  | { readonly kind: 'NORMAL'; readonly mean: number; readonly sd: number; readonly scale: EffectScale };

/** A normal likelihood of the effect. */
export interface EffectEstimate {
  readonly estimate: number;
  readonly standardError: number;
}

/** A prior on the scale of the estimate it meets. */
export type ScaledPrior = { readonly mean: number; readonly sd: number } | null;

export interface PosteriorOptions {
  /** Of the credible interval, e.g. 0.95. */
  readonly level: number;
  readonly goodWhen: Exclude<GoodWhen, 'NEITHER'>;
}

/** What is believed of the effect after the data: N(mean, sd²). */
export interface EffectPosterior {
  readonly mean: number;
  readonly sd: number;
  /** P(the effect is an improvement). */
  readonly chanceToBeatControl: number;
  /** Expected loss of shipping the treatment, on the effect's scale: E max(worsening, 0). */
  readonly expectedLoss: number;
  /** Expected loss of keeping the control: E max(improvement, 0). */
  readonly expectedLossOfKeeping: number;
  /** Credible, equal tails. */
  readonly interval: Interval;
}

/**
 * Posterior of an effect with a normal likelihood and a normal prior, or a flat one (null): precisions add, means are weighted by
 * them (Gelman et al. 2013, section 2.5), and with k = mean/sd E max(effect, 0) = sd·(φ(k) + k·Φ(k)). As gbstats'
 * EffectBayesianABTest. It is right for one reading of the data: stopping when the chance to win is high inflates the error as
 * peeking at a p-value does.
 */
export function normalPosterior(
  { estimate, standardError }: EffectEstimate,
  prior: ScaledPrior,
  { level, goodWhen }: PosteriorOptions,
): Inference<EffectPosterior> {
  assertProbability('level', level);
  if (standardError === 0) return notComputable('ZERO_VARIANCE');
  const precisionShare = prior === null ? 0 : 1 / (1 + (prior.sd / standardError) ** 2); // the prior's, of both
  const mean = prior === null ? estimate : estimate * (1 - precisionShare) + prior.mean * precisionShare;
  const sd = prior === null ? standardError : standardError / Math.hypot(1, standardError / prior.sd);
  const k = mean / sd;
  if (![mean, k].every(Number.isFinite) || sd === 0) return notComputable('OVERFLOW');
  const [lossIfDown, lossIfUp] = [sd * normalLoss(k), sd * normalLoss(-k)];
  const up = goodWhen === 'UP';
  const half = normalUpperQuantile((1 - level) / 2) * sd;
  const [lower, upper] = [mean - half, mean + half];
  return computed(
    {
      mean,
      sd,
      chanceToBeatControl: normalSf(up ? -k : k),
      expectedLoss: up ? lossIfDown : lossIfUp,
      expectedLossOfKeeping: up ? lossIfUp : lossIfDown,
      interval: { lower, upper, level },
    },
    lower,
    upper,
    lossIfDown,
    lossIfUp,
  );
}

export interface BayesianOptions extends PosteriorOptions {
  readonly scale: EffectScale;
  readonly prior: EffectPrior;
}

/** The prior on the analysis' scale: a relative one times |m_C| for a difference, an absolute one over |m_C| for a lift. */
export function priorOnScale(
  prior: EffectPrior,
  scale: EffectScale,
  controlMean: number,
): Inference<{ prior: ScaledPrior }> {
  if (prior.kind === 'FLAT') return { ok: true, prior: null };
  if (!(Number.isFinite(prior.mean) && prior.sd > 0 && Number.isFinite(prior.sd))) {
    throw new RangeError(`A normal prior needs a finite mean and an sd above 0, not ${prior.mean} and ${prior.sd}.`);
  }
  if (prior.scale === scale) return { ok: true, prior };
  if (controlMean === 0) return notComputable('ZERO_BASELINE');
  const size = Math.abs(controlMean);
  const [mean, sd] = scale === 'ABSOLUTE' ? [prior.mean * size, prior.sd * size] : [prior.mean / size, prior.sd / size];
  return sd === 0 ? notComputable('OVERFLOW') : computed({ prior: { mean, sd } }, mean, sd);
}

/**
 * Whether the normal approximation of a relative effect is good: the control mean, its divisor, is on the wrong side of zero with
 * probability at most 1e-4 (the guard and its 1e-4 are those of GrowthBook's relative effects before gbstats 0.8).
 */
export type NormalApproximation = 'ADEQUATE' | 'DOUBTFUL';

const WRONG_SIDE = 1e-4;

/**
 * Posterior of treatment over control from their samples, with gbstats' approximations and guards: the likelihood is normal with
 * the delta-method variance on the relative scale, the difference's on the absolute one; an arm without variance is refused
 * (ZERO_VARIANCE), so is a relative effect over a zero control mean (ZERO_BASELINE). `approximation` is DOUBTFUL where the relative
 * effect's divisor may be zero; report the absolute scale there.
 */
export function effectPosterior(
  control: Sample,
  treatment: Sample,
  options: BayesianOptions,
): Inference<EffectPosterior & { readonly approximation: NormalApproximation }> {
  const effect = effectEstimate(control, treatment, options.scale);
  if (!effect.ok) return effect;
  const scaled = priorOnScale(options.prior, options.scale, control.mean);
  if (!scaled.ok) return scaled;
  const posterior = normalPosterior(effect, scaled.prior, options);
  if (!posterior.ok) return posterior;
  const wrongSide = normalSf(Math.abs(control.mean) / Math.sqrt(control.variance / control.n));
  const doubtful = options.scale === 'RELATIVE' && wrongSide > WRONG_SIDE;
  return { ...posterior, approximation: doubtful ? 'DOUBTFUL' : 'ADEQUATE' };
}

function effectEstimate(control: Sample, treatment: Sample, scale: EffectScale): Inference<EffectEstimate> {
  if (scale === 'RELATIVE') {
    const lift = deltaLift(control, treatment, { level: 0.95 });
    return lift.ok ? { ok: true, estimate: lift.value, standardError: lift.standardError! } : lift;
  }
  const difference = contrast(control, treatment);
  if (difference.ok && (control.variance === 0 || treatment.variance === 0)) return notComputable('ZERO_VARIANCE');
  return difference;
}
