import type { Experiment, ExperimentMetric } from '../catalog/catalog.ts';
import { MetricLayerError } from '../core/errors.ts';
import { earliest } from '../core/instant.ts';
import type { Trace } from '../evaluate/trace.ts';
import { plannedAlpha } from '../statistics/power/error-rates.ts';
import {
  type Analysis,
  checkProbability,
  hasEnded,
  metricVersionOf,
  resolveAnalysis,
  treatmentsOf,
} from './analysis.ts';
import { assignmentsOf } from './assignments.ts';
import { marginAlpha } from './decision-tests.ts';
import { historyOf } from './history.ts';
import { dailyUnits, type PowerAnalysis, type PowerPlan, powerOfLine } from './power.ts';
import type { ResultRow } from './result-row.ts';
import { isTimed, type Session } from './session.ts';

export interface PowerRequest {
  readonly metric: string;
  readonly minimumDetectableEffect: number | null;
  readonly margin: number | null;
  readonly alpha: number;
  readonly power: number;
  readonly variants: number;
  /** null: as many as the source had. */
  readonly unitsPerDay: number | null;
  readonly lookbackDays: number;
  readonly cuped: boolean;
  /** Whether the test may be looked at every day. */
  readonly continuous: boolean;
  readonly asOf: string | null;
}

const MOST_VARIANTS = 20;
const MOST_DAYS = 366;

/**
 * Power of an experiment that does not exist yet: traffic, mean and variance are those of the metric's source over the days
 * looked back at. Equal arms; alpha is divided by the number of treatments.
 */
export async function plannedPowerOf(session: Session, request: PowerRequest, trace?: Trace): Promise<PowerAnalysis> {
  checkRequest(request);
  const metric = session.catalog.metrics.get(request.metric);
  if (metric === undefined)
    throw new MetricLayerError('UNKNOWN_METRIC', `There is no metric "${request.metric.slice(0, 80)}".`);
  const asOf = earliest(request.asOf) ?? session.now;
  const row = historyOf(session, metric.versions.at(-1)!, { asOf, lookbackDays: request.lookbackDays });
  const unitsPerDay = request.unitsPerDay ?? (await dailyUnits(session, row, row.experiment.end!, trace));
  return powerOfLine(
    session,
    row,
    {
      minimumDetectableEffect: request.minimumDetectableEffect,
      margin: request.margin,
      alpha: plannedAlpha(request.alpha, request.variants - 1, 'BONFERRONI'),
      power: request.power,
      test: request.continuous ? 'SEQUENCE' : 'WELCH',
      cuped: request.cuped,
      weights: { control: 1, treatment: 1, all: request.variants },
      unitsPerDay,
      days: request.lookbackDays,
      unitsSoFar: 0,
    },
    trace,
  );
}

function checkRequest(request: PowerRequest): void {
  const { minimumDetectableEffect, margin, alpha, power, variants, unitsPerDay, lookbackDays } = request;
  checkProbability('alpha', alpha);
  checkProbability('power', power);
  const refuse = (message: string) => new MetricLayerError('BAD_USER_INPUT', message);
  if (minimumDetectableEffect !== null && !(minimumDetectableEffect > 0))
    throw refuse(`minimumDetectableEffect must be above 0, such as 0.02 for 2 %, and is ${minimumDetectableEffect}.`);
  if (margin !== null) checkProbability('margin', margin);
  if (margin !== null && minimumDetectableEffect !== null)
    throw refuse('State either margin (of a guardrail) or minimumDetectableEffect (of a goal), not both.');
  if (!(variants >= 2 && variants <= MOST_VARIANTS)) throw refuse(`variants must be from 2 to ${MOST_VARIANTS}.`);
  if (unitsPerDay !== null && unitsPerDay < 1) throw refuse('unitsPerDay must be 1 or more.');
  if (!(lookbackDays >= 1 && lookbackDays <= MOST_DAYS)) throw refuse(`lookbackDays must be from 1 to ${MOST_DAYS}.`);
}

export interface ExperimentPowerRequest {
  readonly metric: string | null;
  readonly minimumDetectableEffect: number | null;
  readonly alpha: number | null;
  readonly power: number | null;
  readonly asOf: string | null;
}

