/**
 * The 16-point Gauss–Legendre rule on [−1, 1], each node with its weight: the zeros of the Legendre polynomial by Newton's
 * method from their asymptotic places (Abramowitz & Stegun 1964, section 25.4).
 */
const RULE: readonly (readonly [node: number, weight: number])[] = Array.from({ length: 16 }, (_, index) => {
  let x = -Math.cos((Math.PI * (index + 0.75)) / 16.5);
  let slope = 0;
  for (let step = 0; step < 6; step++) {
    let [previous, value] = [1, x];
    for (let k = 2; k <= 16; k++) [previous, value] = [value, ((2 * k - 1) * x * value - (k - 1) * previous) / k];
    slope = (16 * (x * value - previous)) / (x * x - 1);
    x -= value / slope;
  }
  return [x, 2 / ((1 - x * x) * slope * slope)] as const;
});

/** Nodes in ascending order with their weights, so that Σ weight·f(node) is the integral of f. */
export interface Quadrature {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

/** The rule on equal panels of [from, to], each at most `panel` wide. */
export function panels(from: number, to: number, panel: number): Quadrature {
  const count = Math.max(1, Math.ceil((to - from) / panel));
  const half = (to - from) / count / 2;
  const nodes = new Float64Array(count * RULE.length);
  const weights = new Float64Array(count * RULE.length);
  for (let i = 0; i < count; i++) {
    const centre = from + (2 * i + 1) * half;
    for (const [k, [node, weight]] of RULE.entries()) {
      nodes[i * RULE.length + k] = centre + half * node;
      weights[i * RULE.length + k] = half * weight;
    }
  }
  return { nodes, weights };
}
