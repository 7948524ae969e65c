import type { Experiment, Metric, MetricVersion, PriorSettings, Variant } from '../catalog/catalog.ts';
import { MetricLayerError } from '../core/errors.ts';
import { type CanonicalInstant, canonicalInstant, earliest, shortInstant } from '../core/instant.ts';
import type { Correction, ExperimentStatus, LiftMethod, Maturity, SequentialMethod } from '../core/vocabulary.ts';
import { dimensionType } from '../plan/filter.ts';
import { assignmentSource } from '../plan/scope.ts';
import { resolveAsOf, type Session } from './session.ts';

/** What a request may say about how results are computed; absent: the experiment's setting. */
export interface AnalysisInput {
  readonly alpha?: number | null | undefined;
  readonly correction?: Correction | null | undefined;
  readonly cuped?: boolean | null | undefined;
  readonly stratifyBy?: readonly string[] | null | undefined;
  readonly sequential?: SequentialMethod | null | undefined;
  readonly lift?: LiftMethod | null | undefined;
  readonly control?: string | null | undefined;
  readonly asOf?: string | null | undefined;
  readonly maturity?: Maturity | null | undefined;
  readonly metricVersions?: readonly { readonly metric: string; readonly version: number }[] | null | undefined;
}

/** The analysis that is applied, every default resolved. */
export interface Analysis {
  readonly alpha: number;
  /** 1 − alpha. */
  readonly level: number;
  readonly correction: Correction;
  /** Whether headlines are adjusted by the metrics' covariates. */
  readonly cuped: boolean;
  /** Dimensions that headlines are post-stratified by; they go before CUPED. */
  readonly stratifyBy: readonly string[];
  /** Of the Bayesian view; null: flat. */
  readonly prior: PriorSettings | null;
  readonly sequential: SequentialMethod;
  readonly lift: LiftMethod;
  readonly control: Variant;
  readonly asOf: CanonicalInstant;
  readonly maturity: Maturity;
  /** Level of the always-valid tests for harm. */
  readonly harmAlpha: number;
  /** Versions that the request pins. */
  readonly metricVersions: ReadonlyMap<string, number>;
}

export function resolveAnalysis(session: Session, experiment: Experiment, input: AnalysisInput = {}): Analysis {
  const alpha = input.alpha ?? experiment.analysis.alpha;
  checkProbability('alpha', alpha);
  const stratifyBy = input.stratifyBy ?? experiment.analysis.stratifyBy ?? [];
  checkStrata(session, experiment, stratifyBy);
  const control =
    input.control == null
      ? experiment.variants.find(({ isControl }) => isControl)!
      : experiment.variants.find(({ key }) => key === input.control);
  if (control === undefined) {
    throw new MetricLayerError(
      'BAD_USER_INPUT',
      `Experiment "${experiment.key}" has no variant "${input.control}" to be the control. It has: ${experiment.variants.map(({ key }) => key).join(', ')}.`,
    );
  }
  return {
    alpha,
    level: 1 - alpha,
    correction: input.correction ?? experiment.analysis.correction,
    cuped: input.cuped ?? experiment.analysis.cuped ?? false,
    stratifyBy,
    prior: experiment.analysis.prior ?? null,
    sequential: input.sequential ?? experiment.analysis.sequential,
    lift: input.lift ?? experiment.analysis.lift,
    control,
    asOf: resolveAsOf(session, experiment, input.asOf),
    maturity: input.maturity ?? 'REQUIRED',
    harmAlpha: experiment.analysis.harmAlpha,
    metricVersions: new Map((input.metricVersions ?? []).map(({ metric, version }) => [metric, version])),
  };
}

/** Strata are dimensions of the assignments, each named once. */
function checkStrata(session: Session, experiment: Experiment, stratifyBy: readonly string[]): void {
  for (const dimension of stratifyBy) dimensionType(assignmentSource(session.catalog, experiment), dimension);
  if (new Set(stratifyBy).size !== stratifyBy.length)
    throw new MetricLayerError('BAD_USER_INPUT', `stratifyBy names a dimension twice: ${stratifyBy.join(', ')}.`);
}

/** Levels and error rates lie strictly between 0 and 1. */
export function checkProbability(name: string, value: number): void {
  if (!(value > 0 && value < 1))
    throw new MetricLayerError('BAD_USER_INPUT', `${name} must lie between 0 and 1, and is ${value}.`);
}

/** The treatments in declared order: every variant but the control. */
export function treatmentsOf(experiment: Experiment, analysis: Analysis): readonly Variant[] {
  return experiment.variants.filter(({ key }) => key !== analysis.control.key);
}

/** The version of a metric that an analysis of an experiment uses: the request's, else the experiment's, else the one valid at asOf. */
export function metricVersionOf(
  session: Session,
  experiment: Experiment,
  analysis: Analysis,
  name: string,
): MetricVersion {
  const metric = session.catalog.metrics.get(name);
  if (metric === undefined) throw new MetricLayerError('UNKNOWN_METRIC', `There is no metric "${name}".`);
  const number =
    analysis.metricVersions.get(name) ?? experiment.metrics.find((member) => member.metric === name)?.version ?? null;
  if (number === null) return versionAt(metric, analysis.asOf);
  const version = metric.versions.find((candidate) => candidate.number === number);
  if (version === undefined) {
    throw new MetricLayerError(
      'UNKNOWN_METRIC_VERSION',
      `Metric "${name}" has no version ${number}. It has: ${metric.versions.map((one) => one.number).join(', ')}.`,
    );
  }
  return version;
}

/** The newest version that is valid at an instant; one without `validFrom` always is. */
export function versionAt(metric: Metric, asOf: CanonicalInstant): MetricVersion {
  const version = metric.versions.findLast(
    ({ validFrom }) => validFrom === null || canonicalInstant(validFrom) <= asOf,
  );
  if (version !== undefined) return version;
  const [first] = metric.versions;
  throw new MetricLayerError(
    'CAT_NO_VERSION_AT',
    `Metric "${metric.name}" has no version that is valid at ${shortInstant(asOf)}: its first, ${first!.number}, is valid from ${shortInstant(first!.validFrom!)}. Ask for a later asOf, or name a version in metricVersions.`,
  );
}

export function hasEnded(experiment: Experiment, asOf: CanonicalInstant): boolean {
  const end = earliest(experiment.end);
  return (end !== null && end <= asOf) || experiment.status === 'STOPPED' || experiment.status === 'ARCHIVED';
}

/** The stated status where it is final, else what the period says at asOf. */
export function statusOf(experiment: Experiment, asOf: CanonicalInstant): ExperimentStatus {
  if (experiment.status === 'DRAFT' || experiment.status === 'ARCHIVED') return experiment.status;
  if (hasEnded(experiment, asOf)) return 'STOPPED';
  const start = earliest(experiment.start);
  return start !== null && start > asOf ? 'SCHEDULED' : 'RUNNING';
}
