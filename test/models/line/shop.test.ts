import { beforeAll, expect, it } from 'vitest';
import type { AnalysisInput } from '../../../src/experiment/analysis.ts';
import { largestDifference } from '../../../src/models/line/audited.ts';
import { serveShop } from '../../shop/serve.ts';
import { describeOn } from '../../support/engines.ts';
import type { TestService } from '../../support/service.ts';
import { auditedLines, faultsOf, runStatement } from './support.ts';

const TOLERANCE = 1e-9;

const ANALYSES: readonly (readonly [name: string, analysis: AnalysisInput])[] = [
  ['DELTA under CUPED', { cuped: true, lift: 'DELTA' }],
  ['LOG, looked at by a mixture', { lift: 'LOG', sequential: 'MIXTURE' }],
  ['DELTA, looked at by an asymptotic sequence', { lift: 'DELTA', sequential: 'ASYMPTOTIC' }],
  ['FIELLER under CUPED, looked at by an asymptotic sequence', { cuped: true, sequential: 'ASYMPTOTIC', alpha: 0.01 }],
];

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    let service: TestService;
    beforeAll(async () => {
      service = await serveShop(engine);
    });

    it('says what the server says, for every result of the shop', { timeout: 900_000 }, async () => {
      const lines = await auditedLines(service);
      expect(lines.length).toBeGreaterThan(0);
      expect(lines.every(({ statement }) => statement !== null)).toBe(true);
      expect(faultsOf(lines, TOLERANCE)).toEqual([]);
    });

    it.for(ANALYSES)('says it of other analyses: %s', { timeout: 900_000 }, async ([, analysis]) => {
      const lines = await auditedLines(service, analysis, { treatments: ['v1'] }, (key) => key === 'exp_aa5');
      expect(lines.length).toBeGreaterThan(0);
      expect(faultsOf(lines, TOLERANCE)).toEqual([]);
    });

    it('finds a constant that was changed', async () => {
      const [line] = await auditedLines(service, {}, { treatments: ['v1'] }, (key) => key === 'exp_aa5');
      const { statement, served } = line!;
      // The level of the interval: its tail of 2.5 %.
      const changed = statement!.replaceAll('0.025000000000000022e0', '0.026e0');
      expect(changed).not.toBe(statement);
      expect(largestDifference(served, await runStatement(service, changed))).toBeGreaterThan(TOLERANCE);
    });
  });
