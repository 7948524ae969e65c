import { Ctx, Field, Float, Int, ObjectType } from 'type-graphql';
import type { Experiment } from '../../catalog/catalog.ts';
import { type Analysis as Applied, metricVersionOf } from '../../experiment/analysis.ts';
import { type Gate as GateNumbers, gatesOf } from '../../experiment/data-quality.ts';
import { resultRows } from '../../experiment/result-row.ts';
import { policyOf } from '../../experiment/rules/policy-tests.ts';
import type { Reason as ReasonGiven } from '../../experiment/rules/rule.ts';
import { type TreatmentVerdict as Judged, type Summary, summaryOf } from '../../experiment/summary.ts';
import { isReproducible, sourcesOfLines } from '../../plan/reproducible.ts';
import { newTrace, type RequestContext } from '../context.ts';
import { ActionEnum, GateStatusEnum, MonitoringEnum, SeverityEnum, VerdictEnum } from '../enums.ts';
import type { ResultArguments } from '../result-id.ts';
import { resultNode } from '../result-id.ts';
import { JsonValue, SafeInt } from '../scalars.ts';
import { Analysis } from './analysis.ts';
import { Variant } from './assignments.ts';
import { Metric } from './metric.ts';
import { Provenance } from './provenance.ts';
import { MetricResult } from './result.ts';

const nullable = { nullable: true } as const;

@ObjectType({ description: 'A check of the data.' })
export class Gate implements GateNumbers {
  @Field(() => String) name!: string;
  @Field(() => GateStatusEnum) status!: GateNumbers['status'];
  @Field(() => String) message!: string;
  @Field(() => Float, nullable) pValue!: number | null;
  @Field(() => Float, nullable) value!: number | null;
  @Field(() => Float, nullable) threshold!: number | null;
}

@ObjectType()
export class DataQuality {
  @Field(() => [Gate]) gates!: readonly GateNumbers[];
}

@ObjectType({ description: 'Why a verdict is what it is.' })
export class Reason {
  readonly #reason: ReasonGiven;
  constructor(reason: ReasonGiven) {
    this.#reason = reason;
  }
  @Field(() => String) code(): string {
    return this.#reason.code;
  }
  @Field(() => String) message(): string {
    return this.#reason.message;
  }
  @Field(() => SeverityEnum) severity(): string {
    return this.#reason.severity;
  }
  @Field(() => Metric, nullable)
  metric(@Ctx() { session }: RequestContext): Metric | null {
    const metric = this.#reason.metric === null ? undefined : session.catalog.metrics.get(this.#reason.metric);
    return metric === undefined ? null : new Metric(metric);
  }
}

@ObjectType({ description: 'A rule of the policy, what it looked at and what it said.' })
export class RuleEvaluation {
  @Field(() => String) rule!: string;
  @Field(() => Boolean, { nullable: true, description: 'null: it cannot be told.' }) holds!: boolean | null;
  @Field(() => JsonValue) inputs!: unknown;
  @Field(() => String) message!: string;
}

/** What a summary is about. */
export interface SummaryHandle {
  readonly experiment: Experiment;
  readonly analysis: Applied;
  readonly arguments: ResultArguments;
  readonly trace: ReturnType<typeof newTrace>;
}

@ObjectType({ description: 'What the policy says of one treatment, and its proof.' })
export class TreatmentVerdict {
  readonly #handle: SummaryHandle;
  readonly #judged: Judged;
  constructor(handle: SummaryHandle, judged: Judged) {
    this.#handle = handle;
    this.#judged = judged;
  }

