import { type Inference, notComputable } from '../inference.ts';
import { looksInOrder } from './boundaries.ts';
import { ALL_PATHS, survivorsOf, tailAt } from './survivors.ts';

/**
 * P(first above the boundary at this look) for each look, under the null hypothesis, of a test with one upper boundary `z` a
 * look (finite). Under an effect of θ standard errors at information 1 the same with z_k − θ·√t_k in place of z_k: their sum is
 * the power. Absolute error below 1e-12. Looks out of order are refused: NOT_APPLICABLE.
 */
export function crossingProbabilities(
  looks: readonly number[],
  z: readonly number[],
): Inference<{ readonly probabilities: readonly number[] }> {
  if (z.length !== looks.length || !z.every(Number.isFinite)) {
    throw new RangeError(`${looks.length} looks need as many finite boundaries.`);
  }
  if (!looksInOrder(looks)) return notComputable('NOT_APPLICABLE');
  const probabilities: number[] = [];
  let before = ALL_PATHS;
  for (const [k, information] of looks.entries()) {
    const sigma = Math.sqrt(information - before.information);
    probabilities.push(tailAt(before, sigma, z[k]! * Math.sqrt(information)).tail);
    if (k + 1 < looks.length) before = survivorsOf(before, information, z[k]!, looks[k + 1]!);
  }
  return { ok: true, probabilities };
}
