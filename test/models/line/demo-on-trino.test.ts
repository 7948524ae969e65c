import { beforeAll, expect, it } from 'vitest';
import { describeOn } from '../../support/engines.ts';
import type { TestService } from '../../support/service.ts';
import { serveSmallDemo } from '../build/whole-world.ts';
import { auditedLines, faultsOf } from './support.ts';

const TIMEOUT_MS = 900_000;

describeOn('Trino', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await serveSmallDemo('Trino');
  }, TIMEOUT_MS);

  it('says what the server says, for every result of the demo', { timeout: TIMEOUT_MS }, async () => {
    const lines = await auditedLines(service);
    expect(new Set(lines.map(({ row }) => row.experiment.key)).size).toBeGreaterThanOrEqual(8);
    const said = lines.filter(({ statement }) => statement !== null);
    process.stderr.write(`${said.length} of ${lines.length} lines of the demo on Trino are said in SQL\n`);
    expect(said.length).toBeGreaterThan(0);
    expect(faultsOf(said, 1e-9)).toEqual([]);
  });
});
