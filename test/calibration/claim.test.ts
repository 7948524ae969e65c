import { describe, expect, test } from 'vitest';
import { bandFor, type Claim, findingOf, type Target } from '../../calibration/claim.ts';
import { BAND_Z, type Figure, mean, rate } from '../../calibration/measure.ts';
import type { Simulation } from '../../calibration/simulation.ts';
import { mergeTallies, runChunk, runSimulation, type Tallies } from '../../calibration/tally.ts';
import { FIVE_PERCENT, UNIFORM } from '../../calibration/targets.ts';

const figure = (value: number, runs: number): Figure => ({ value, band: null, runs, refused: 0 });

describe('the band of a target', () => {
  test('is the stated one at the stated runs', () => {
    expect(bandFor(FIVE_PERCENT, figure(0.05, 10_000))).toEqual({ low: 0.0428, high: 0.0572 });
  });

  test.each([400, 2500, 40_000])('of 5 %% is the Monte-Carlo band about .05 at %i runs', (runs) => {
    const half = BAND_Z * Math.sqrt((0.05 * 0.95) / runs);
    const { low, high } = bandFor(FIVE_PERCENT, figure(0.05, runs));
    expect(low).toBeCloseTo(0.05 - half, 3);
    expect(high).toBeCloseTo(0.05 + half, 3);
  });

  test('of a distance goes with the root of the runs, an open end stays open', () => {
    expect(bandFor(UNIFORM, figure(0.01, 2500))).toEqual({ low: null, high: 0.039 });
  });

  test('of a mean is wider by the error that its runs have and the stated ones would not', () => {
    const target: Target = { kind: 'MEAN', low: null, high: 0.039, runs: 10_000 };
    const spread = { ...figure(0.03, 2500), band: { low: 0.02, high: 0.04 } };
    expect(bandFor(target, spread).high).toBeCloseTo(0.039 + 0.01 / 2, 12);
  });
});

const tallies = (runs: number, events: number): Tallies => ({
  runs,
  finds: { found: { runs, refused: 0, sum: events, sumOfSquares: events, values: [] } },
});
const claim: Claim = { what: 'a test', promise: '5 %', measure: rate('found'), target: FIVE_PERCENT };

describe('a finding', () => {
  test.each([
    [500, 'MET'],
    [600, 'MISSED'],
    [400, 'MISSED'],
  ] as const)('of %i events in 10,000 is %s', (events, verdict) => {
    expect(findingOf(claim, tallies(10_000, events)).verdict).toBe(verdict);
  });

  test.each([
    [1600, 'CAUGHT'],
    [800, 'MISSED'],
    [500, 'MISSED'],
  ] as const)('of a negative control with %i events in 10,000 is %s', (events, verdict) => {
    const control = { ...claim, negativeControl: { atLeast: 0.15 } };
    expect(findingOf(control, tallies(10_000, events)).verdict).toBe(verdict);
  });

  test('of few runs is no finding about a negative control that they cannot tell from a right method', () => {
    expect(findingOf({ ...claim, negativeControl: { atLeast: 0.09 } }, tallies(100, 10)).verdict).toBe('MISSED');
  });

  test('without a target is for the record', () => {
    expect(findingOf({ ...claim, target: null }, tallies(10, 9)).verdict).toBe('NOTED');
  });
});

describe('tallies', () => {
  const simulation: Simulation = {
    name: 'coins',
    runs: 1000,
    chunk: 100,
    keep: ['value'],
    prepare: () => (random) => {
      const value = random.uniform();
      return { value, high: value > 0.5, rare: value > 0.9 ? true : undefined, refused: value < 0.1 ? null : true };
    },
    claims: [],
  };

  test('of the chunks are those of the whole, and a part of the runs is their beginning', () => {
    const chunks = Array.from({ length: 10 }, (_, index) => runChunk(simulation, index, 100, 7));
    expect(mergeTallies(chunks)).toEqual(runSimulation(simulation, 7));
    const beginning = runSimulation(simulation, 7, 0.25);
    expect(beginning.runs).toBe(250);
    const values = runSimulation(simulation, 7).finds.value!.values;
    expect(beginning.finds.value!.values).toEqual(values.slice(0, 250));
  });

  test('count what applies, and a refusal as no event', () => {
    const { finds } = runSimulation(simulation, 7);
    expect(finds.rare!.runs).toBe(finds.rare!.sum);
    expect(finds.refused!.runs).toBe(1000);
    expect(finds.refused!.sum).toBe(1000 - finds.refused!.refused);
    expect(finds.refused!.refused).toBeGreaterThan(50);
    expect(mean('value')(runSimulation(simulation, 7)).value).toBeCloseTo(0.5, 1);
  });
});
