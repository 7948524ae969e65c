import type { SequentialMethod } from '../core/vocabulary.ts';
import { type Inference, notComputable } from '../statistics/inference.ts';
import { asymptoticSequence, type SequenceInput, type SequenceLook } from '../statistics/sequential.ts';
import { mixturePrecision, mixtureSequence } from '../statistics/sequential-mixture.ts';
import { hasEnded } from './analysis.ts';
import { type AtHand, type Effect, type GroupMethod, groupLook } from './looks.ts';

/** Units at which the always-valid tests are tightest where a running experiment has no plan. */
export const DEFAULT_TUNING_UNITS = 5_000;

/** N*: the planned units of the pair; without a plan, the units at hand once the experiment has ended, else a constant. */
export function tuningUnits({ row, arms }: AtHand): number {
  const planned = row.experiment.plan?.unitsPerVariant;
  if (planned != null) return 2 * planned;
  const atHand = arms.control.moments.units + arms.treatment.moments.units;
  return hasEnded(row.experiment, row.analysis.asOf) && atHand > 0 ? atHand : DEFAULT_TUNING_UNITS;
}

/** An effect as the always-valid tests take it. */
export function sequenceInput(atHand: AtHand, effect: Effect, alpha: number): SequenceInput {
  const { control, treatment } = atHand.arms;
  const { estimate, standardError, counted } = effect;
  const units = counted ?? control.moments.units + treatment.moments.units;
  return { estimate, standardError, units, alpha, tuningUnits: tuningUnits(atHand) };
}

/** A way to look repeatedly. */
export type Repeated = Exclude<SequentialMethod, 'NONE'>;

/**
 * One look at an effect, two-sided: p-value, interval and critical value by the named method. MIXTURE is tuned to the
 * information that the estimate will have at N* units, 1/se² in proportion to them.
 */
export function repeatedLook(
  atHand: AtHand,
  effect: Effect,
  { method, alpha }: { readonly method: Repeated; readonly alpha: number },
): Inference<SequenceLook> {
  if (method === 'ASYMPTOTIC') return asymptoticSequence(sequenceInput(atHand, effect, alpha));
  if (method !== 'MIXTURE') return groupLook(atHand, effect, { method, alpha });
  const { estimate, standardError, units, tuningUnits: planned } = sequenceInput(atHand, effect, alpha);
  if (units === 0) return notComputable('NO_UNITS');
  if (standardError === 0) return notComputable('ZERO_VARIANCE');
  const information = planned / units / standardError / standardError;
  if (!(information > 0 && Number.isFinite(information))) return notComputable('OVERFLOW');
  return mixtureSequence({ estimate, standardError, alpha, precision: mixturePrecision({ alpha, information }) });
}

/**
 * One-sided p-value of an effect in a direction: half the two-sided p of the always-valid sequence tuned at twice alpha when the
 * estimate points there, else 1 − half; at a declared look the repeated p-value of the one-sided design.
 */
export function repeatedOneSidedP(
  atHand: AtHand,
  effect: Effect,
  options: {
    readonly method: 'ASYMPTOTIC' | GroupMethod;
    readonly alpha: number;
    readonly alternative: 'greater' | 'less';
  },
): Inference<{ readonly pValue: number }> {
  const { method, alpha, alternative } = options;
  if (method !== 'ASYMPTOTIC') return groupLook(atHand, effect, { method, alpha, alternative });
  const look = asymptoticSequence(sequenceInput(atHand, effect, Math.min(2 * alpha, 0.5)));
  if (!look.ok) return look;
  const points = alternative === 'greater' ? effect.estimate > 0 : effect.estimate < 0;
  return { ok: true, pValue: points ? look.pValue / 2 : 1 - look.pValue / 2 };
}
