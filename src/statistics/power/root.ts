/**
 * Where a continuous function changes sign between low and high, by Chandrupatla's method (1997): inverse quadratic
 * interpolation where it is safe, else bisection, so it always converges. The ends must have values of opposite sign (or
 * zero); relative tolerance 1e-13.
 */
export function rootBetween(f: (x: number) => number, low: number, high: number): number {
  let [b, a, c] = [low, high, high];
  let [fb, fa, fc] = [f(low), f(high), Number.NaN];
  if (fb === 0) return b;
  if (fa === 0) return a;
  if (!(fa * fb < 0)) throw new RangeError(`rootBetween needs a change of sign, not ${fb} and ${fa}.`);
  let t = 0.5;
  for (let step = 0; step < 200; step++) {
    const x = a + t * (b - a);
    const fx = f(x);
    if (Math.sign(fx) === Math.sign(fa)) [c, fc] = [a, fa];
    else [c, fc, b, fb] = [b, fb, a, fa];
    [a, fa] = [x, fx];
    const best = Math.abs(fa) < Math.abs(fb) ? a : b;
    const smallest = (1e-13 * Math.abs(best)) / Math.abs(b - a);
    if (fa === 0 || smallest > 0.5) return best;
    const xi = (a - b) / (c - b);
    const phi = (fa - fb) / (fc - fb);
    t =
      phi ** 2 < xi && (1 - phi) ** 2 < 1 - xi
        ? (fa / (fb - fa)) * (fc / (fb - fc)) + (((c - a) / (b - a)) * (fa / (fc - fa)) * fb) / (fc - fb)
        : 0.5;
    t = Math.min(1 - smallest, Math.max(smallest, t));
  }
  return a;
}
