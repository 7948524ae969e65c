import { normalSf } from '../distributions.ts';
import { panels } from './gauss-legendre.ts';

/** Standard deviations below its mean at which the score is cut off: P(Z < −8) is 6e-16, and fewer still come back up. */
const FLOOR = 8;
/** Steps longer than this many of their standard deviations are left out: their density is below 1e-195 of the greatest. */
const REACH = 30;
/** Width of a quadrature panel in standard deviations of the shorter step beside it; its 16 points are then exact to 1e-15. */
const PANEL = 4;
const ROOT_2_PI = Math.sqrt(2 * Math.PI);

/**
 * The paths that no look has stopped yet, just after a look: how their scores are distributed. The score at information t is
 * S = z·√t, a Brownian motion under the null hypothesis. Scores are held at quadrature nodes, each with its share of the paths.
 */
export interface Survivors {
  readonly information: number;
  readonly nodes: Float64Array;
  readonly shares: Float64Array;
  /** The highest score that went on. */
  readonly top: number;
}

/** Before the first look: every path at score 0. */
export const ALL_PATHS: Survivors = {
  information: 0,
  nodes: new Float64Array([0]),
  shares: new Float64Array([1]),
  top: 0,
};

/** Index of the first node that is not below x. */
function firstFrom(nodes: Float64Array, x: number): number {
  let [low, high] = [0, nodes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nodes[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Density of the surviving paths' score at y when the next look comes, a step of standard deviation sigma later. */
function densityAt({ nodes, shares }: Survivors, sigma: number, y: number): number {
  let sum = 0;
  const last = y + REACH * sigma;
  for (let i = firstFrom(nodes, y - REACH * sigma); i < nodes.length && nodes[i]! <= last; i++) {
    const u = (y - nodes[i]!) / sigma;
    sum += shares[i]! * Math.exp(-0.5 * u * u);
  }
  return sum / (sigma * ROOT_2_PI);
}

/** P(survived so far, and the score is above y a step of standard deviation sigma later), with its density at y. */
export function tailAt({ nodes, shares }: Survivors, sigma: number, y: number): { tail: number; density: number } {
  let [tail, density] = [0, 0];
  for (let i = 0; i < nodes.length; i++) {
    const u = (y - nodes[i]!) / sigma;
    tail += shares[i]! * normalSf(u);
    density += shares[i]! * Math.exp(-0.5 * u * u);
  }
  return { tail, density: density / (sigma * ROOT_2_PI) };
}

/**
 * The survivors of the next look, which stops every score above z·√information. One step of the recursive
 * numerical integration of Armitage, McPherson & Rowe (1969; Jennison & Turnbull 2000, chapter 19),
 *
 *   g_k(y) = ∫ g_(k−1)(x)·φ((y − x)/√Δ)/√Δ dx   over the scores x that went on,
 *
 * by Gauss–Legendre panels as fine as the steps before and after this look (`next` is the information of the look after it)
 * demand. Scores are followed down to −8 standard deviations: low scores do not stop.
 */
export function survivorsOf(before: Survivors, information: number, z: number, next: number): Survivors {
  const sigma = Math.sqrt(information - before.information);
  const scale = Math.sqrt(information);
  const top = z * scale;
  const panel = PANEL * Math.min(sigma, Math.sqrt(next - information));
  const { nodes, weights } = panels(Math.min(0, top) - FLOOR * scale, top, panel);
  return { information, nodes, shares: weights.map((weight, i) => weight * densityAt(before, sigma, nodes[i]!)), top };
}
