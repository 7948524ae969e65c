import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { StatementRecord } from '../../src/evaluate/trace.ts';
import { createContext } from '../../src/graphql/context.ts';
import { plan } from '../../src/plan/plan.ts';
import type { MomentNeed, MomentsQuestion } from '../../src/plan/question.ts';
import type { Dialect } from '../../src/sql/dialect.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import { explain, serveFiles, type TestService } from '../support/service.ts';
import { runOnTrino, TRINO_URL } from '../support/trino.ts';
import { adjustedCatalog, BOTH_LOGS, benchmarkCatalog, WINDOWED_METRICS, windowedCatalog } from './catalogs.ts';
import { faultsOf, type Scans } from './one-pass.ts';
import { explainOnTrino, textOf } from './plan-tree.ts';
import { type Clock, createTables } from './tables.ts';

const NOW = '2026-04-01T00:00:00Z';
const SCORECARD = readFileSync(new URL('../../bench/scorecard.graphql', import.meta.url), 'utf8');

const CLOCKS: readonly { readonly clock: Clock; readonly name: string; readonly zone: string }[] = [
  { clock: 'timestamp(6)', name: 'bare', zone: '' },
  { clock: 'timestamp(6) with time zone', name: 'zoned', zone: ' UTC' },
];

describe.skipIf(TRINO_URL === null).each(CLOCKS)('plans over $name timestamps', ({ clock, name: clockName, zone }) => {
  let schema: string;
  const services = new Map<string, TestService>();
  beforeAll(async () => {
    schema = await createTables(clock);
    services.set('benchmark', await serveFiles(benchmarkCatalog(schema), NOW));
    services.set('windowed', await serveFiles(windowedCatalog(schema), NOW));
    services.set('adjusted', await serveFiles(adjustedCatalog(schema), NOW));
  }, 300_000);

  /** Midnight to midnight, the last excluded. */
  const between = (from: string, until: string) =>
    `[[${from} 00:00:00.000000${zone}, ${until} 00:00:00.000000${zone})]`;
  const scans = (times: number, of: { readonly enrolled: string; readonly observed: string }): Scans => ({
    experiment_assignments: { times, column: 'assigned_at', range: between('2026-03-01', of.enrolled) },
    user_events: { times: 1, column: 'event_at', range: between('2026-03-01', of.observed) },
  });
  const visits = (observed: string): Scans => ({
    user_visits: { times: 1, column: 'visited_at', range: between('2026-03-01', observed) },
  });
  const BENCHMARK = scans(1, { enrolled: '2026-03-15', observed: '2026-03-15' });
  // The last unit's longest window, of 14 days, reaches that far.
  const WINDOWED = scans(1, { enrolled: '2026-03-10', observed: '2026-03-24' });
  const CASES = [
    { name: 'twenty metrics', catalog: 'benchmark', metrics: null, expected: BENCHMARK },
    {
      name: 'twenty metrics with windows and caps',
      catalog: 'windowed',
      metrics: WINDOWED_METRICS,
      expected: WINDOWED,
    },
    {
      // Each log is joined to the exposures.
      name: 'metrics of two logs',
      catalog: 'windowed',
      metrics: BOTH_LOGS,
      expected: { ...scans(2, { enrolled: '2026-03-10', observed: '2026-03-24' }), ...visits('2026-03-17') },
    },
  ] as const;

  async function momentsStatement(catalog: string, metrics: readonly string[] | null): Promise<StatementRecord> {
    const service = services.get(catalog)!;
    const statements = await explain(service, SCORECARD, { metrics: metrics ?? [...service.catalog().metrics.keys()] });
    const moments = statements.filter(({ purpose }) => purpose === 'moments');
    expect(moments).toHaveLength(1);
    return moments[0]!;
  }

  describe.each(CASES)('of $name', ({ name, catalog, metrics, expected }) => {
    test('read each table once, and only the time that matters', async () => {
      const tree = await explainOnTrino(await momentsStatement(catalog, metrics));
      expect(faultsOf(tree, expected)).toEqual([]);
      await expect(textOf(tree)).toMatchFileSnapshot(`__plans__/${name.replaceAll(' ', '-')}.${clockName}.txt`);
    });

    test('hand on the rows of those days and no others', async () => {
      const { scannedRows } = await services.get(catalog)!.engine.query(await momentsStatement(catalog, metrics));
      const counts = await Promise.all(
        Object.entries(expected).map(async ([table, { times, column, range }]) => {
          const [, from, until] = /\[\[(.*), (.*)\)\]/.exec(range)!;
          const [[all, within] = []] = await runOnTrino(
            `select count(*), count_if(${column} >= timestamp '${from}' and ${column} < timestamp '${until}') from ${schema}.${table}`,
          );
          return { all: Number(all) * times, within: Number(within) * times };
        }),
      );
      const total = (of: (count: (typeof counts)[number]) => number) => counts.reduce((sum, one) => sum + of(one), 0);
      // The variants as configured are rows too.
      expect(scannedRows! - total(({ within }) => within)).toBeLessThan(20);
      expect(scannedRows!).toBeLessThan(0.6 * total(({ all }) => all));
    });
  });

  /** Metrics of a catalog, planned for a dialect. */
  async function planned(
    catalog: string,
    dialect: Dialect,
    {
      metrics,
      needs = ['products'],
    }: { readonly metrics?: readonly string[]; readonly needs?: readonly MomentNeed[] } = {},
  ) {
    const service = services.get(catalog)!;
    const { now } = createContext(service).session;
    const experiment = service.catalog().experiments.get('exp_focus')!;
    const questions = (metrics ?? [...service.catalog().metrics.keys()]).map(
      (name): MomentsQuestion => ({
        kind: 'moments',
        population: { experiment, where: null, asOf: now },
        metric: service.catalog().metrics.get(name)!.versions.at(-1)!,
        maturity: 'REQUIRED',
        sliceBy: [],
        slices: [],
        needs,
        pivots: null,
      }),
    );
    const statements = plan(service.catalog(), dialect, questions);
    expect(statements).toHaveLength(1);
    return explainOnTrino(statements[0]!.compiled);
  }

  describe('of metrics adjusted by what was before', () => {
    const from = (scanned: Scans[string], day: string) => ({
      ...scanned,
      range: scanned.range.replace('2026-03-01', day),
    });

    test('read each log once, from the lookback of the first unit on', async () => {
      const tree = await planned('adjusted', DIALECTS.TRINO, {
        metrics: WINDOWED_METRICS,
        needs: ['products', 'covariates', 'shape'],
      });
      const { user_events: events, ...assignments } = WINDOWED;
      // `among` looks back 14 days, the covariates 7.
      expect(faultsOf(tree, { ...assignments, user_events: from(events!, '2026-02-15') })).toEqual([]);
      await expect(textOf(tree)).toMatchFileSnapshot(`__plans__/adjusted-by-what-was-before.${clockName}.txt`);
    });

    test('and over two logs, each once', async () => {
      const tree = await planned('adjusted', DIALECTS.TRINO, { needs: ['products', 'covariates'] });
      const both = scans(2, { enrolled: '2026-03-10', observed: '2026-03-24' });
      const expected = {
        experiment_assignments: both.experiment_assignments!,
        user_events: from(both.user_events!, '2026-02-15'),
        user_visits: from(visits('2026-03-17').user_visits!, '2026-02-22'),
      };
      expect(faultsOf(tree, expected)).toEqual([]);
    });
  });

  describe('of statements as they must not be', () => {
    test('which read `units` again for the thresholds', async () => {
      const twice: Dialect = { ...DIALECTS.TRINO, reuse: { kind: 'materialized', clause: ' as' } };
      expect(faultsOf(await planned('benchmark', twice), BENCHMARK)).toEqual([
        'experiment_assignments is scanned 4 times instead of 1',
        'user_events is scanned 2 times instead of 1',
      ]);
    });

    test('which compare an expression of the time', async () => {
      const converted: Dialect = { ...DIALECTS.TRINO, comparable: () => null };
      const hidden = faultsOf(await planned('benchmark', converted), BENCHMARK);
      // Trino sees through a cast that changes nothing.
      expect([...hidden].sort()).toEqual(
        clockName === 'bare'
          ? []
          : [
              expect.stringContaining('experiment_assignments is scanned with assigned_at in any range'),
              expect.stringContaining('user_events is scanned with event_at in any range'),
            ],
      );
    });

    test('which multiply rows by rows', async () => {
      const tree = await explainOnTrino({
        sql: `select count(*) from ${schema}.user_visits as a cross join ${schema}.user_visits as b`,
        parameters: [],
      });
      expect(faultsOf(tree, { user_visits: { times: 2, column: 'visited_at', range: '' } })).toContain(
        'rows are multiplied by rows',
      );
    });
  });
});
