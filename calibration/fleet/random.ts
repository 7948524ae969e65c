import { type Random as Draws, seededRandom } from '../random.ts';

export interface Random extends Draws {
  /** Chi-square; 0 where no degree of freedom is left. */
  chiSquare(df: number): number;
}

/** The generator of one named thing. Every run of the fleet has its own, so that no figure depends on who draws when. */
export function randomOf(seed: number, ...name: readonly (string | number)[]): Random {
  const draws = seededRandom(seed, `fleet/${name.join('/')}`);
  return { ...draws, chiSquare: (df) => (df <= 0 ? 0 : df === 1 ? draws.normal() ** 2 : 2 * draws.gamma(df / 2)) };
}
