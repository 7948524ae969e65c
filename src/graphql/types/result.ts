import { Arg, Ctx, Field, Float, ObjectType } from 'type-graphql';
import { MetricLayerError } from '../../core/errors.ts';
import { sumOf } from '../../core/moments.ts';
import type { LiftMethod, SequentialMethod, TimeGrain, TimelineAxis } from '../../core/vocabulary.ts';
import { checkProbability } from '../../experiment/analysis.ts';
import { armsOf } from '../../experiment/arms.ts';
import { atLook } from '../../experiment/at-look.ts';
import { bayesianOf } from '../../experiment/bayesian-result.ts';
import {
  type Comparison,
  compare,
  differenceOf,
  fixedTest,
  headlineP,
  liftOf,
  uncappedOf,
} from '../../experiment/comparison.ts';
import { cupedResultOf } from '../../experiment/cuped-result.ts';
import { decisionTestOf } from '../../experiment/decision-test.ts';
import { marginAlpha } from '../../experiment/decision-tests.ts';
import { detectableNow } from '../../experiment/detectable-now.ts';
import { estimandOf } from '../../experiment/estimand.ts';
import { adjustedPOf, familyRows, simultaneousIntervalOf } from '../../experiment/family.ts';
import { flagsOf } from '../../experiment/flags.ts';
import { guardrailOf } from '../../experiment/guardrail.ts';
import { immatureOf } from '../../experiment/immature.ts';
import { interactionOf } from '../../experiment/interaction.ts';
import { noveltyOf } from '../../experiment/novelty.ts';
import { outcomeOf } from '../../experiment/outcome.ts';
import type { ResultRow } from '../../experiment/result-row.ts';
import type { MarginForm } from '../../experiment/rules/policy-tests.ts';
import { scaledImpactOf } from '../../experiment/scaled-impact.ts';
import { sequentialOf } from '../../experiment/sequential-result.ts';
import type { Session } from '../../experiment/session.ts';
import { notWorseThan, withinMargin } from '../../experiment/tests.ts';
import { timelineOf } from '../../experiment/timeline.ts';
import type { ArmMoments } from '../../plan/answer.ts';
import { isReproducible, sourcesOfLines } from '../../plan/reproducible.ts';
import { newTrace, type RequestContext } from '../context.ts';
import {
  AdjustmentEnum,
  GuardrailStatusEnum,
  LiftMethodEnum,
  MarginFormEnum,
  MetricRoleEnum,
  OutcomeEnum,
  ResultFlagEnum,
  SequentialMethodEnum,
  TimeGrainEnum,
  TimelineAxisEnum,
} from '../enums.ts';
import { Analysis, SliceValue } from './analysis.ts';
import { Arm, finite, levelOf } from './arm.ts';
import { Exclusion } from './assignments.ts';
import { Estimate, Interval } from './estimate.ts';
import { Metric, MetricVersion, Node } from './metric.ts';
import { Provenance } from './provenance.ts';
import {
  BayesianResult,
  Capping,
  CupedResult,
  DecisionTest,
  EquivalenceResult,
  Family,
  Interaction,
  NonInferiorityResult,
  SequentialResult,
} from './tests.ts';
import { Novelty, ResultPoint } from './timeline.ts';

const nullable = { nullable: true } as const;

@ObjectType({
  implements: Node,
  description: 'One line of a scorecard: a metric, one treatment against the control, one slice.',
})
export class MetricResult extends Node {
  readonly row: ResultRow;
  readonly #trace = newTrace();
  #comparison: Promise<Comparison> | undefined;
  constructor(row: ResultRow, id: string) {
    super();
    this.row = row;
    this.id = id;
  }

