import type { Moments } from '../../src/core/moments.ts';

/** A seeded generator (mulberry32) with a normal draw, so that a run is the same everywhere. */
export function random(seed: number) {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
  return { uniform, normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()) };
}

/** Moments of rows of values about the pivots. */
export function momentsOfRows(rows: readonly (readonly number[])[], pivots: readonly number[]): Moments {
  const sums = pivots.map(() => 0);
  const products = pivots.map((_, i) => Array.from({ length: i + 1 }, () => 0));
  for (const row of rows) {
    const shifted = row.map((value, i) => value - pivots[i]!);
    for (const [i, x] of shifted.entries()) {
      sums[i] = sums[i]! + x;
      for (let j = 0; j <= i; j++) products[i]![j] = products[i]![j]! + x * shifted[j]!;
    }
  }
  return { units: rows.length, pivots, sums, products };
}
