import type { Trace } from '../evaluate/trace.ts';
import { type EffectEstimate, type EffectScale, normalPosterior, priorOnScale } from '../statistics/bayesian.ts';
import { contrast } from '../statistics/contrast.ts';
import { normalSf } from '../statistics/distributions.ts';
import { type Inference, notComputable } from '../statistics/inference.ts';
import { liftDefined } from '../statistics/lift.ts';
import { type Comparison, compare, deltaLiftOf } from './comparison.ts';
import { type Estimate, unknownEstimate } from './estimate.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';
import type { Validity } from './validity.ts';

/** A side view: what is to be believed of the effect after the data, for one reading of them. */
export interface BayesianResult {
  readonly scale: 'relative' | 'absolute';
  /** null: not computable, or neither direction is better. */
  readonly chanceToBeatControl: number | null;
  /** Of shipping the treatment, and of keeping the control; on the scale of the effect. */
  readonly expectedLoss: number | null;
  readonly expectedLossOfKeeping: number | null;
  /** Mean and standard deviation of the posterior, and its credible interval. */
  readonly estimate: Estimate;
  /** In words. */
  readonly prior: string;
  /** HEURISTIC: the normal approximation of a relative effect is doubtful, as the control mean may be zero. */
  readonly validity: Validity;
}

/** A normal prior on an effect; null: flat. */
export interface PriorInput {
  readonly mean: number;
  readonly sd: number;
}

/** The relative effect's divisor is on the wrong side of zero with a higher probability: its normal approximation is doubtful. */
const WRONG_SIDE = 1e-4;

/** With the prior asked for, on the scale of the catalog's; else the catalog's; else a flat one. The effect is relative unless that is absolute. */
export async function bayesianOf(
  session: Session,
  row: ResultRow,
  asked: PriorInput | null,
  trace?: Trace,
): Promise<BayesianResult> {
  const comparison = await compare(session, row, trace);
  const declared = row.analysis.prior;
  const scale = declared?.scale ?? 'RELATIVE';
  const prior = asked ?? declared;
  const words = {
    scale: scale === 'RELATIVE' ? ('relative' as const) : ('absolute' as const),
    prior: wordsOf(prior, scale),
  };
  const found = posterior(comparison, prior, scale);
  if (!found.ok)
    return {
      ...words,
      chanceToBeatControl: null,
      expectedLoss: null,
      expectedLossOfKeeping: null,
      estimate: unknownEstimate(found.reason),
      validity: 'ASYMPTOTIC',
    };
  const directed = row.metric.goodWhen !== 'NEITHER';
  return {
    ...words,
    chanceToBeatControl: directed ? found.chanceToBeatControl : null,
    expectedLoss: directed ? found.expectedLoss : null,
    expectedLossOfKeeping: directed ? found.expectedLossOfKeeping : null,
    estimate: { value: found.mean, standardError: found.sd, interval: found.interval, pValue: null, unknown: null },
    validity: found.doubtful ? 'HEURISTIC' : 'ASYMPTOTIC',
  };
}

function posterior(comparison: Comparison, prior: PriorInput | null, scale: EffectScale) {
  const { samples, row } = comparison;
  if (!samples.ok) return samples;
  const { control } = samples;
  const effect = scale === 'RELATIVE' ? relative(comparison) : absolute(comparison);
  if (!effect.ok) return effect;
  const scaled = priorOnScale(
    prior === null ? { kind: 'FLAT' } : { kind: 'NORMAL', mean: prior.mean, sd: prior.sd, scale },
    scale,
    control.mean,
  );
  if (!scaled.ok) return scaled;
  // Over a negative control mean a greater treatment is a smaller lift.
  const flipped = scale === 'RELATIVE' && control.mean < 0;
  const goodWhen = (row.metric.goodWhen === 'DOWN') === flipped ? 'UP' : 'DOWN';
  const found = normalPosterior(effect, scaled.prior, { level: row.analysis.level, goodWhen });
  if (!found.ok) return found;
  const wrongSide = normalSf(Math.abs(control.mean) / Math.sqrt(control.variance / control.n));
  return { ...found, doubtful: scale === 'RELATIVE' && wrongSide > WRONG_SIDE };
}

/** The lift with its delta-method error, as gbstats. */
function relative(comparison: Comparison): Inference<EffectEstimate> {
  const { samples, row } = comparison;
  if (!samples.ok) return samples;
  const defined = liftDefined(samples.control, samples.treatment);
  if (!defined.ok) return defined;
  const lift = deltaLiftOf(comparison, row.analysis.level);
  if (!lift.ok) return lift;
  return lift.standardError === null
    ? notComputable('NOT_APPLICABLE')
    : { ok: true, estimate: lift.value, standardError: lift.standardError };
}

function absolute({ samples }: Comparison): Inference<EffectEstimate> {
  if (!samples.ok) return samples;
  if (samples.control.variance === 0 || samples.treatment.variance === 0) return notComputable('ZERO_VARIANCE');
  return contrast(samples.control, samples.treatment);
}

function wordsOf(prior: PriorInput | null, scale: EffectScale): string {
  if (prior === null) return 'flat: nothing is believed of the effect before the data';
  const of = scale === 'RELATIVE' ? 'relative change' : "difference, in the metric's unit";
  return `normal with mean ${prior.mean} and standard deviation ${prior.sd}, on the ${of}`;
}
