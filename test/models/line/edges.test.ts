import { beforeAll, expect, it } from 'vitest';
import { describeOn, serveWrittenOn } from '../../support/engines.ts';
import type { TestService } from '../../support/service.ts';
import { type AuditedLine, auditedLines, faultsOf } from './support.ts';

const NOW = '2026-04-20T00:00:00Z';

/** Spread evenly over [−1, 1), differently for each factor. */
const noise = (factor: number) => `(((i * ${factor}) % 1024) / 512e0 - 1e0)`;

const PARQUET = {
  'assignments.parquet': `
    select 'u' || i as id, case i % 3 when 0 then 'a' when 1 then 'b' else 'c' end as variant, 'team' || (i // 40) as team,
      case when i % 4 = 0 then 'x' else 'y' end as country, timestamptz '2026-03-10 00:00:00+00' as happened_at
    from range(900) t(i)`,
  'facts.parquet': `
    select 'u' || i as id, timestamptz '2026-03-11 00:00:00+00' + to_hours(k) as happened_at, 1e8 + ${noise(7919)} + k / 8e0 as v,
      5 + ${noise(523)} as w, case when i % 3 = 0 then 0e0 else 1 + ${noise(77)} end as zero_in_a
    from range(900) t(i), range(3) s(k) where (i + k) % 7 <> 0
    union all
    select 'u' || i, timestamptz '2026-03-08 00:00:00+00', 1e8 + ${noise(7919)}, 5 + ${noise(7919)}, 1e0 from range(900) t(i) where i % 5 <> 0`,
};

const CATALOG = `
engine: { kind: duckdb }
sources:
  assignments: { kind: assignments, file: assignments.parquet, unit: id, variant: variant, timestamp: happened_at, dimensions: { country: {} } }
  teams: { kind: assignments, file: assignments.parquet, unit: id, variant: variant, timestamp: happened_at, cluster: team }
  facts: { kind: facts, file: facts.parquet, unit: id, timestamp: happened_at }
metrics:
  large: { type: mean, source: facts, value: { column: v, aggregate: max, whenMissing: exclude }, window: { length: 7d }, covariate: { lookback: 7d } }
  large_sum: { type: mean, source: facts, value: { column: v }, window: { length: 7d }, covariate: { lookback: 7d, missing: indicator } }
  ratio: { type: ratio, source: facts, numerator: { column: w }, denominator: { aggregate: count }, window: { length: 7d }, covariate: { lookback: 7d } }
  capped: { type: mean, source: facts, value: { column: w }, window: { length: 7d }, cap: { upper: { percentile: 0.9 } } }
  degenerate: { type: mean, source: facts, value: { column: w }, window: { length: 7d }, cap: { upper: -1 } }
  cut_rows: { type: mean, source: facts, value: { column: w }, window: { length: 7d }, cap: { upper: 5.5, per: event } }
  per_event: { type: quantile, source: facts, quantile: 0.6, over: events, value: { column: w }, window: { length: 7d } }
  per_unit: { type: quantile, source: facts, quantile: 0.9, over: units, value: { column: w, aggregate: sum, whenMissing: exclude }, window: { length: 7d } }
  bucketed: { type: quantile, source: facts, quantile: 0.5, over: events, method: approximate, value: { column: w }, window: { length: 7d } }
  no_baseline: { type: mean, source: facts, value: { column: zero_in_a }, window: { length: 7d } }
  share: { type: proportion, source: facts, value: { where: "w > 5.5" }, window: { length: 7d } }
  all_alike: { type: proportion, source: facts, value: { where: "w > 100" }, window: { length: 7d } }
experiments:
  edges: { assignments: assignments, start: 2026-03-01T00:00:00Z, end: 2026-03-20T00:00:00Z, variants: { a: { control: true }, b: {}, nobody: {} },
    goals: [large, large_sum, ratio, capped, degenerate, cut_rows, per_event, per_unit, bucketed, no_baseline, share, all_alike] }
  by_team: { assignments: teams, start: 2026-03-01T00:00:00Z, end: 2026-03-20T00:00:00Z, variants: { a: { control: true }, b: {} }, goals: [ratio] }
`;

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    let service: TestService;
    let lines: readonly AuditedLine[];
    const lineOf = (metric: string, treatment = 'b') =>
      lines.find(({ row }) => row.metric.metric === metric && row.treatment.key === treatment)!;

    beforeAll(async () => {
      service = await serveWrittenOn(engine, { catalog: CATALOG, parquet: PARQUET }, NOW);
      lines = await auditedLines(service, { cuped: true });
    }, 300_000);

    it('says the same numbers, and is silent where the server is', () => {
      expect(faultsOf(lines, 1e-9)).toEqual([]);
      expect(lineOf('degenerate').audited).toMatchObject({ unknown: 'CAP_DEGENERATE', p_value: null });
      expect(lineOf('no_baseline').audited).toMatchObject({ lift_unknown: 'ZERO_BASELINE', lift: null, unknown: null });
      expect(lineOf('all_alike').audited).toMatchObject({ unknown: 'ZERO_VARIANCE', difference: 0, p_value: null });
      expect(lineOf('large', 'nobody').audited).toMatchObject({ unknown: 'NO_UNITS', treatment_units: 0 });
    });

    it('keeps the variance of values far from 0', () => {
      expect(lineOf('large').served.control_mean).toBeGreaterThan(1e8 - 1);
      expect(lineOf('large').audited!.standard_error).toBeLessThan(0.1);
      expect(lineOf('large').apart).toBeLessThan(1e-9);
    });

    it('says slices and other lifts', async () => {
      const sliced = await auditedLines(
        service,
        { lift: 'DELTA' },
        { sliceBy: ['country'], treatments: ['b'] },
        (key) => key === 'edges',
      );
      expect(sliced.length).toBe(24);
      expect(faultsOf(sliced, 1e-9)).toEqual([]);
    }, 300_000);

    it('says nothing of randomised clusters', () => {
      expect(lines.filter(({ statement }) => statement === null).map(({ row }) => row.experiment.key)).toEqual([
        'by_team',
      ]);
    });
  });
