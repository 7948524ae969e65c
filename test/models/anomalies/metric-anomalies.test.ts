import { beforeAll, describe, expect, test } from 'vitest';
import { describeOn, serveWrittenOn } from '../../support/engines.ts';
import type { TestService } from '../../support/service.ts';
import { compareAnomalies } from '../compared/anomalies.ts';
import type { Rows } from '../compared/rows.ts';
import { checkShape } from '../compared/shape.ts';
import { modelNamed, rowsAt } from '../tables/support.ts';
import { CATALOG, PARQUET } from './world.ts';

/** By how much a number is off that must be noticed. */
const OFF = 1 + 1e-6;
const NOW = '2026-05-10T12:00:00Z';

/** Instants with three weeks of days, which are judged without their weekdays; with five weeks; and with ten. */
const CASES = [
  { asOf: '2026-03-22T12:00:00Z', kinds: ['MISSING_DATA', 'OUTLIER_UNIT', 'SPIKE'] },
  { asOf: '2026-04-08T00:00:00Z', kinds: ['DROP', 'MISSING_DATA', 'OUTLIER_UNIT', 'SPIKE'] },
  { asOf: NOW, kinds: ['DROP', 'LEVEL_SHIFT', 'MISSING_DATA', 'OUTLIER_UNIT', 'SPIKE'] },
];

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    let service: TestService;
    beforeAll(async () => {
      service = await serveWrittenOn(engine, { catalog: CATALOG, parquet: PARQUET }, NOW);
    });

    // A statement over raw rows takes Trino a while.
    test.each(engine === 'Trino' ? CASES.slice(-1) : CASES)(
      'the anomalies are those of GraphQL at $asOf',
      async (one) => {
        const { asOf, kinds } = one;
        const rows = rowsAt(service, asOf);
        const found = await compareAnomalies(rows, service, { asOf, keys: ['shop'] });
        expect(Object.keys(found).sort()).toEqual(kinds);
      },
    );
  });

describe('the models', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await serveWrittenOn('DuckDB', { catalog: CATALOG, parquet: PARQUET }, NOW);
  });

  test.each(['metric_days', 'metric_anomalies'] as const)('%s has the columns that it says', async (name) => {
    checkShape(await rowsAt(service, NOW)(name), modelNamed(name), service.catalog(), NOW);
  });

  test('days are whole, of the time zone, and every one is there', async () => {
    const days = (await rowsAt(service, NOW)('metric_days')).filter(
      ({ metric, variant }) => metric === 'gap' && variant === 'control',
    );
    const dates = days.map(({ date }) => String(date).slice(0, 10)).sort();
    // From the first unit on to the day before 10 May, on which the 12 o'clock of UTC is.
    expect([dates[0], dates.at(-1), dates.length]).toEqual(['2026-03-01', '2026-05-09', 70]);
    const changed = days.find(({ date }) => String(date).startsWith('2026-03-29'));
    // The day on which Berlin's clocks go forward has 23 hours.
    expect([changed?.start_at, changed?.end_at]).toEqual(['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z']);
  });

  test('nobody is under observation before the window begins, and who leaves units out does not know', async () => {
    const days = (await rowsAt(service, NOW)('metric_days'))
      .filter(({ variant }) => variant === 'control')
      .sort((a, b) => (String(a.date) < String(b.date) ? -1 : 1));
    const atRisk = (name: string) => days.filter(({ metric }) => metric === name).map((day) => day.at_risk);
    // Half of 120 units; the window begins three days after they enter.
    expect(atRisk('later').slice(0, 3)).toEqual([0, 0, 0]);
    expect(atRisk('later').at(10)).toBe(60);
    expect(new Set(atRisk('bought'))).toEqual(new Set([null]));
  });

  test.each(['score', 'observed', 'expected_upper'])('a %s that is off is noticed', async (column) => {
    const rows = rowsAt(service, NOW);
    const off: Rows = async (name) =>
      (await rows(name)).map((row) => ({ ...row, [column]: row[column] === null ? null : Number(row[column]) * OFF }));
    await expect(compareAnomalies(off, service, { asOf: NOW, keys: ['shop'] })).rejects.toThrow();
  });

  test('an anomaly that is left out is noticed', async () => {
    const rows = rowsAt(service, NOW);
    const fewer: Rows = async (name) => (await rows(name)).filter(({ kind }) => kind !== 'LEVEL_SHIFT');
    await expect(compareAnomalies(fewer, service, { asOf: NOW, keys: ['shop'] })).rejects.toThrow();
  });

  test('what SQL does not tell of is said, and nothing else', async () => {
    const rows = await rowsAt(service, NOW)('metric_anomalies');
    const untold = rows.filter(({ unknown }) => unknown !== null);
    expect(untold).toMatchObject([{ metric: 'capped', kind: null, unknown: 'NOT_IN_SQL' }]);
  });
});
