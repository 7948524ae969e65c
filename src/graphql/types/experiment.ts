import { Arg, Ctx, Field, Float, Int, ObjectType } from 'type-graphql';
import type { Experiment as CatalogExperiment, ExperimentMetric as Member } from '../../catalog/catalog.ts';
import type { MetricRole } from '../../core/vocabulary.ts';
import { resolveAnalysis, statusOf } from '../../experiment/analysis.ts';
import { anomaliesOf } from '../../experiment/anomalies.ts';
import type { AnomalyKind } from '../../experiment/anomalies-found.ts';
import { gatesOf } from '../../experiment/data-quality.ts';
import { experimentPowerOf } from '../../experiment/power-request.ts';
import { resultRows } from '../../experiment/result-row.ts';
import type { Severity } from '../../experiment/rules/rule.ts';
import { isTimed, resolveAsOf, type Session } from '../../experiment/session.ts';
import { newTrace, type RequestContext } from '../context.ts';
import { AnomalyKindEnum, ExperimentStatusEnum, MetricRoleEnum, MonitoringEnum, SeverityEnum } from '../enums.ts';
import { AnalysisInput, FilterInput, ResultFilter, toFilter } from '../inputs.ts';
import { encode } from '../opaque.ts';
import { MOST_IN_CONNECTION, PAGE, pageOf, pinnedAsOf } from '../paging.ts';
import { resultArguments, resultNode } from '../result-id.ts';
import { DateTime, SafeInt } from '../scalars.ts';
import { MetricAnomaly, MetricAnomalyConnection } from './anomaly.ts';
import { Assignments, SampleRatioMismatch, Variant } from './assignments.ts';
import { type Connection, connectionType } from './connection.ts';
import { Metric, Node } from './metric.ts';
import { ExperimentPowerInput, PowerAnalysis } from './power.ts';
import { MetricResult } from './result.ts';
import { DataQuality, ExperimentSummary } from './summary.ts';

const nullable = { nullable: true } as const;

export const MetricResultConnection = connectionType<MetricResult>('MetricResult', () => MetricResult);

@ObjectType({ description: 'What the experiment said it would do before it was decided.' })
export class Plan {
  @Field(() => DateTime, nullable) endAt!: string | null;
  @Field(() => SafeInt, nullable) unitsPerVariant!: number | null;
  @Field(() => Int, nullable) minRuntimeHours!: number | null;
}

@ObjectType({ description: 'A metric and its role in one experiment.' })
export class ExperimentMetric {
  readonly #member: Member;
  constructor(member: Member) {
    this.#member = member;
  }
  @Field(() => Metric) metric(@Ctx() { session }: RequestContext): Metric {
    return new Metric(session.catalog.metrics.get(this.#member.metric)!);
  }
  @Field(() => MetricRoleEnum) role(): string {
    return this.#member.role;
  }
  @Field(() => Float, { nullable: true, description: 'Tolerated worsening, relative: 0.02 = 2 %.' }) margin():
    | number
    | null {
    return this.#member.margin;
  }
  @Field(() => Float, nullable) minimumDetectableEffect(): number | null {
    return this.#member.minimumDetectableEffect;
  }
}

@ObjectType({ implements: Node, description: 'A controlled experiment (A/B test).' })
export class Experiment extends Node {
  readonly experiment: CatalogExperiment;
  constructor(experiment: CatalogExperiment) {
    super();
    this.experiment = experiment;
    this.id = encode(['Experiment', experiment.key]);
  }

  @Field(() => String) key(): string {
    return this.experiment.key;
  }
  @Field(() => String) name(): string {
    return this.experiment.name;
  }
  @Field(() => String, nullable) hypothesis(): string | null {
    return this.experiment.hypothesis;
  }
  @Field(() => String, nullable) owner(): string | null {
    return this.experiment.owner;
  }
  @Field(() => [String]) tags(): readonly string[] {
    return this.experiment.tags;
  }
  @Field(() => ExperimentStatusEnum) status(@Ctx() { session }: RequestContext): string {
    return statusOf(this.experiment, session.now);
  }
  @Field(() => String, { description: 'What is randomised.' }) unit(): string {
    return this.experiment.unit;
  }
  @Field(() => String) timezone(): string {
    return this.experiment.timezone;
  }
  @Field(() => DateTime, nullable) startAt(): string | null {
    return this.experiment.start;
  }
  @Field(() => DateTime, { nullable: true, description: 'Enrolment closes.' }) endAt(): string | null {
    return this.experiment.end;
  }
  @Field(() => DateTime, nullable) treatmentEndAt(): string | null {
    return this.experiment.treatmentEnd;
  }
  @Field(() => Plan, nullable)
  plan(): Plan | null {
    const { plan } = this.experiment;
    return plan === null
      ? null
      : {
          endAt: plan.end,
          unitsPerVariant: plan.unitsPerVariant,
          minRuntimeHours: plan.minRuntime === null ? null : Math.round(plan.minRuntime / 3600),
        };
  }
  @Field(() => MonitoringEnum) monitoring(): string {
    return this.experiment.monitoring;
  }
  @Field(() => [Variant]) variants(): readonly Variant[] {
    return this.experiment.variants;
  }
  @Field(() => [ExperimentMetric], { description: 'Goals, guardrails, diagnostics, as declared.' })
  metrics(@Arg('role', () => [MetricRoleEnum], nullable) role: MetricRole[] | null): ExperimentMetric[] {
    return this.experiment.metrics
      .filter((member) => role?.includes(member.role) ?? true)
      .map((member) => new ExperimentMetric(member));
  }

  @Field(() => Assignments, nullable)
  assignments(
    @Ctx() { session }: RequestContext,
    @Arg('where', () => FilterInput, nullable) where: FilterInput | null,
    @Arg('asOf', () => DateTime, nullable) asOf: string | null,
  ): Assignments {
    return new Assignments({
      experiment: this.experiment,
      where: toFilter(where),
      asOf: resolveAsOf(session, this.experiment, asOf),
    });
  }

  @Field(() => SampleRatioMismatch, nullable)
  sampleRatioMismatch(
    @Ctx() { session }: RequestContext,
    @Arg('where', () => FilterInput, nullable) where: FilterInput | null,
    @Arg('asOf', () => DateTime, nullable) asOf: string | null,
  ): SampleRatioMismatch {
    return new SampleRatioMismatch({
      experiment: this.experiment,
      where: toFilter(where),
      asOf: resolveAsOf(session, this.experiment, asOf),
    });
  }

  @Field(() => MetricResultConnection.type, {
    nullable: true,
    description: 'The scorecard: metric × treatment × slice.',
  })
  async results(
    @Ctx() { session }: RequestContext,
    @Arg('filter', () => ResultFilter, nullable) filter: ResultFilter | null,
    @Arg('analysis', () => AnalysisInput, nullable) analysis: AnalysisInput | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: PAGE.results }) first: number | null,
    @Arg('after', () => String, nullable) after: string | null,
  ): Promise<Connection<MetricResult>> {
    const lines = { ...filter, where: toFilter(filter?.where) };
    const applied = resolveAnalysis(session, this.experiment, {
      ...analysis,
      asOf: analysis?.asOf ?? this.#pinned(session, after),
    });
    const given = resultArguments(lines, analysis);
    const rows = await resultRows(session, this.experiment, applied, lines);
    const identity = {
      of: ['results', this.experiment.key, lines, { ...analysis, asOf: null }, session.catalog.hash],
      asOf: applied.asOf,
    };
    return MetricResultConnection.of(
      pageOf(
        rows.map((row) => resultNode(row, given)),
        { first: first ?? PAGE.results, after, most: MOST_IN_CONNECTION },
        identity,
      ),
    );
  }

