import { normalSf } from '../distributions.ts';
import { type Inference, notComputable } from '../inference.ts';
import { directed, type GroupSequentialDesign, looksInOrder, sideBoundaries, sidesOf } from './boundaries.ts';
import { tailAt } from './survivors.ts';

/** A statistic beyond this counts as this: its tail is close to the smallest double, and the p-value an upper bound. */
const LARGEST_Z = 37;
const LARGEST_ALPHA = 1 - 1e-9;
/** Relative accuracy of the p-value. */
const TOLERANCE = 1e-11;

/**
 * Repeated p-value of the statistic at the last of the looks: the smallest alpha at which the design would stop there
 * (Jennison & Turnbull 2000, chapter 9). It is below alpha exactly when the statistic is beyond the boundary of that alpha,
 * and may be read at every declared look: P(any of them ≤ alpha) ≤ alpha under the null hypothesis. It is not the p-value of a
 * test that has stopped; it is larger.
 *
 * `looks` are those up to now, the last one being looked at. Solved for ln alpha by the Illinois variant of false position
 * (Dowell & Jarratt 1971).
 */
export function repeatedPValue(
  design: Omit<GroupSequentialDesign, 'alpha'>,
  statistic: number,
): Inference<{ readonly pValue: number }> {
  const { looks, spending, alternative } = design;
  if (!looksInOrder(looks)) return notComputable('NOT_APPLICABLE');
  if (Number.isNaN(statistic)) throw new RangeError('repeatedPValue was called with NaN.');
  const sides = sidesOf(alternative);
  const z = Math.min(directed(statistic, alternative), LARGEST_Z);
  const information = looks.at(-1)!;

  /** ln of the tail at z over what the look may spend: above 0 where this alpha does not stop. */
  const excess = (logAlpha: number) => {
    const { before, allowance } = sideBoundaries(looks, spending, Math.exp(logAlpha) / sides).at(-1)!;
    const { tail } = tailAt(before, Math.sqrt(information - before.information), z * Math.sqrt(information));
    return Math.log(Math.max(tail, Number.MIN_VALUE)) - Math.log(Math.max(allowance, Number.MIN_VALUE));
  };

  // By a look that stops just at z at least P(Z > z) is spent, and the excess falls by 1 or more as ln alpha rises by 1.
  const largest = Math.log(LARGEST_ALPHA);
  let low = Math.min(largest, Math.log(sides * normalSf(z)));
  let atLow = excess(low);
  if (atLow <= 0) return { ok: true, pValue: Math.exp(low) };
  let high = Math.min(largest, low + atLow);
  let atHigh = excess(high);
  if (atHigh > 0) [high, atHigh] = [largest, excess(largest)];
  if (atHigh > 0) return { ok: true, pValue: 1 };
  let moved: 'low' | 'high' | null = null; // the end that moved last; where one stays twice, its value is halved
  for (let step = 0; step < 100 && high - low > TOLERANCE; step++) {
    const middle = low + ((high - low) * atLow) / (atLow - atHigh);
    const value = excess(middle);
    if (Math.abs(value) <= TOLERANCE) return { ok: true, pValue: Math.exp(middle) };
    if (value > 0) {
      if (moved === 'low') atHigh /= 2;
      [low, atLow, moved] = [middle, value, 'low'];
    } else {
      if (moved === 'high') atLow /= 2;
      [high, atHigh, moved] = [middle, value, 'high'];
    }
  }
  return { ok: true, pValue: Math.exp(high) };
}
