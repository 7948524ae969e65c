import type { Catalog, Experiment } from '../../../src/catalog/catalog.ts';
import { sqlTimestamp } from '../../../src/core/instant.ts';
import type { ColumnType } from '../../../src/core/vocabulary.ts';
import { type Analysis, resolveAnalysis } from '../../../src/experiment/analysis.ts';
import { armsOf } from '../../../src/experiment/arms.ts';
import { resultRows } from '../../../src/experiment/result-row.ts';
import { isTimed, populationOf, type Session } from '../../../src/experiment/session.ts';
import { withHorizon } from '../../../src/models/as-of.ts';
import type { Model, ModelContext, ModelName } from '../../../src/models/model.ts';
import { listed } from '../../../src/models/results/listed.ts';
import type { ArmMoments } from '../../../src/plan/answer.ts';
import { inlined } from '../../../src/sql/literal.ts';
import { ident, join, sql, trusted } from '../../../src/sql/sql.ts';
import { as } from '../../../src/sql/statement.ts';
import type { EngineName } from '../../support/engines.ts';
import { type Cell, cellOf, dialectOf, type Row, runOn } from '../support.ts';

/** Rows of the tables that a model reads. */
export type Tables = Readonly<Partial<Record<ModelName, readonly Row[]>>>;

type Columns = Readonly<Record<string, ColumnType>>;

const INDICES = [0, 1, 2, 3, 4];
const PAIRS = INDICES.flatMap((i) => INDICES.slice(0, i + 1).map((j) => [i, j] as const));

const typed = (type: ColumnType, names: readonly string[]): Columns =>
  Object.fromEntries(names.map((name) => [name, type]));

const COLUMNS: Readonly<Partial<Record<ModelName, Columns>>> = {
  experiment_exclusions: {
    ...typed('STRING', ['experiment', 'reason', 'variant']),
    ...typed('INTEGER', ['phase', 'rows', 'units', 'clusters']),
    activated: 'BOOLEAN',
    last_exposure: 'DATETIME',
  },
  experiment_assignments: {
    ...typed('STRING', ['experiment', 'variant', 'cluster', 'dim_country']),
    ...typed('INTEGER', ['phase', 'units']),
    ...typed('DATETIME', ['exposed_at', 'assigned_at']),
  },
  source_freshness: { source: 'STRING', rows: 'INTEGER', latest: 'DATETIME' },
  metric_moments: {
    ...typed('STRING', ['experiment', 'metric', 'variant', 'slice_dimension', 'slice_value']),
    ...typed('INTEGER', ['exposed', 'units', 'units_with_before', 'quantile_values']),
    ...typed('FLOAT', ['lower', 'upper', 'least', 'greatest', 'quantile_estimate', 'quantile_lower', 'quantile_upper']),
    ...typed(
      'FLOAT',
      INDICES.flatMap((i) => [`pivot_${i}`, `sum_${i}`]),
    ),
    ...typed(
      'FLOAT',
      PAIRS.map(([i, j]) => `product_${i}${j}`),
    ),
  },
};

const instant = (text: string | null): string | null => (text === null ? null : sqlTimestamp(text));

/** The tables as the server's own answers about an experiment have them. Assignments: a row for as many `units`. */
export async function tablesOf(session: Session, experiment: Experiment): Promise<Tables> {
  const analysis: Analysis = { ...resolveAnalysis(session, experiment), maturity: 'REQUIRED' };
  const population = populationOf(session, experiment, null, analysis.asOf);
  const { key } = experiment;
  const exclusions = async (activated: boolean) => {
    const counts = await session.evaluator.ask({
      kind: 'assignments',
      population,
      ...(activated ? { activated: true as const } : {}),
    });
    return counts.map(
      (count): Row => ({
        ...{ experiment: key, reason: count.reason, variant: count.variant, phase: count.phase ?? null, activated },
        ...{ rows: count.rows, units: count.units, clusters: count.clusters ?? null },
        last_exposure: instant(count.lastExposure),
      }),
    );
  };
  const days = isTimed(session, experiment)
    ? await session.evaluator.ask({ kind: 'exposures', population, grain: 'DAY' })
    : [];
  const sources = [...session.catalog.sources.values()].filter(({ kind }) => kind !== 'experiments');
  const freshness = await Promise.all(
    sources.map(async (source): Promise<Row> => {
      const { rows, latest } = await session.evaluator.ask({ kind: 'freshness', source, asOf: analysis.asOf });
      return { source: source.name, rows, latest: instant(latest) };
    }),
  );
  return {
    experiment_exclusions: [
      ...(await exclusions(false)),
      ...(experiment.activation == null ? [] : await exclusions(true)),
    ],
    experiment_assignments: days.map(({ period, variant, units, phase }) => ({
      ...{ experiment: key, variant, cluster: null, dim_country: null, phase: phase ?? null, units },
      ...{ exposed_at: `${period.slice(0, 10)} 12:00:00`, assigned_at: `${period.slice(0, 10)} 12:00:00` },
    })),
    source_freshness: freshness,
    metric_moments: await momentRows(session, experiment, analysis),
  };
}

