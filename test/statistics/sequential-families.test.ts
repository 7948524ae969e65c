import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadCases, runOracle } from '../oracle/oracle.ts';
import { SEQUENTIAL_FAMILIES } from '../oracle/sequential-families.ts';

const all = loadCases(fileURLToPath(new URL('../oracle/cases', import.meta.url)));
const mine = new Map([...all].filter(([family]) => family in SEQUENTIAL_FAMILIES));
const reports = await runOracle(mine, SEQUENTIAL_FAMILIES, []);

describe('reference cases of the sequential, Bayesian and z-test families', () => {
  test.each(reports)('$family: all $cases cases', ({ failures, cases, passed, notOffered }) => {
    expect(failures).toEqual([]);
    expect(passed).toBe(cases);
    expect(notOffered).toBe(0);
  });

  test('every family has cases', () => {
    expect([...mine.keys()].sort()).toEqual(Object.keys(SEQUENTIAL_FAMILIES).sort());
  });
});
