import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DESIGN_FAMILIES } from '../oracle/design-families.ts';
import { loadCases, runOracle } from '../oracle/oracle.ts';

const cases = loadCases(fileURLToPath(new URL('../oracle/cases', import.meta.url)));

test.each(Object.keys(DESIGN_FAMILIES))('%s agrees with its reference', async (family) => {
  const [report] = await runOracle(new Map([[family, cases.get(family)!]]), DESIGN_FAMILIES, []);
  expect(report!.failures).toEqual([]);
  expect(report!.passed).toBe(report!.cases);
  expect(report!.notOffered).toBe(0);
});
