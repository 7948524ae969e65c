/** ln(1 + x) − x without cancellation near 0: with r = x/(2 + x), ln(1 + x) = 2·atanh r and x − 2r = r·x. */
export function log1pMinus(x: number): number {
  if (Math.abs(x) > 0.3) return Math.log1p(x) - x;
  const r = x / (2 + x);
  const r2 = r * r;
  let series = 0;
  for (let k = 12; k >= 1; k--) series = series * r2 + 1 / (2 * k + 1);
  return 2 * r * r2 * series - r * x;
}

/**
 * What Stirling's formula leaves out: ln Γ(a + 1) − [(a + ½)·ln a − a + ½·ln 2π], a > 0. Below 12 by the recurrence
 * r(a) = r(a + 1) + (a + ½)·ln(1 + 1/a) − 1, above by the asymptotic series; absolute error about 1e-15.
 */
export function stirlingError(a: number): number {
  let [shifted, sum] = [a, 0];
  while (shifted < 12) {
    sum += (shifted + 0.5) * Math.log1p(1 / shifted) - 1;
    shifted++;
  }
  const i = 1 / shifted;
  const i2 = i * i;
  return (
    sum + i * (1 / 12 - i2 * (1 / 360 - i2 * (1 / 1260 - i2 * (1 / 1680 - i2 * (1 / 1188 - (i2 * 691) / 360360)))))
  );
}

/** Deviance x·ln(x/mean) + mean − x ≥ 0 of a count x from its mean, without cancellation when they are near (Loader 2000, bd0). */
export function deviance(x: number, mean: number): number {
  return x === 0 ? mean : -x * log1pMinus((mean - x) / x);
}
