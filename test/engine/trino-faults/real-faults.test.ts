import { describe, expect, test } from 'vitest';
import { TRINO_URL } from './real.ts';
import { playRealFaults, realFaultsSummary } from './real-faults.ts';

describe.skipIf(TRINO_URL === null)('a real Trino behind a bad network', () => {
  test('gives the right rows or a typed error', async () => {
    const report = await playRealFaults({ server: TRINO_URL!, queries: 60, seed: 476 });
    console.log(realFaultsSummary(report));
    expect(report.failures).toEqual([]);
    expect(report.tally.rows).toBeGreaterThan(0);
    expect(report.connections).toBeGreaterThan(1);
  }, 120_000);
});
