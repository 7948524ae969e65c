import {
  betaCdf,
  chi2Cdf,
  chi2Sf,
  fSf,
  gammaCdf,
  gammaSf,
  normalCdf,
  normalQuantile,
  normalSf,
  normalUpperQuantile,
  tCdf,
  tLogSf,
  tLogTwoSidedP,
  tQuantile,
  tSf,
  tTwoSidedP,
  tUpperQuantile,
} from '../../src/statistics/distributions.ts';

type Distribution = (...args: number[]) => number;

/** The x ≥ 0 at which a rising function reaches p, by bisection. */
function inverse(cdf: (x: number) => number, p: number, highest = Number.MAX_VALUE): number {
  let [low, high] = [0, 1];
  while (high < highest && cdf(high) < p) high = Math.min(2 * high, highest);
  for (let step = 0; step < 2000; step++) {
    const middle = low + (high - low) / 2;
    if (middle === low || middle === high) break;
    if (cdf(middle) < p) low = middle;
    else high = middle;
  }
  return high;
}

/** Every function that a case may ask for, by name. Quantiles without one of their own are the inverse of the cdf. */
export const DISTRIBUTIONS: Readonly<Record<string, Distribution>> = {
  normalSf: (z) => normalSf(z!),
  normalCdf: (z) => normalCdf(z!),
  normalQuantile: (p) => normalQuantile(p!),
  normalInv: (p) => normalQuantile(p!),
  normalIsf: (p) => normalUpperQuantile(p!),
  normalTwoSidedP: (z) => 2 * normalSf(Math.abs(z!)),
  tSf: (t, df) => tSf(t!, df!),
  tCdf: (t, df) => tCdf(t!, df!),
  tLogSf: (t, df) => tLogSf(t!, df!),
  tTwoSidedP: (t, df) => tTwoSidedP(t!, df!),
  tLogTwoSidedP: (t, df) => tLogTwoSidedP(t!, df!),
  tQuantile: (p, df) => tQuantile(p!, df!),
  tInv: (p, df) => tQuantile(p!, df!),
  tIsf: (p, df) => tUpperQuantile(p!, df!),
  chi2Sf: (x, df) => chi2Sf(x!, df!),
  chi2Cdf: (x, df) => chi2Cdf(x!, df!),
  chi2Quantile: (p, df) => inverse((x) => chi2Cdf(x, df!), p!),
  chi2Isf: (p, df) => inverse((x) => -chi2Sf(x, df!), -p!),
  gammaSf: (x, shape, scale = 1) => gammaSf(x! / scale, shape!),
  gammaCdf: (x, shape, scale = 1) => gammaCdf(x! / scale, shape!),
  gammaQuantile: (p, shape, scale = 1) => scale * inverse((x) => gammaCdf(x, shape!), p!),
  betaCdf: (x, a, b) => betaCdf(x!, a!, b!),
  betaSf: (x, a, b) => betaCdf(1 - x!, b!, a!, x!),
  betaQuantile: (p, a, b) => inverse((x) => betaCdf(x, a!, b!), p!, 1),
  fSf: (f, df1, df2) => fSf(f!, df1!, df2!),
  fCdf: (f, df1, df2) => betaCdf((df1! * f!) / (df2! + df1! * f!), df1! / 2, df2! / 2, df2! / (df2! + df1! * f!)),
  fQuantile: (p, df1, df2) => inverse((f) => -fSf(f, df1!, df2!), p! - 1),
};