  /** Later pages are read at the moment of the first; null where that is the default anyway, or cannot be asked for. */
  #pinned(session: Session, after: string | null): string | null {
    const asOf = pinnedAsOf(after);
    return asOf === session.now || !isTimed(session, this.experiment) ? null : asOf;
  }

  @Field(() => DataQuality, nullable)
  async dataQuality(
    @Ctx() { session }: RequestContext,
    @Arg('asOf', () => DateTime, nullable) asOf: string | null,
  ): Promise<DataQuality> {
    return { gates: await gatesOf(session, this.experiment, resolveAnalysis(session, this.experiment, { asOf })) };
  }

  @Field(() => PowerAnalysis, {
    nullable: true,
    description: 'How many units a metric needs, and the days that are left until they are there and mature.',
  })
  async power(
    @Ctx() { session }: RequestContext,
    @Arg('input', () => ExperimentPowerInput, nullable) input: ExperimentPowerInput | null,
  ): Promise<PowerAnalysis> {
    const trace = newTrace();
    const request = {
      metric: input?.metric ?? null,
      minimumDetectableEffect: input?.minimumDetectableEffect ?? null,
      alpha: input?.alpha ?? null,
      power: input?.power ?? null,
      asOf: input?.asOf ?? null,
    };
    return new PowerAnalysis(await experimentPowerOf(session, this.experiment, request, trace), trace);
  }

  @Field(() => MetricAnomalyConnection.type, {
    nullable: true,
    description: 'What is unusual in the daily values of the metrics, newest first. A day counts once it is over.',
  })
  async anomalies(
    @Ctx() { session }: RequestContext,
    @Arg('kinds', () => [AnomalyKindEnum], nullable) kinds: AnomalyKind[] | null,
    @Arg('minSeverity', () => SeverityEnum, { nullable: true, defaultValue: 'INFO' }) minSeverity: Severity | null,
    @Arg('asOf', () => DateTime, nullable) asked: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: PAGE.anomalies }) first: number | null,
    @Arg('after', () => String, nullable) after: string | null,
  ): Promise<Connection<MetricAnomaly>> {
    const asOf = asked ?? this.#pinned(session, after);
    const options = { kinds, minSeverity: minSeverity ?? 'INFO', asOf } as const;
    const found = await anomaliesOf(session, this.experiment, options);
    const of = { experiment: this.experiment.key, asOf };
    return MetricAnomalyConnection.of(
      pageOf(
        found.map((anomaly) => new MetricAnomaly(anomaly, of)),
        { first: first ?? PAGE.anomalies, after, most: MOST_IN_CONNECTION },
        {
          of: ['anomalies', this.experiment.key, kinds, minSeverity, session.catalog.hash],
          asOf: resolveAsOf(session, this.experiment, asOf),
        },
      ),
    );
  }

  @Field(() => ExperimentSummary, { nullable: true, description: 'Gates, goals, guardrails, verdict and why.' })
  summary(
    @Ctx() { session }: RequestContext,
    @Arg('analysis', () => AnalysisInput, nullable) analysis: AnalysisInput | null,
  ): ExperimentSummary {
    const applied = resolveAnalysis(session, this.experiment, analysis ?? {});
    return new ExperimentSummary({
      experiment: this.experiment,
      analysis: applied,
      arguments: resultArguments(null, analysis),
      trace: newTrace(),
    });
  }
}
