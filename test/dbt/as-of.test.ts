import { beforeAll, expect, test } from 'vitest';
import { serve } from '../support/service.ts';
import { DBT_TIMEOUT_MS, describeWithDbt, projectFolder, runDbt } from './support.ts';

const LINE = /cast\('(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6})' as timestamp\)/;
const MINUTE_MS = 60_000;

describeWithDbt('the instant that dbt builds as of', () => {
  let directory: string;
  beforeAll(async () => {
    const service = await serve('test/fixtures/shop', '2026-06-01T00:00:00Z');
    directory = projectFolder(service.catalog());
  });
  const compile = (...args: string[]) =>
    runDbt(directory, ['compile', '--quiet', '--inline', 'select {{ liftql_as_of() }}', ...args]);

  test(
    'is the start of the run, floored to the minute, unless it is stated',
    async () => {
      const before = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
      const { output } = await compile();
      const said = Date.parse(`${LINE.exec(output)![1]!.replace(' ', 'T')}Z`);
      expect(said % MINUTE_MS).toBe(0);
      expect(said).toBeGreaterThanOrEqual(before);
      expect(said).toBeLessThanOrEqual(Date.now());
    },
    DBT_TIMEOUT_MS,
  );

  test.each([
    ['2026-03-20T00:00:00Z', '2026-03-20 00:00:00.000000'],
    ['2026-03-20T01:30:00.123456+01:00', '2026-03-20 00:30:00.123456'],
  ])(
    'is %s where that is stated, in UTC',
    async (stated, utc) => {
      const { output } = await compile('--vars', JSON.stringify({ as_of: stated }));
      expect(LINE.exec(output)![1]).toBe(utc);
    },
    DBT_TIMEOUT_MS,
  );

  test(
    'is refused without an offset',
    async () => {
      const { ok, output } = await compile('--vars', JSON.stringify({ as_of: '2026-03-20T00:00:00' }));
      expect(ok).toBe(false);
      expect(output).toContain('which has no offset');
    },
    DBT_TIMEOUT_MS,
  );
});
