import { SUMMARY_COLUMNS } from '../experiment/summaries-table.ts';
import type { ExperimentShape } from './experiment-shape.ts';

/** What is known of the place in the answer that a list is in. */
export interface ListScope {
  /** The experiment that is being read. */
  readonly shape: ExperimentShape;
  /** Items on the page that is being read. */
  readonly items: number;
  /** Columns of the table that is being read. */
  readonly columns: number;
  /** Experiments of the page that is being read. */
  readonly experiments: readonly ExperimentShape[];
  readonly metrics: number;
  readonly sources: number;
  readonly warnings: number;
}

export type FieldArguments = Readonly<Record<string, unknown>>;

/** Slices told apart, and the rest. */
export const SLICES = 51;
/** Lists whose length the catalog's authors decide and nobody makes long: tags, versions. */
const FEW = 10;
/** A row of a table is one JSON value to GraphQL, so it weighs less than its cells: the largest page just passes. */
export const TABLE_ROW_CELLS = 10;
const STATEMENTS = 10;
/** The most days since exposure that a series has. */
const COHORT_DAYS = 28;
const EXCLUSIONS = 7;

const PERIODS_PER_DAY: Readonly<Record<string, number>> = {
  HOUR: 24,
  DAY: 1,
  WEEK: 1 / 7,
  MONTH: 1 / 28,
  QUARTER: 1 / 90,
  YEAR: 1 / 365,
};

const variants = ({ shape }: ListScope) => shape.variants;
const periods = ({ shape }: ListScope, { grain }: FieldArguments) =>
  Math.ceil(shape.days * (PERIODS_PER_DAY[String(grain)] ?? 24)) + 1;
/** Windows run on for a while after an experiment's end. */
const afterTheEnd = (scope: ListScope): ListScope => ({
  ...scope,
  shape: { ...scope.shape, days: scope.shape.days + 28 },
});
const items = (scope: ListScope) => scope.items;

/**
 * The longest that each list of the schema can be. A list that is not here counts as `UNKNOWN_LIST`; a test names it, so that
 * a new list is given a bound. Lists of an enum's values are bounded by the enum.
 */
export const LIST_BOUNDS: Readonly<Record<string, (scope: ListScope, args: FieldArguments) => number>> = {
  'Metric.tags': () => FEW,
  'Metric.versions': () => FEW,
  'MetricConnection.edges': items,
  'MetricConnection.nodes': items,
  'ExperimentConnection.edges': items,
  'ExperimentConnection.nodes': items,
  'Experiment.tags': () => FEW,
  'Experiment.variants': variants,
  'Experiment.metrics': ({ shape }) => shape.goals + shape.guardrails + shape.diagnostics,
  'MetricResultConnection.edges': items,
  'MetricResultConnection.nodes': items,
  'MetricAnomalyConnection.edges': items,
  'MetricAnomalyConnection.nodes': items,
  'MetricResult.slice': () => 3,
  'Analysis.stratifyBy': () => 3,
  'MetricResult.excluded': () => EXCLUSIONS,
  'MetricResult.timeline': (scope, args) =>
    args.by === 'DAYS_SINCE_EXPOSURE' ? COHORT_DAYS : periods(afterTheEnd(scope), args),
  'Family.members': ({ shape }) => shape.goals * shape.variants,
  'Exclusion.byVariant': variants,
  'Assignments.arms': variants,
  'Assignments.excluded': () => EXCLUSIONS,
  'Assignments.exposures': (scope, args) => periods(scope, args) * scope.shape.variants,
  'Assignments.bySlice': () => SLICES,
  'SliceUnits.arms': variants,
  'SampleRatioMismatch.arms': variants,
  'SampleRatioMismatch.stages': () => 3,
  'SampleRatioMismatch.timeline': periods,
  'SampleRatioMismatch.bySlice': () => SLICES,
  'SrmStage.arms': variants,
  'SrmSlice.arms': variants,
  'DataQuality.gates': () => FEW,
  'ExperimentSummary.treatments': ({ shape }) => Math.max(0, shape.variants - 1),
  'ExperimentSummary.gates': () => FEW,
  'TreatmentVerdict.reasons': ({ shape }) => FEW + shape.goals + shape.guardrails,
  'TreatmentVerdict.rules': () => FEW,
  'TreatmentVerdict.goals': ({ shape }) => shape.goals,
  'TreatmentVerdict.guardrails': ({ shape }) => shape.guardrails,
  'PowerAnalysis.curve': (_, { points }) => Number(points ?? 20),
  'Table.columns': ({ columns }) => columns,
  'Table.rows': (scope) => scope.items * TABLE_ROW_CELLS,
  'Table.records': (scope) => scope.items * TABLE_ROW_CELLS,
  'Provenance.statements': () => STATEMENTS,
  'QueryPlan.statements': () => STATEMENTS,
  'Service.warnings': ({ warnings }) => warnings,
  'Service.sources': ({ sources }) => sources,
  'RefreshPayload.userErrors': () => FEW,
  'UserError.field': () => 3,
};

export const UNKNOWN_LIST = 50;
/** What an `explain` may resolve for its document, which has limits of its own. */
export const EXPLAIN_CELLS = 10_000;
export const SUMMARY_WIDTH = SUMMARY_COLUMNS.length;
