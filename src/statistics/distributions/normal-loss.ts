import { assertNumbers, integrateTail, tailLength } from './double-exponential.ts';

/**
 * Unit normal loss E max(Z − k, 0) = φ(k) − k·P(Z > k) of a standard normal Z (Raiffa & Schlaifer 1961). For
 * k > 0, where that difference cancels, as φ(k)·∫ u·exp(−k·u − u²/2) du over u > 0. Relative error about 1e-13.
 */
export function normalLoss(k: number): number {
  assertNumbers('normalLoss', k);
  if (k < 0) return normalLoss(-k) - k;
  const integral = integrateTail((u) => u * Math.exp(-u * (k + u / 2)), tailLength(k, 1));
  return (Math.exp((-k * k) / 2) / Math.sqrt(2 * Math.PI)) * integral;
}
