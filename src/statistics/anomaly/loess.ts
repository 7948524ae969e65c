/** What is smoothed: equally spaced values, and optional weights, 0 for a value that must not count. */
export interface LoessInput {
  readonly values: ArrayLike<number>;
  readonly weights: ArrayLike<number> | null;
  /** q, odd: how many neighbours have a say. */
  readonly window: number;
}

/**
 * The locally linear fit at position x (from 0; may lie one step outside) from the values at left … right (Cleveland 1979):
 * tricube weights (1 − (|i − x|/h)³)³ with h the distance to the farthest neighbour, widened when the window is longer than
 * the series (Cleveland et al. 1990, section 2). null when no value in reach has weight.
 */
export function loessAt(
  { values, weights, window }: LoessInput,
  x: number,
  left: number,
  right: number,
): number | null {
  const n = values.length;
  const h = Math.max(x - left, right - x) + (window > n ? Math.floor((window - n) / 2) : 0);
  const w: number[] = [];
  let total = 0;
  for (let i = left; i <= right; i++) {
    const r = Math.abs(i - x);
    const kernel = r > 0.999 * h ? 0 : r <= 0.001 * h ? 1 : (1 - (r / h) ** 3) ** 3;
    const weight = kernel * (weights === null ? 1 : weights[i]!);
    w.push(weight);
    total += weight;
  }
  if (!(total > 0)) return null;
  let centre = 0;
  for (let i = left; i <= right; i++) centre += (w[i - left]! / total) * i;
  let spread = 0;
  for (let i = left; i <= right; i++) spread += (w[i - left]! / total) * (i - centre) ** 2;
  // neighbours (almost) at one place have no slope
  const slope = Math.sqrt(spread) > 0.001 * (n - 1) ? (x - centre) / spread : 0;
  let fit = 0;
  for (let i = left; i <= right; i++) fit += (w[i - left]! / total) * (1 + slope * (i - centre)) * values[i]!;
  return fit;
}

/** The smoothed series. Where no value in reach has weight, the value itself, and `gap` is true. */
export function loess(input: LoessInput): { readonly fit: Float64Array; readonly gap: boolean } {
  const { values, window } = input;
  const n = values.length;
  const length = Math.min(window, n);
  let gap = false;
  const fit = Float64Array.from({ length: n }, (_, i) => {
    const left = Math.min(Math.max(0, i - (length >> 1)), n - length);
    const smoothed = n < 2 ? values[i]! : loessAt(input, i, left, left + length - 1);
    if (smoothed === null) gap = true;
    return smoothed ?? values[i]!;
  });
  return { fit, gap };
}
