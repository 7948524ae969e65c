import type { Target } from './claim.ts';

/** The bands of CALIBRATION.md, each with the runs it is stated for. */

const rate = (low: number | null, high: number | null, runs = 10_000): Target => ({ kind: 'RATE', low, high, runs });

/** Error of a test at 5 %: .05 with the 99.9 % Monte-Carlo band of 10,000 runs. */
export const FIVE_PERCENT = rate(0.0428, 0.0572);
/** The same for heavy tails, where a t test may err on the safe side. */
export const FIVE_PERCENT_HEAVY = rate(0.04, 0.0572);
export const AT_MOST_FIVE_PERCENT = rate(null, 0.0572);
export const COVERS_95 = rate(0.9428, 0.9572);
export const COVERS_95_HEAVY = rate(0.9428, 0.965);
export const LOG_COVERS_95 = rate(0.94, 0.965);
export const CREDIBLE_95 = rate(0.943, 0.957);
export const QUANTILE = rate(0.035, 0.06);
export const EXTREME_QUANTILE = rate(null, 0.055);
export const ANY_TIME = rate(null, 0.0589, 4000);
export const GROUP_SEQUENTIAL = rate(0.0487, 0.0513, 200_000);
export const SRM_ALARM = rate(0.0007, 0.0013, 100_000);
/** .05 with the 99.9 % Monte-Carlo band of 100,000 runs. */
export const SRM_FIVE_PERCENT = rate(0.0477, 0.0523, 100_000);
export const EIGHTY_PERCENT_POWER = rate(0.787, 0.815);
export const UNIFORM: Target = { kind: 'DISTANCE', low: null, high: 0.0195, runs: 10_000 };

export { rate as rateTarget };
