import type { Catalog, FactSource, MetricVersion } from '../catalog/catalog.ts';
import type { Maturity } from '../core/vocabulary.ts';
import { leavesUnitsOut, maturesAfter, type UnitVariable } from '../metric-types/metric-type.ts';
import type { Dialect } from '../sql/dialect.ts';
import type { Sql } from '../sql/sql.ts';
import type { Step } from '../sql/statement.ts';
import { readsWholePopulation } from './capping.ts';
import { covariateVariables } from './covariates.ts';
import { exposureColumns, exposureSteps } from './exposures.ts';
import { factStep } from './facts.ts';
import { filterDimensions } from './filter.ts';
import { type AliasedMetric, type PlannedMeasure, planMeasures } from './measures.ts';
import type { Population, SliceKey, Strata } from './question.ts';
import { withoutRowCap } from './row-caps.ts';
import { assignmentSource, createScope, factSource, type Scope } from './scope.ts';
import { type UnitsInput, unitColumns, unitsStep } from './unit-variables.ts';

/** Whose values are wanted, and of what. */
export interface UnitValuesWanted {
  /** Which may share a statement. */
  readonly populations: readonly Population[];
  readonly metrics: readonly AliasedMetric[];
  readonly maturity: Maturity;
  readonly sliceBy: readonly string[];
  readonly slices: readonly SliceKey[];
  readonly strata: Strata | null;
  /** Metrics whose faulty rows are counted, by alias. */
  quality(alias: string): boolean;
  /** Metrics with a cap of which it is told what it took away, by alias. */
  capping(alias: string): boolean;
  /** Metrics whose values before the assignment are told, too, where they have any. */
  covariates(alias: string): boolean;
  idleAreNull(metric: AliasedMetric): boolean;
  /** The period that a unit's (`x`) values belong to; null: none. */
  period?: ((scope: Scope) => Sql) | null;
  /** More columns of `units`, over a unit (`x`); absent: none. */
  more?: (scope: Scope) => ReadonlyMap<string, Sql>;
  /** The step of a source's facts in place of `factStep`; absent: rows are read and aggregated. */
  facts?(
    scope: Scope,
    source: FactSource,
    measures: readonly PlannedMeasure[],
    carried: readonly string[] | null,
  ): Step;
  /** Dimensions of the assignments that the steps tell besides. */
  readonly dimensions?: readonly string[];
}

/** The steps to one row a unit with its value of each metric, and how to read them. */
export interface UnitValues {
  readonly scope: Scope;
  readonly measures: readonly PlannedMeasure[];
  aliasOf(metric: AliasedMetric, variable: UnitVariable, part?: number): string;
  hasCovariates(metric: AliasedMetric): boolean;
  tellsCut(metric: AliasedMetric): boolean;
  /** `units` also has the units that were not asked for, and marks those that were. */
  readonly marked: boolean;
  readonly columns: ReturnType<typeof unitColumns>;
  /** Up to `units`. */
  readonly before: readonly Step[];
  /** `units`; by arm, or by unit. */
  units(by: 'arm' | 'unit'): Step;
}

/** Plans the values of metrics unit by unit: one scan of each source. */
export function unitValues(catalog: Catalog, dialect: Dialect, wanted: UnitValuesWanted): UnitValues {
  const { populations, metrics, maturity, sliceBy, slices, strata, idleAreNull } = wanted;
  const [first] = populations;
  const hasTimes = assignmentSource(catalog, first!.experiment).timestamp !== null;
  const hasCovariates = ({ alias, metric }: AliasedMetric) =>
    metric.covariate != null && hasTimes && wanted.covariates(alias);
  const tellsCut = ({ alias, rowCap }: AliasedMetric) => rowCap !== undefined && wanted.capping(alias);
  const { all: measures, aliasOf } = planMeasures(
    metrics,
    (alias) => wanted.quality(alias),
    (metric) => [
      ...(tellsCut(metric) ? metric.metric.variables.map(withoutRowCap) : []),
      ...(hasCovariates(metric) ? covariateVariables(metric.metric) : []),
    ],
    (alias) => wanted.capping(alias),
  );
  const sources = sourcesOfMeasures(catalog, measures);
  const scope = createScope(catalog, dialect, populations, {
    facts: sources,
    dimensions: [...sliceBy, ...(strata?.by ?? []), ...(wanted.dimensions ?? []), ...filterDimensions(first!.where)],
    activated: true,
  });
  const marked = first!.where !== null && readsWholePopulation(metrics);
  // Where the exposures would be computed for each of their readers, the first facts carry them along.
  const carrier = dialect.reuse.kind === 'inlined' ? sources[0]!.name : null;
  const matureOnly = maturity === 'REQUIRED';
  const input: UnitsInput = {
    ...{ metrics, measures, aliasOf, matureOnly, idleAreNull, hasCovariates, tellsCut },
    ...{ sliceBy, slices, strata, marked, carrier },
    ...(wanted.period == null ? {} : { period: wanted.period(scope) }),
    ...(wanted.more === undefined ? {} : { more: wanted.more(scope) }),
  };
  const columns = unitColumns(scope, input);
  return {
    ...{ scope, measures, aliasOf, hasCovariates, tellsCut, marked, columns },
    before: [
      ...exposureSteps(scope, { markOnly: marked }),
      ...sources.map((source) =>
        (wanted.facts ?? factStep)(
          scope,
          source,
          measures.filter(({ measure }) => measure.source === source.name),
          source.name === carrier ? exposureColumns(scope, marked) : null,
        ),
      ),
    ],
    units: (by) => unitsStep(scope, by === 'unit' ? { ...input, withUnit: true } : input, columns.columns),
  };
}

function sourcesOfMeasures(catalog: Catalog, measures: readonly PlannedMeasure[]): readonly FactSource[] {
  return [...new Set(measures.map(({ measure }) => measure.source))].sort().map((name) => factSource(catalog, name));
}

/** Whether every exposed unit has a value of a metric, so that units without rows need not be looked for to be counted. */
export function everyUnitCounts(metric: MetricVersion, maturity: Maturity): boolean {
  return (maturity === 'ALL' || maturesAfter(metric) === null) && countsIdleUnits(metric);
}

/** Whether a unit without rows has a value of a metric once it is mature. */
export function countsIdleUnits({ among, variables }: Pick<MetricVersion, 'among' | 'variables'>): boolean {
  return among == null && !variables.some(leavesUnitsOut);
}
