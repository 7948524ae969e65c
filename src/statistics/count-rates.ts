import { type Alternative, assertProbability, intervalFor, pValueOf } from './alternative.ts';
import { binomialCdf, binomialTwoSidedP, binomialUpperTail } from './distributions/binomial.ts';
import { normalUpperQuantile } from './distributions.ts';
import { computed, type Inference, type Interval, notComputable } from './inference.ts';

/** Events of one arm and what they are counted over: units, days, hours at risk. */
export interface EventRate {
  /** A whole number. */
  readonly events: number;
  /** Above 0, in the same measure for both arms. */
  readonly exposure: number;
}

export interface RateOptions {
  /** Confidence level of the interval. */
  readonly level: number;
  readonly alternative?: Alternative;
}

/** Comparison of two Poisson rates. */
export interface RateTest {
  /** Treatment's rate over control's; null when control has no events. */
  readonly ratio: number | null;
  readonly statistic: number;
  readonly pValue: number;
  /** Of the conditional test: treatment's share of all events is binomial. Never below its nominal error. */
  readonly exactPValue: number;
  /** Score interval of the ratio: it excludes 1 exactly when the score test rejects. Null bound: any larger ratio fits. */
  readonly interval: Interval;
}

/**
 * Rates of events that are truly Poisson (independent of one another): the score test that they are equal and its interval
 * (Ng & Tang 2005; Gu, Ng, Tang & Schucany 2008; statsmodels' `test_poisson_2indep(method='score')`), and the exact
 * conditional test (Przyborowski & Wilenski 1940). With exposures e and counts y, ρ = ratio·e_T/e_C:
 *
 *   z = (y_T − y_C·ρ)/√((y_T + y_C)·ρ),     interval: all ratios with |z| ≤ q, a quadratic in ρ
 *
 * Counts that cluster within users are not Poisson: compare their means per user instead. No exposure: NO_UNITS; no events
 * at all: ZERO_VARIANCE.
 */
export function compareRates(control: EventRate, treatment: EventRate, options: RateOptions): Inference<RateTest> {
  const { level, alternative = 'two-sided' } = options;
  assertProbability('level', level);
  for (const { events, exposure } of [control, treatment]) {
    if (!(Number.isSafeInteger(events) && events >= 0)) throw new RangeError(`Events must be a count, not ${events}.`);
    if (!(exposure >= 0)) throw new RangeError(`An exposure must be 0 or more, not ${exposure}.`);
  }
  if (control.exposure === 0 || treatment.exposure === 0) return notComputable('NO_UNITS');
  const [yC, yT] = [control.events, treatment.events];
  const total = yC + yT;
  if (total === 0) return notComputable('ZERO_VARIANCE');
  const perControl = treatment.exposure / control.exposure; // ρ at ratio 1
  const statistic = (yT - yC * perControl) / Math.sqrt(total * perControl);
  const share = perControl / (1 + perControl);
  if (!(share > 0 && share < 1)) return notComputable('OVERFLOW');
  const ratio = yC === 0 ? null : yT / yC / perControl;
  const q = normalUpperQuantile(alternative === 'two-sided' ? (1 - level) / 2 : 1 - level);
  const { lower, upper } = scoreBounds(yC, yT, q);
  const bounded = intervalFor(lower / perControl, upper === null ? 0 : upper / perControl, level, alternative);
  const interval = { ...bounded, upper: upper === null ? null : bounded.upper };
  const pValue = pValueOf(statistic, Number.POSITIVE_INFINITY, alternative);
  const exactPValue = EXACT[alternative](yT, total, share);
  return computed(
    { ratio, statistic, pValue, exactPValue, interval },
    statistic,
    ratio ?? 0,
    interval.lower ?? 0,
    interval.upper ?? 0,
  );
}

const EXACT = {
  'two-sided': binomialTwoSidedP,
  greater: binomialUpperTail,
  less: binomialCdf,
} satisfies Record<Alternative, (events: number, total: number, share: number) => number>;

/** Roots ρ of (y_T − y_C·ρ)² = q²·(y_T + y_C)·ρ; their product is (y_T/y_C)², which gives the smaller without cancellation. */
function scoreBounds(yC: number, yT: number, q: number): { lower: number; upper: number | null } {
  const q2 = q * q * (yC + yT);
  if (yC === 0) return { lower: (yT / q2) * yT, upper: null };
  const larger = (2 * yC * yT + q2 + Math.sqrt(q2) * Math.sqrt(q2 + 4 * yC * yT)) / 2 / yC;
  return { lower: (yT / larger) * (yT / yC), upper: larger / yC };
}
