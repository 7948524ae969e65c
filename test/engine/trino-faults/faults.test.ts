import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TRINO_DEFAULTS } from '../../../src/engine/trino/options.ts';
import { openTrino } from '../../../src/engine/trino/trino.ts';
import { openAdapter, openNaive } from './clients.ts';
import { type Page, type Place, startCoordinator } from './coordinator.ts';
import { FAULTS, PHASES } from './faults.ts';
import { CELLS, type CellReport, NAIVE_CELLS, playCells, ROWS, WHO } from './play.ts';
import { createPrng } from './prng.ts';
import { plainTable, tableOfAllTypes, truthOf } from './table.ts';

describe('the adapter under faults', () => {
  const reports = new Map<string, CellReport>();
  beforeAll(async () => {
    const table = tableOfAllTypes(createPrng(476), ROWS);
    for (const report of await playCells(CELLS, { table, open: openAdapter })) reports.set(report.name, report);
  }, 300_000);

  test('at least 25 faults at each of 4 phases', () => {
    expect(PHASES).toHaveLength(4);
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
    expect(FAULTS.length).toBeGreaterThanOrEqual(25);
  });

  test.each(CELLS.map(({ name }) => name))('%s', (name) => {
    expect(reports.get(name)!.violations).toEqual([]);
  });
});

test('a next page at an origin that is trusted is fetched', async () => {
  const coordinator = await startCoordinator('http://127.0.0.1:9');
  const trusted = coordinator.origin.replace('127.0.0.1', 'localhost');
  const change = (page: Page) => ({ ...page, nextUri: String(page.nextUri).replace('127.0.0.1', 'localhost') });
  const at = (place: Place) => place.kind === 'page' && place.index === 0;
  const table = plainTable(ROWS);
  coordinator.serve('current_user', { table: WHO, pages: 1, layout: 'queued', strikes: [] });
  const strikes = [{ at, times: 1, act: { kind: 'page', change } as const }];
  coordinator.serve('moved', { table, pages: 2, layout: 'queued', strikes });
  const engine = await openTrino({ ...TRINO_DEFAULTS, server: coordinator.origin, trustedOrigins: [trusted] });
  const { rows } = await engine.query({ sql: 'select * from moved', parameters: [] });
  expect(rows).toEqual(truthOf(table));
  expect(coordinator.strays.length).toBeGreaterThan(0);
  await engine.close();
  await coordinator.close();
});

describe('a naive client under the same faults', () => {
  let reports: readonly CellReport[];
  const silent = () => reports.filter(({ ended }) => ended === 'WRONG ROWS');
  const inTheMiddle = NAIVE_CELLS.filter(({ phase }) => phase === 'middle page');
  beforeAll(async () => {
    reports = await playCells(inTheMiddle, { table: plainTable(ROWS), open: openNaive });
  }, 300_000);
  afterAll(() => {
    console.log(
      `${silent().length} of ${reports.length} cells end in rows that are short or wrong with trino-client alone`,
    );
  });

  test('ends in rows that are silently short or wrong', () => {
    expect(silent().length).toBeGreaterThan(0);
  });

  test('follows addresses to a foreign host with its credentials', () => {
    expect(reports.flatMap(({ violations }) => violations).join()).toMatch(
      /foreign host was asked:.* with credentials/,
    );
  });

  test('is right where nothing is wrong', () => {
    expect(reports.find(({ name }) => name === 'warnings @ middle page')!.ended).toBe('rows');
  });
});