/** What an experiment is planned for where it does not say so. */
const USUAL_POWER = 0.8;
/** Days of traffic by which the coming ones are judged. */
const RECENT_DAYS = 7;

/**
 * Power of a running experiment: from its own control arm, allocation and traffic, `days` from asOf until the units that one
 * metric needs are there and mature. The first goal by default; a guardrail is planned for its margin. The test is the one that
 * the decision to ship takes, alpha that of its first step.
 */
export async function experimentPowerOf(
  session: Session,
  experiment: Experiment,
  request: ExperimentPowerRequest,
  trace?: Trace,
): Promise<PowerAnalysis> {
  const analysis = resolveAnalysis(session, experiment, { asOf: request.asOf });
  const member = memberOf(experiment, request.metric);
  const metric = metricVersionOf(session, experiment, analysis, member.metric);
  const power = request.power ?? USUAL_POWER;
  checkProbability('power', power);
  if (request.alpha !== null) checkProbability('alpha', request.alpha);
  if (request.minimumDetectableEffect !== null && !(request.minimumDetectableEffect > 0))
    throw new MetricLayerError('BAD_USER_INPUT', 'minimumDetectableEffect must be above 0, such as 0.02 for 2 %.');
  const [treatment] = [...treatmentsOf(experiment, analysis)].sort((a, b) => a.weight - b.weight);
  const row: ResultRow = {
    experiment,
    member,
    metric,
    treatment: treatment!,
    where: null,
    sliceBy: [],
    slices: [],
    slice: null,
    analysis,
  };
  const [assignments, recent] = await Promise.all([
    assignmentsOf(session, experiment, null, analysis.asOf, trace),
    recentTraffic(session, row, trace),
  ]);
  const margin = request.minimumDetectableEffect === null ? member.margin : null;
  const plan: PowerPlan = {
    minimumDetectableEffect: request.minimumDetectableEffect ?? member.minimumDetectableEffect,
    margin,
    alpha: request.alpha ?? plannedAlphaOf(experiment, analysis, margin),
    power,
    test: experiment.monitoring === 'CONTINUOUS' ? 'SEQUENCE' : 'WELCH',
    cuped: analysis.cuped,
    weights: {
      control: analysis.control.weight,
      treatment: treatment!.weight,
      all: experiment.variants.reduce((sum, { weight }) => sum + weight, 0),
    },
    unitsPerDay: recent,
    days: 0,
    unitsSoFar: assignments.units,
  };
  return powerOfLine(session, row, plan, trace);
}

function memberOf(experiment: Experiment, name: string | null): ExperimentMetric {
  const member =
    name === null ? experiment.metrics[0] : experiment.metrics.find((candidate) => candidate.metric === name);
  if (member !== undefined) return member;
  const known = experiment.metrics.map(({ metric }) => metric).join(', ') || 'none';
  throw new MetricLayerError(
    'UNKNOWN_METRIC',
    name === null
      ? `Experiment "${experiment.key}" has no metrics to plan for.`
      : `Experiment "${experiment.key}" has no metric "${name.slice(0, 80)}". It has: ${known}.`,
  );
}

function plannedAlphaOf(experiment: Experiment, analysis: Analysis, margin: number | null): number {
  if (margin !== null) return marginAlpha(experiment, analysis);
  const goals = Math.max(1, experiment.metrics.filter(({ role }) => role === 'GOAL').length);
  return plannedAlpha(analysis.alpha, goals * treatmentsOf(experiment, analysis).length, 'HOLM');
}

/** Mean new units of the latest whole days; 0 once enrolment has ended, or where nothing tells when units came. */
async function recentTraffic(session: Session, row: ResultRow, trace?: Trace): Promise<number> {
  const { experiment, analysis } = row;
  if (experiment.start === null || !isTimed(session, experiment) || hasEnded(experiment, analysis.asOf)) return 0;
  const daily = await dailyUnits(session, row, analysis.asOf, trace);
  const last = daily.slice(-RECENT_DAYS);
  return last.length === 0 ? 0 : last.reduce((sum, units) => sum + units, 0) / last.length;
}
