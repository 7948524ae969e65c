import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { FAMILIES, STILL_TO_COME } from './families.ts';
import { checkCase, loadCases, runOracle } from './oracle.ts';

const cases = loadCases(fileURLToPath(new URL('./cases', import.meta.url)));
const reports = await runOracle(cases, FAMILIES, STILL_TO_COME);

describe('reference cases of scipy, statsmodels, gbstats, tea-tasting and spotify-confidence', () => {
  test.each(reports)('$family', ({ failures }) => {
    expect(failures).toEqual([]);
  });

  test('every family of the directory is either implemented or announced', () => {
    expect([...cases.keys()].sort()).toEqual([...Object.keys(FAMILIES), ...STILL_TO_COME].sort());
  });

  test('a wrong expected value is reported', async () => {
    for (const [name, family] of Object.entries(FAMILIES)) {
      const one = cases.get(name)!.find(({ expected }) => {
        return (
          !expected.error && !expected.status && Object.values(expected).some((value) => typeof value === 'number')
        );
      });
      if (one === undefined) continue; // multiple_testing holds lists only
      const key = Object.keys(one.expected).find((k) => typeof one.expected[k] === 'number')!;
      const { rel, abs } = one.tolerance;
      const beyond = (one.expected[key] as number) * (1.00001 + 2 * rel) + 1e-6 + 2 * abs;
      const wrong = { ...one, expected: { ...one.expected, [key]: beyond } };
      expect((await checkCase(wrong, family)).failures.map((failure) => failure.key)).toContain(key);
    }
  });

  test('a wrong list, a missing refusal and an unknown family are reported', async () => {
    const adjusted = cases.get('multiple_testing')![0]!;
    const wrong = { ...adjusted, expected: { ...adjusted.expected, holm: [0, 0, 0, 0] } };
    expect((await checkCase(wrong, FAMILIES.multiple_testing!)).failures).toHaveLength(1);
    const welch = cases.get('mean_absolute_welch')![0]!;
    const refused = { ...welch, expected: { status: 'not_computable' } };
    expect((await checkCase(refused, FAMILIES.mean_absolute_welch!)).failures).toHaveLength(1);
    const [report] = await runOracle(new Map([['unheard_of', [welch]]]), FAMILIES, STILL_TO_COME);
    expect(report!.failed).toBe(1);
  });
});
