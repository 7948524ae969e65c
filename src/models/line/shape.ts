import type { Catalog, Experiment, MetricVersion } from '../../catalog/catalog.ts';
import type { LiftMethod, SequentialMethod } from '../../core/vocabulary.ts';
import { isRamped } from '../../experiment/allocation.ts';
import type { Analysis } from '../../experiment/analysis.ts';
import { isGroupMethod } from '../../experiment/looks.ts';
import { isBinary, type Quantile } from '../../metric-types/metric-type.ts';
import { METRIC_KINDS } from '../../metric-types/registry.ts';
import { assignmentSource } from '../../plan/scope.ts';

/** The settings of an analysis that decide how a line is computed. */
export interface LineAnalysis
  extends Pick<Analysis, 'lift' | 'sequential'>,
    Partial<Pick<Analysis, 'cuped' | 'stratifyBy'>> {}

/** Everything that decides which formula a line needs. Lines of one shape are computed by one statement. */
export interface LineShape {
  /** How an arm becomes a sample; a proportion's variance follows from its share. */
  readonly estimator: 'MEAN' | 'PROPORTION' | 'RATIO' | 'QUANTILE';
  /** The metric's own variables in the moments; none of a quantile. */
  readonly variables: number;
  /** The variables after them that the headline is adjusted by, an indicator of missing among them; 0: it is not adjusted. */
  readonly covariates: number;
  readonly hasMissingIndicator: boolean;
  /** The metric has a cap, so that its rows tell a `cap_fault`. */
  readonly capped: boolean;
  readonly quantile: Pick<Quantile, 'probability' | 'over'> | null;
  readonly lift: LiftMethod;
  readonly sequential: Extract<SequentialMethod, 'NONE' | 'ASYMPTOTIC' | 'MIXTURE'>;
  /** GrowthBook's own variance, which its DELTA lift of a proportion takes. */
  readonly hasBinomialLift: boolean;
}

/** Why a line is not said in SQL. */
export type NotInSql = 'CLUSTERS' | 'STRATA' | 'PHASES' | 'GROUP_SEQUENTIAL';

/** A sentence for each. */
export const NOT_IN_SQL: Readonly<Record<NotInSql, string>> = {
  CLUSTERS: 'Whole clusters were randomised: the variance between clusters is computed by the server alone.',
  STRATA: 'The analysis is stratified by dimensions: the strata are put together by the server alone.',
  PHASES: 'The allocation changed between phases: their weights are found by the server alone.',
  GROUP_SEQUENTIAL: 'The boundaries of a group-sequential design are computed by the server alone.',
};

/** Why a line of a metric cannot be said in SQL, or null: it can. */
export function notInSql(
  catalog: Catalog,
  experiment: Experiment,
  metric: MetricVersion,
  analysis: LineAnalysis,
): NotInSql | null {
  if (assignmentSource(catalog, experiment).cluster != null) return 'CLUSTERS';
  if (isGroupMethod(analysis.sequential)) return 'GROUP_SEQUENTIAL';
  if (isQuantile(metric)) return null;
  if ((analysis.stratifyBy?.length ?? 0) > 0) return 'STRATA';
  return isRamped(experiment) ? 'PHASES' : null;
}

const isQuantile = ({ type }: MetricVersion): boolean => METRIC_KINDS[type].estimator === 'QUANTILE';

/** The shape of a metric's lines under an analysis, for what can be said in SQL; `timed`: assignments have timestamps. */
export function shapeOf(analysis: LineAnalysis, metric: MetricVersion, timed: boolean): LineShape {
  const { estimator } = METRIC_KINDS[metric.type];
  const { lift, sequential, cuped = false } = analysis;
  if (isGroupMethod(sequential)) throw new Error(`${sequential} is not said in SQL.`);
  const own = estimator === 'QUANTILE' ? 0 : metric.variables.length;
  const adjusts = cuped && timed && metric.covariate != null && estimator !== 'QUANTILE';
  const hasMissingIndicator = adjusts && metric.covariate!.missing === 'indicator';
  return {
    estimator: estimator === 'MEAN' && isBinary(metric.variables[0]!) ? 'PROPORTION' : estimator,
    variables: own,
    covariates: adjusts ? own + (hasMissingIndicator ? 1 : 0) : 0,
    hasMissingIndicator,
    capped: metric.cap !== null,
    quantile: metric.quantile == null ? null : { probability: metric.quantile.probability, over: metric.quantile.over },
    lift,
    sequential,
    hasBinomialLift: metric.type === 'PROPORTION',
  };
}
