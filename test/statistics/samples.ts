import fc from 'fast-check';
import type { Inference, Sample } from '../../src/statistics/inference.ts';

/** The result, or a failed test. */
export function known<T>(inference: Inference<T>): T {
  if (!inference.ok) throw new Error(`Not computable: ${inference.reason}`);
  return inference;
}

/** Arms of ordinary size: means a few to many standard errors from zero, unequal units and variances. */
export const ordinarySample: fc.Arbitrary<Sample> = fc.record({
  n: fc.integer({ min: 2, max: 1_000_000 }),
  mean: fc.double({ min: 0.5, max: 100, noNaN: true }),
  variance: fc.double({ min: 0.01, max: 1e4, noNaN: true }),
});

/** Anything that a sample may hold, to the ends of the doubles. */
export const extremeSample: fc.Arbitrary<Sample> = fc.record({
  n: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 2, max: Number.MAX_SAFE_INTEGER })),
  mean: fc.double({ noNaN: true, noDefaultInfinity: true }),
  variance: fc.oneof(fc.constant(0), fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })),
});

/** Every number in a result, however deep. */
export function numbersIn(result: unknown): number[] {
  if (typeof result === 'number') return [result];
  return typeof result === 'object' && result !== null ? Object.values(result).flatMap(numbersIn) : [];
}
