import { kolmogorovSf } from './distributions/kolmogorov.ts';
import { type Inference, notComputable } from './inference.ts';

/** How far values are from a uniform distribution. */
export interface UniformityTest {
  readonly n: number;
  /** D = sup |F_n(x) − x|. */
  readonly distance: number;
  readonly pValue: number;
}

/**
 * One-sample Kolmogorov–Smirnov test that values come from the uniform distribution on [0, 1] (Kolmogorov 1933): the
 * p-values of A/A runs must. Two-sided; as scipy's `kstest(values, 'uniform')`. Values must be independent: p-values of
 * several metrics of one run are not. No values: NO_UNITS.
 */
export function uniformityTest(values: readonly number[]): Inference<UniformityTest> {
  if (values.some((value) => !(value >= 0 && value <= 1))) throw new RangeError('Values must be from 0 to 1.');
  const n = values.length;
  if (n === 0) return notComputable('NO_UNITS');
  const distance = values
    .toSorted((a, b) => a - b)
    .reduce((most, value, i) => Math.max(most, (i + 1) / n - value, value - i / n), 0);
  return { ok: true, n, distance, pValue: kolmogorovSf(distance, n) };
}
