/**
 * The 58 nodes of a double-exponential rule on [0, ∞): x = exp(k/8 − e^(−k/8)), w = (1 + e^(−k/8))·x/8, k = −28…29
 * (Takahasi & Mori 1974). All terms of the sum are positive, so nothing cancels; for integrands that fall like e^(−x)
 * on the scale `length` the error is about 1e-15.
 */
const NODES: readonly (readonly [x: number, weight: number])[] = Array.from({ length: 58 }, (_, index) => {
  const k = (index - 28) / 8;
  const decay = Math.exp(-k);
  const x = Math.exp(k - decay);
  return [x, ((1 + decay) * x) / 8] as const;
});

/** ∫₀^∞ integrand(u) du for a positive integrand whose scale of decay is about `length`. */
export function integrateTail(integrand: (u: number) => number, length: number): number {
  let sum = 0;
  for (const [x, weight] of NODES) sum += weight * integrand(length * x);
  return length * sum;
}

/**
 * The scale on which exp(−(slope·u + curvature·u²/2)) falls: 1/slope for a straight tail, about the standard deviation
 * at the mode. Used to place the nodes of {@link integrateTail}.
 */
export function tailLength(slope: number, curvature: number): number {
  return 2 / (slope + Math.sqrt(slope * slope + 2 * Math.max(0, curvature)));
}

/** Throws when an argument is NaN: a NaN that reaches a distribution is a bug of the caller, not an answer. */
export function assertNumbers(name: string, ...values: readonly number[]): void {
  if (values.some(Number.isNaN)) throw new RangeError(`${name} was called with NaN.`);
}
