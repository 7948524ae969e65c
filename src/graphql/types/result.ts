import { Arg, Ctx, Field, Float, ObjectType } from 'type-graphql';
import { sumOf } from '../../core/moments.ts';
import type { LiftMethod, SequentialMethod } from '../../core/vocabulary.ts';
import { checkProbability } from '../../experiment/analysis.ts';
import { armsOf } from '../../experiment/arms.ts';
import {
  type Comparison,
  compare,
  differenceOf,
  fixedTest,
  headlineP,
  liftOf,
  uncappedOf,
} from '../../experiment/comparison.ts';
import { decisionTestOf } from '../../experiment/decision-test.ts';
import { marginAlpha } from '../../experiment/decision-tests.ts';
import { estimandOf } from '../../experiment/estimand.ts';
import { adjustedPOf, familyRows } from '../../experiment/family.ts';
import { flagsOf } from '../../experiment/flags.ts';
import { guardrailOf } from '../../experiment/guardrail.ts';
import { immatureOf } from '../../experiment/immature.ts';
import { outcomeOf } from '../../experiment/outcome.ts';
import type { ResultRow } from '../../experiment/result-row.ts';
import { sequentialOf } from '../../experiment/sequential-result.ts';
import type { Session } from '../../experiment/session.ts';
import { notWorseThan, withinMargin } from '../../experiment/tests.ts';
import type { ArmMoments } from '../../plan/answer.ts';
import { newTrace, type RequestContext } from '../context.ts';
import {
  GuardrailStatusEnum,
  LiftMethodEnum,
  MetricRoleEnum,
  OutcomeEnum,
  ResultFlagEnum,
  SequentialMethodEnum,
} from '../enums.ts';
import { Analysis, SliceValue } from './analysis.ts';
import { Arm, finite, levelOf } from './arm.ts';
import { Exclusion } from './assignments.ts';
import { Estimate } from './estimate.ts';
import { Metric, MetricVersion, Node } from './metric.ts';
import { Provenance } from './provenance.ts';
import { Capping, DecisionTest, EquivalenceResult, Family, NonInferiorityResult, SequentialResult } from './tests.ts';

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
  @Field(() => Analysis) analysis(): Analysis {
    return Object.assign(new Analysis(), this.row.analysis);
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
    return test === null ? null : { ...test, cuped: false, estimate: Estimate.known(test.estimate) };
  }

  @Field(() => SequentialResult, nullable)
  async sequential(
    @Ctx() { session }: RequestContext,
    @Arg('method', () => SequentialMethodEnum, nullable) method: SequentialMethod | null,
  ) {
    const result = await sequentialOf(session, this.row, method ?? 'ASYMPTOTIC', this.#trace);
    return { ...result, informationFraction: null, difference: Estimate.known(result.difference) };
  }

  @Field(() => NonInferiorityResult, {
    nullable: true,
    description: 'Against the declared margin, or one given. null: there is none.',
  })
  async nonInferiority(@Ctx() { session }: RequestContext, @Arg('margin', () => Float, nullable) asked: number | null) {
    const margin = asked ?? this.row.member.margin;
    if (margin === null) return null;
    checkProbability('margin', margin);
    const alpha = marginAlpha(this.row.experiment, this.row.analysis);
    const result = notWorseThan(await this.#compare(session), margin, alpha);
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

  @Field(() => [ResultFlagEnum], nullable)
  flags(@Ctx() { session }: RequestContext) {
    return flagsOf(session, this.row, this.#trace);
  }

  @Field(() => Provenance)
  provenance(@Ctx() context: RequestContext): Provenance {
    return new Provenance(this.#trace, context, this.row.analysis.asOf);
  }
}