async function momentRows(session: Session, experiment: Experiment, analysis: Analysis): Promise<readonly Row[]> {
  const rows = await resultRows(session, experiment, analysis, { roles: ['GOAL', 'GUARDRAIL'] });
  const found = new Map<string, Row>();
  for (const row of rows) {
    const before = analysis.cuped && row.metric.covariate != null;
    const { control, treatment } = await armsOf(session, row, before ? ['products', 'covariates'] : ['products']);
    for (const arm of [control, treatment])
      if (arm.exposed > 0)
        found.set(`${row.metric.metric} ${arm.variant}`, momentRow(experiment.key, row.metric.metric, arm));
  }
  return [...found.values()];
}

function momentRow(experiment: string, metric: string, arm: ArmMoments): Row {
  const { units, pivots, sums, products } = arm.joint?.moments ?? arm.moments;
  const { capping, order } = arm;
  return {
    ...{
      experiment,
      metric,
      variant: arm.variant,
      slice_dimension: null,
      slice_value: null,
      exposed: arm.exposed,
      units,
    },
    ...{ units_with_before: arm.joint?.unitsWithCovariate ?? null },
    ...{ lower: capping?.lower ?? null, upper: capping?.upper ?? null },
    ...{ least: capping?.minimum ?? null, greatest: capping?.maximum ?? null },
    ...Object.fromEntries(
      INDICES.flatMap((i) => [
        [`pivot_${i}`, pivots[i] ?? null],
        [`sum_${i}`, sums[i] ?? null],
      ]),
    ),
    ...Object.fromEntries(PAIRS.map(([i, j]) => [`product_${i}${j}`, products?.[i]?.[j] ?? null])),
    ...{ quantile_values: order?.values ?? null, quantile_estimate: order?.estimate ?? null },
    ...{ quantile_lower: order?.lower ?? null, quantile_upper: order?.upper ?? null },
  };
}

/** Several experiments' tables as one; sources are told once. */
export function unitedTables(all: readonly Tables[]): Tables {
  const names = Object.keys(COLUMNS) as ModelName[];
  const rows = (name: ModelName) => all.flatMap((tables) => tables[name] ?? []);
  const sources = new Map(rows('source_freshness').map((row) => [row.source, row]));
  return {
    ...Object.fromEntries(names.map((name) => [name, rows(name)])),
    source_freshness: [...sources.values()],
  };
}

/** One catalog with the experiments of several. */
export function unitedCatalog(all: readonly Catalog[]): Catalog {
  return {
    ...all[0]!,
    sources: new Map(all.flatMap(({ sources }) => [...sources])),
    metrics: new Map(all.flatMap(({ metrics }) => [...metrics])),
    experiments: new Map(all.flatMap(({ experiments }) => [...experiments])),
  };
}

/** A model's rows over tables of constants, on one engine. */
export async function modelRows(
  engine: EngineName,
  model: Model,
  { catalog, tables, now }: { readonly catalog: Catalog; readonly tables: Tables; readonly now: string },
): Promise<readonly Row[]> {
  const own = dialectOf(engine);
  const dialect = withHorizon(
    own,
    trusted(`cast('${sqlTimestamp(now)}' as timestamp${engine === 'Trino' ? '(6)' : ''})`),
  );
  const context: ModelContext = { catalog, dialect, ref: (name) => ident(`input_${name}`) };
  const inputs = model.uses.map((name) => {
    const columns = Object.entries(COLUMNS[name]!);
    const text = columns.map(
      ([column, type]) => ({ name: column, type: type === 'DATETIME' ? 'STRING' : type }) as const,
    );
    const rows = (tables[name] ?? []).map((row) => columns.map(([column]) => row[column] ?? null));
    const values = listed(dialect, text as Parameters<typeof listed>[1], rows);
    const cells = columns.map(([column, type]) =>
      type === 'DATETIME' ? as(dialect.timestamp(ident(column)), column) : ident(column),
    );
    const each =
      name === 'experiment_assignments'
        ? trusted(
            engine === 'Trino'
              ? 'cross join unnest(sequence(1, "units")) as n(i)'
              : 'cross join unnest(range("units")) as n(i)',
          )
        : sql``;
    return sql`${ident(`input_${name}`)} as (select ${join(cells, ', ')} from (${values}) as v ${each})`;
  });
  const names = model.columns(catalog).map(({ name }) => name);
  const answer = names.map((name) =>
    isInstant(model, catalog, name) ? sql`cast(${ident(name)} as varchar)` : ident(name),
  );
  const query = inlined(
    sql`with ${join(inputs, ',\n')}\nselect ${join(answer, ', ')} from (\n${model.select(context)}\n) as m`,
  );
  const rows = await runOn(engine, query);
  return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, asNumber(model, catalog, name, row[i])])));
}

const typeOf = (model: Model, catalog: Catalog, name: string) =>
  model.columns(catalog).find((column) => column.name === name)!.type;
const isInstant = (model: Model, catalog: Catalog, name: string): boolean =>
  ['DATE', 'DATETIME'].includes(typeOf(model, catalog, name));

function asNumber(model: Model, catalog: Catalog, name: string, value: unknown): Cell {
  const cell = cellOf(value);
  return cell !== null && ['INTEGER', 'FLOAT'].includes(typeOf(model, catalog, name)) ? Number(cell) : cell;
}
