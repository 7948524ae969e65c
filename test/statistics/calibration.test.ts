import { describe, expect, test } from 'vitest';
import type { Sample } from '../../src/statistics/inference.ts';
import { lift } from '../../src/statistics/lift.ts';
import { nonInferiorityTest } from '../../src/statistics/non-inferiority.ts';
import { asymptoticSequence } from '../../src/statistics/sequential.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { known } from './samples.ts';

/** A seeded generator (mulberry32) with a normal draw, so that a run is the same everywhere. */
function random(seed: number) {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
  return { uniform, normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()) };
}

/** Sample of n drawn values. */
function drawn(n: number, draw: () => number): Sample {
  let [mean, m2] = [0, 0];
  for (let i = 1; i <= n; i++) {
    const x = draw();
    const step = x - mean;
    mean += step / i;
    m2 += step * (x - mean);
  }
  return { n, mean, variance: m2 / (n - 1) };
}

/** Share of the simulations in which the event happens. */
const rate = (simulations: number, event: () => boolean) =>
  Array.from({ length: simulations }, event).filter(Boolean).length / simulations;

describe('error rates on simulated data', () => {
  const { normal, uniform } = random(20260601);

  test.each([
    ['normal', 50, () => 10 + normal()],
    ['Bernoulli 0.2', 200, () => (uniform() < 0.2 ? 1 : 0)],
  ])('Welch rejects 5 %% of A/A tests and Fieller covers 95 %% (%s)', (_, n, draw) => {
    const [low, high] = [0.0401, 0.0599]; // 0.05 ± 3.2 standard errors of 5,000 simulations
    const rejected = rate(5000, () => known(welchTest(drawn(n, draw), drawn(n, draw), { level: 0.95 })).pValue < 0.05);
    expect(rejected).toBeGreaterThan(low);
    expect(rejected).toBeLessThan(high);
    const missed = rate(5000, () => {
      const { interval } = known(
        lift(
          drawn(n, draw),
          drawn(n, () => 1.2 * draw()),
          { method: 'FIELLER', level: 0.95 },
        ),
      );
      return interval !== null && (interval.lower! > 0.2 || interval.upper! < 0.2);
    });
    expect(missed).toBeGreaterThan(low);
    expect(missed).toBeLessThan(high);
  });

  test('at the margin, non-inferiority holds in 5 %', () => {
    const holds = rate(5000, () => {
      const [control, treatment] = [drawn(50, () => 2 + normal()), drawn(50, () => 1.8 + normal())];
      return known(nonInferiorityTest(control, treatment, { margin: 0.1, goodWhen: 'UP', alpha: 0.05 })).holds;
    });
    expect(holds).toBeGreaterThan(0.0401);
    expect(holds).toBeLessThan(0.0599);
  });

  test('under 50 looks the sequence stays below 5 %, and a t test at each look does not (the negative control)', () => {
    let [sequence, naive] = [0, 0];
    const simulations = 1000;
    for (let simulation = 0; simulation < simulations; simulation++) {
      let [sum, squares, n] = [[0, 0], [0, 0], 0];
      let [crossed, peeked] = [false, false];
      for (let step = 0; step < 50; step++) {
        for (let i = 0; i < 40; i++) {
          for (const arm of [0, 1]) {
            const x = normal();
            sum[arm] = sum[arm]! + x;
            squares[arm] = squares[arm]! + x * x;
          }
        }
        n += 40;
        const [control, treatment] = [0, 1].map((arm) => {
          return { n, mean: sum[arm]! / n, variance: (squares[arm]! - sum[arm]! ** 2 / n) / (n - 1) };
        });
        const fixed = known(welchTest(control!, treatment!, { level: 0.95 }));
        peeked ||= fixed.pValue < 0.05;
        const look = asymptoticSequence({
          estimate: fixed.difference,
          standardError: fixed.standardError,
          units: 2 * n,
          alpha: 0.05,
          tuningUnits: 5000,
        });
        crossed ||= known(look).pValue < 0.05;
      }
      if (crossed) sequence++;
      if (peeked) naive++;
    }
    expect(sequence / simulations).toBeLessThan(0.05);
    expect(naive / simulations).toBeGreaterThan(0.3);
  });
});
