import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadCases, runOracle } from '../oracle/oracle.ts';
import { SERIES_FAMILIES } from '../oracle/series-families.ts';

const names = Object.keys(SERIES_FAMILIES);
const cases = [...loadCases(fileURLToPath(new URL('../oracle/cases', import.meta.url)))];
const reports = await runOracle(new Map(cases.filter(([name]) => names.includes(name))), SERIES_FAMILIES, []);

test.each(reports)('reference cases of $family', ({ failures, passed, notOffered }) => {
  expect(failures).toEqual([]);
  expect(passed).toBeGreaterThan(0);
  expect(notOffered).toBe(0);
});

test('both families have cases', () => {
  expect(reports.map(({ family }) => family).sort()).toEqual(names.toSorted());
});