  async #results({ session }: RequestContext, role: 'GOAL' | 'GUARDRAIL'): Promise<MetricResult[]> {
    const { experiment, analysis } = this.#handle;
    const rows = await resultRows(session, experiment, analysis, {
      roles: [role],
      treatments: [this.#judged.variant.key],
    });
    return rows.map((row) => resultNode(row, this.#handle.arguments));
  }

  @Field(() => Variant) variant(): Variant {
    return this.#judged.variant;
  }
  @Field(() => VerdictEnum) verdict(): string {
    return this.#judged.verdict;
  }
  @Field(() => ActionEnum) recommendedAction(): string {
    return this.#judged.recommendedAction;
  }
  @Field(() => Boolean, { description: 'Said even where the data are too broken for a verdict.' })
  harmSuspected(): boolean {
    return this.#judged.harmSuspected;
  }
  @Field(() => [Reason]) reasons(): Reason[] {
    return this.#judged.reasons.map((reason) => new Reason(reason));
  }
  @Field(() => [RuleEvaluation], { description: 'Every rule in order; the first that holds is the verdict.' }) rules() {
    return this.#judged.rules;
  }
  @Field(() => [MetricResult]) goals(@Ctx() context: RequestContext): Promise<MetricResult[]> {
    return this.#results(context, 'GOAL');
  }
  @Field(() => [MetricResult]) guardrails(@Ctx() context: RequestContext): Promise<MetricResult[]> {
    return this.#results(context, 'GUARDRAIL');
  }
}

@ObjectType({ description: 'What the policy says of an experiment, always on the whole population.' })
export class ExperimentSummary {
  readonly #handle: SummaryHandle;
  constructor(handle: SummaryHandle) {
    this.#handle = handle;
  }

  #summary({ session }: RequestContext): Promise<Summary> {
    const { experiment, analysis, trace } = this.#handle;
    return summaryOf(session, experiment, analysis, trace);
  }

  @Field(() => VerdictEnum) async verdict(@Ctx() context: RequestContext): Promise<string> {
    return (await this.#summary(context)).verdict;
  }
  @Field(() => Variant, nullable) async winner(@Ctx() context: RequestContext) {
    return (await this.#summary(context)).winner;
  }
  @Field(() => [TreatmentVerdict])
  async treatments(@Ctx() context: RequestContext): Promise<TreatmentVerdict[]> {
    return (await this.#summary(context)).treatments.map((one) => new TreatmentVerdict(this.#handle, one));
  }
  @Field(() => [Gate])
  gates(@Ctx() { session }: RequestContext) {
    return gatesOf(session, this.#handle.experiment, this.#handle.analysis, this.#handle.trace);
  }
  @Field(() => String) policy(): string {
    return policyOf(this.#handle.experiment).name;
  }
  @Field(() => MonitoringEnum) monitoring(): string {
    return this.#handle.experiment.monitoring;
  }
  @Field(() => Analysis) analysis(@Ctx() { session }: RequestContext): Analysis {
    const { experiment, analysis } = this.#handle;
    const deciding = experiment.metrics.filter(({ role }) => role !== 'DIAGNOSTIC');
    const metrics = deciding.map(({ metric }) => metricVersionOf(session, experiment, analysis, metric));
    const reproducible = isReproducible(session.catalog, sourcesOfLines(experiment, metrics));
    return Object.assign(new Analysis(), analysis, { reproducible });
  }
  @Field(() => SafeInt, { nullable: true, description: 'In all variants; null without a plan by units.' })
  async plannedUnits(@Ctx() context: RequestContext) {
    return (await this.#summary(context)).evidence.progress.plannedUnits;
  }
  @Field(() => SafeInt, { nullable: true, description: 'Units whose outcomes are mature, in all variants.' })
  async unitsSoFar(@Ctx() context: RequestContext) {
    return (await this.#summary(context)).evidence.progress.unitsSoFar;
  }
  @Field(() => Float, nullable) async informationFraction(@Ctx() context: RequestContext) {
    return (await this.#summary(context)).evidence.progress.informationFraction;
  }
  @Field(() => Int, nullable) async remainingDays(@Ctx() context: RequestContext) {
    return (await this.#summary(context)).evidence.progress.remainingDays;
  }
  @Field(() => Provenance) provenance(@Ctx() context: RequestContext): Provenance {
    return new Provenance(this.#handle.trace, context, this.#handle.analysis.asOf);
  }
}
