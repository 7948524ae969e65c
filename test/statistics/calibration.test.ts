import { describe, expect, test } from 'vitest';
import { findingOf } from '../../calibration/claim.ts';
import { FAMILIES, SEED } from '../../calibration/families.ts';
import { runSimulation } from '../../calibration/tally.ts';

/**
 * The short version of `npm run calibrate`: the beginning of the same runs, against the same targets, which are wider by the
 * Monte-Carlo error of so few. The full figures are in docs/calibration.md.
 */
const SHORT = 0.04;

describe.each(FAMILIES)('$title', ({ simulations }) => {
  test.each(simulations)('$name', (simulation) => {
    const tallies = runSimulation(simulation, SEED, simulation.short ?? SHORT);
    const findings = simulation.claims.map((claim) => findingOf(claim, tallies));
    expect(findings.filter(({ verdict }) => verdict === 'MISSED')).toEqual([]);
    const negativeControls = simulation.claims.filter(({ negativeControl }) => negativeControl !== undefined);
    expect(findings.filter(({ verdict }) => verdict === 'CAUGHT')).toHaveLength(negativeControls.length);
  });
});