  /** Many fields read the same comparison: it is made once a line. */
  #compare(session: Session): Promise<Comparison> {
    this.#comparison ??= compare(session, this.row, this.#trace);
    return this.#comparison;
  }

  @Field(() => Metric) metric(@Ctx() { session }: RequestContext): Metric {
    return new Metric(session.catalog.metrics.get(this.row.metric.metric)!);
  }
  @Field(() => MetricVersion) metricVersion(): MetricVersion {
    return new MetricVersion(this.row.metric);
  }
  @Field(() => MetricRoleEnum) role(): string {
    return this.row.member.role;
  }
  @Field(() => [SliceValue])
  slice(): SliceValue[] {
    const { sliceBy, slice } = this.row;
    return sliceBy.map((dimension, i) => ({
      dimension,
      value: slice?.values?.[i] ?? null,
      isOther: slice?.values === null,
    }));
  }
  @Field(() => Analysis) analysis(@Ctx() { session }: RequestContext): Analysis {
    const reproducible = isReproducible(session.catalog, sourcesOfLines(this.row.experiment, [this.row.metric]));
    return Object.assign(new Analysis(), this.row.analysis, { reproducible });
  }
  @Field(() => String, { description: 'What is estimated, in words.' }) estimand(): string {
    return estimandOf(this.row);
  }
  @Field(() => Arm) control(): Arm {
    return new Arm(this.row, 'control', this.#trace);
  }
  @Field(() => Arm) treatment(): Arm {
    return new Arm(this.row, 'treatment', this.#trace);
  }

  @Field(() => Estimate, {
    description: "Treatment minus control on the metric's own scale, under the applied analysis.",
  })
  difference(@Arg('level', () => Float, nullable) level: number | null): Estimate {
    return new Estimate(async (session) => differenceOf(await this.#compare(session), levelOf(this.row, level)));
  }

  @Field(() => Estimate, { description: 'Relative: treatment / control − 1.' })
  lift(
    @Arg('method', () => LiftMethodEnum, nullable) method: LiftMethod | null,
    @Arg('level', () => Float, nullable) level: number | null,
  ): Estimate {
    return new Estimate(async (session) =>
      liftOf(await this.#compare(session), method ?? this.row.analysis.lift, levelOf(this.row, level)),
    );
  }

  @Field(() => Float, { nullable: true, description: 'Two-sided, of the absolute difference.' })
  async pValue(@Ctx() { session }: RequestContext): Promise<number | null> {
    return headlineP(await this.#compare(session));
  }

  @Field(() => Float, { nullable: true, description: 'Corrected over the family; null for other roles than goals.' })
  adjustedPValue(@Ctx() { session }: RequestContext): Promise<number | null> {
    return adjustedPOf(session, this.row, this.#trace);
  }

  @Field(() => Float, { nullable: true, description: "Of Welch's test." })
  async statistic(@Ctx() { session }: RequestContext): Promise<number | null> {
    const test = fixedTest(await this.#compare(session), this.row.analysis.level);
    return test.ok ? test.statistic : null;
  }

  @Field(() => Float, { nullable: true, description: 'Welch–Satterthwaite.' })
  async degreesOfFreedom(@Ctx() { session }: RequestContext): Promise<number | null> {
    const test = fixedTest(await this.#compare(session), this.row.analysis.level);
    return test.ok ? test.degreesOfFreedom : null;
  }

  @Field(() => Family, nullable)
  async family(@Ctx() { session }: RequestContext) {
    return (await familyRows(session, this.row))?.family ?? null;
  }

  @Field(() => OutcomeEnum, nullable)
  outcome(@Ctx() { session }: RequestContext) {
    return outcomeOf(session, this.row, this.#trace);
  }

  @Field(() => GuardrailStatusEnum, { nullable: true, description: 'null for other roles.' })
  guardrail(@Ctx() { session }: RequestContext) {
    return guardrailOf(session, this.row, this.#trace);
  }

  @Field(() => DecisionTest, { nullable: true, description: 'Exactly what the policy used; null for diagnostics.' })
  async decisionTest(@Ctx() { session }: RequestContext) {
    const test = await decisionTestOf(session, this.row, this.#trace);
    return test === null ? null : { ...test, estimate: Estimate.known(test.estimate) };
  }

  @Field(() => Interval, {
    nullable: true,
    description:
      'Interval of the difference that holds together with those of its whole family. null: no goal, or a correction of the false discovery rate, which has none.',
  })
  simultaneousInterval(@Ctx() { session }: RequestContext) {
    return simultaneousIntervalOf(session, this.row, this.#trace);
  }

  @Field(() => [AdjustmentEnum], {
    nullable: true,
    description:
      'What the headline is adjusted by, in order. What the analysis asks for and is not here could not be done.',
  })
  async adjustments(@Ctx() { session }: RequestContext) {
    return (await this.#compare(session)).adjustments ?? [];
  }

  @Field(() => CupedResult, nullable)
  async cuped(@Ctx() { session }: RequestContext): Promise<CupedResult> {
    return new CupedResult(await cupedResultOf(session, this.row, this.#trace), this.row);
  }

  @Field(() => BayesianResult, nullable)
  async bayesian(
    @Ctx() { session }: RequestContext,
    @Arg('priorMean', () => Float, { nullable: true, defaultValue: 0 }) mean: number | null,
    @Arg('priorSd', () => Float, {
      nullable: true,
      description: "Of a normal prior; left out: the catalog's, else flat.",
    })
    sd: number | null,
  ) {
    if (sd != null && !(sd > 0))
      throw new MetricLayerError(
        'BAD_USER_INPUT',
        `priorSd must be above 0, and is ${sd}. Leave it out for a flat prior.`,
      );
    const result = await bayesianOf(session, this.row, sd == null ? null : { mean: mean ?? 0, sd }, this.#trace);
    return { ...result, safeUnderPeeking: false, estimate: Estimate.known(result.estimate) };
  }

  @Field(() => Interaction, { nullable: true, description: 'null: the line is of no slice.' })
  interaction(@Ctx() { session }: RequestContext) {
    return interactionOf(session, this.row, this.#trace);
  }

  @Field(() => Estimate, {
    nullable: true,
    description:
      'The difference over all units that the experiment exposes in a day, if every one of them is treated. Not of ratios and quantiles.',
  })
  scaledImpact(): Estimate {
    return new Estimate((session) => scaledImpactOf(session, this.row, this.#trace));
  }

  @Field(() => Float, {
    nullable: true,
    description: 'Relative change that the data at hand would have shown with a probability of 80 %.',
  })
  minimumDetectableEffectNow(@Ctx() { session }: RequestContext) {
    return detectableNow(session, this.row, this.#trace);
  }

  @Field(() => SequentialResult, nullable)
  async sequential(
    @Ctx() { session }: RequestContext,
    @Arg('method', () => SequentialMethodEnum, nullable) method: SequentialMethod | null,
  ) {
    const result = await sequentialOf(session, this.row, method ?? 'ASYMPTOTIC', this.#trace);
    return { ...result, difference: Estimate.known(result.difference) };
  }

  @Field(() => NonInferiorityResult, {
    nullable: true,
    description: 'Against the declared margin, or one given. null: there is none.',
  })
  async nonInferiority(
    @Ctx() { session }: RequestContext,
    @Arg('margin', () => Float, nullable) asked: number | null,
    @Arg('form', () => MarginFormEnum, { nullable: true, description: "Left out: as the experiment's policy." })
    form: MarginForm | null,
  ) {
    const margin = asked ?? this.row.member.margin;
    if (margin === null) return null;
    checkProbability('margin', margin);
    const alpha = marginAlpha(this.row.experiment, this.row.analysis);
    const result = notWorseThan(await atLook(session, this.row, this.#trace), margin, alpha, form ?? undefined);
    const said = result.ok
      ? { pValue: result.pValue, bound: result.bound, holds: result.holds, unknown: null }
      : { pValue: null, bound: null, holds: null, unknown: result.reason };
    return { margin, scale: 'relative', level: 1 - alpha, ...said };
  }

  @Field(() => EquivalenceResult, {
    nullable: true,
    description: 'Against the declared minimum detectable effect, or a margin given. null: there is none.',
  })
  async equivalence(@Ctx() { session }: RequestContext, @Arg('margin', () => Float, nullable) asked: number | null) {
    const margin = asked ?? this.row.member.minimumDetectableEffect;
    if (margin === null) return null;
    checkProbability('margin', margin);
    const result = withinMargin(
      await this.#compare(session),
      margin,
      marginAlpha(this.row.experiment, this.row.analysis),
    );
    return result.ok
      ? { margin, pValue: result.pValue, holds: result.holds, unknown: null }
      : { margin, pValue: null, holds: null, unknown: result.reason };
  }

  @Field(() => Estimate, {
    nullable: true,
    description: 'The difference as it would be without capping; null: the metric is not capped.',
  })
  uncapped(): Estimate | null {
    return this.row.metric.cap === null
      ? null
      : new Estimate(async (session) => uncappedOf(await this.#compare(session)));
  }

  @Field(() => Capping, nullable)
  async capping(@Ctx() { session }: RequestContext): Promise<Capping | null> {
    if (this.row.metric.cap === null) return null;
    const { control, treatment } = await armsOf(session, this.row, ['capping'], this.#trace);
    const thresholds = control.capping ?? treatment.capping;
    const removed = (arm: ArmMoments) =>
      arm.capping === null || sumOf(arm.capping.uncapped) === 0
        ? null
        : finite(1 - sumOf(arm.moments) / sumOf(arm.capping.uncapped));
    return {
      lower: thresholds?.lower ?? null,
      upper: thresholds?.upper ?? null,
      cappedUnits: (control.capping?.cappedUnits ?? 0) + (treatment.capping?.cappedUnits ?? 0),
      removedShareControl: removed(control),
      removedShareTreatment: removed(treatment),
    };
  }

  @Field(() => [Exclusion], { nullable: true, description: 'Units of these arms that do not count for this metric.' })
  excluded(@Ctx() { session }: RequestContext) {
    return immatureOf(session, this.row, this.#trace);
  }

  @Field(() => [ResultPoint], {
    nullable: true,
    description: 'The line over time, without gaps: as it would have been read at the end of each period.',
  })
  async timeline(
    @Ctx() { session }: RequestContext,
    @Arg('grain', () => TimeGrainEnum, { nullable: true, defaultValue: 'DAY' }) grain: TimeGrain | null,
    @Arg('cumulative', () => Boolean, {
      nullable: true,
      defaultValue: true,
      description: 'false: the values of each period alone, with fixed intervals.',
    })
    cumulative: boolean | null,
    @Arg('by', () => TimelineAxisEnum, { nullable: true, defaultValue: 'CALENDAR' }) by: TimelineAxis | null,
  ): Promise<ResultPoint[]> {
    const options = { grain: grain ?? 'DAY', cumulative: cumulative ?? true, by: by ?? 'CALENDAR' } as const;
    const points = await timelineOf(session, this.row, options, this.#trace);
    return points.map((point) => new ResultPoint(point, this.#trace));
  }

  @Field(() => Novelty, {
    nullable: true,
    description: 'Whether the effect fades or grows with the days since exposure.',
  })
  async novelty(@Ctx() { session }: RequestContext): Promise<Novelty> {
    return new Novelty(await noveltyOf(session, this.row, this.#trace));
  }

  @Field(() => [ResultFlagEnum], nullable)
  flags(@Ctx() { session }: RequestContext) {
    return flagsOf(session, this.row, this.#trace);
  }

  @Field(() => Provenance)
  provenance(@Ctx() context: RequestContext): Provenance {
    return new Provenance(this.#trace, context, this.row.analysis.asOf, this.row);
  }
}
