import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it, vi } from 'vitest';
import { audit } from '../../../src/cli/audit.ts';
import { generateDemo } from '../../../src/demo/generate.ts';
import { openService } from '../../../src/server/open-service.ts';
import { ask, later, type TestService } from '../../support/service.ts';
import { auditedLines, faultsOf, runStatement } from './support.ts';

const CATALOG = fileURLToPath(new URL('../../../metrics', import.meta.url));

let service: TestService;
let database: string;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'liftql-test-'));
  later(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'demo.duckdb');
  await generateDemo(path, { scale: 0.1 });
  database = path;
  service = await openService(CATALOG, { env: { LIFTQL_DEMO_DB: path } });
  later(() => service.close());
}, 300_000);

it('says what the server says, for every result of the demo', { timeout: 300_000 }, async () => {
  const lines = await auditedLines(service);
  expect(new Set(lines.map(({ row }) => row.experiment.key)).size).toBeGreaterThanOrEqual(8);
  const said = lines.filter(({ statement }) => statement !== null);
  expect(faultsOf(said, 1e-9)).toEqual([]);
  const kinds = new Set(said.map(({ row }) => row.metric.type));
  expect([...kinds].sort()).toEqual(expect.arrayContaining(['MEAN', 'PROPORTION', 'QUANTILE', 'RATIO', 'RETENTION']));
});

it('is answered with a result, in either dialect, and a metric with its values', { timeout: 120_000 }, async () => {
  const { experiment, metric } = await ask(
    service,
    `{ experiment(key: "one_page_menu") { results(filter: { metrics: ["sessions_per_user"] }) { nodes { pValue provenance { auditSql trino: auditSql(dialect: TRINO) } } } }
       metric(name: "sessions_per_user") { version { sql trino: sql(dialect: TRINO) } } }`,
  );
  const [{ pValue, provenance }] = experiment.results.nodes;
  expect(await runStatement(service, provenance.auditSql)).toMatchObject({ p_value: pValue });
  expect(provenance.trino).toContain('is_finite');
  expect(provenance.trino).not.toContain(';');
  const first = await runStatement(service, `select * from (${metric.version.sql}) limit 1`);
  expect(Object.keys(first)).toEqual(expect.arrayContaining(['unit', 'variant', 'value']));
  expect(metric.version.trino).toContain('push_reminders');
});

it('is printed with both columns of numbers by the command line', async () => {
  vi.stubEnv('LIFTQL_DEMO_DB', database);
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await audit(CATALOG, { experiment: 'one_page_menu', metric: 'sessions_per_user' });
  const printed = written.mock.calls.map(([text]) => String(text)).join('');
  written.mockRestore();
  vi.unstubAllEnvs();
  expect(printed).toMatch(/-- control_mean +(\d\.\d+) +\1/);
  expect(printed).toMatch(/-- largest relative difference: \d\.\de[+-]\d+\n/);
  expect(process.exitCode).toBeUndefined();
});
