import { Arg, Ctx, Field, Float, ObjectType } from 'type-graphql';
import { sumOf } from '../../core/moments.ts';
import { checkProbability } from '../../experiment/analysis.ts';
import type { Arms } from '../../experiment/arm-pair.ts';
import { armsOf, meanOfArm, samplesOf } from '../../experiment/arms.ts';
import { isCuped } from '../../experiment/comparison.ts';
import { underCuped } from '../../experiment/cuped-result.ts';
import type { ResultRow } from '../../experiment/result-row.ts';
import type { ArmMoments } from '../../plan/answer.ts';
import type { MomentNeed } from '../../plan/question.ts';
import { criticalValue } from '../../statistics/alternative.ts';
import type { newTrace, RequestContext } from '../context.ts';
import { SafeInt } from '../scalars.ts';
import { Variant } from './assignments.ts';
import { Interval } from './estimate.ts';

const nullable = { nullable: true } as const;

@ObjectType({ description: 'A variant as observed: units and what they did.' })
export class Arm {
  readonly #row: ResultRow;
  readonly #side: Exclude<keyof Arms, 'strata'>;
  readonly #trace: ReturnType<typeof newTrace>;
  readonly #known: Arms | null;
  /** `known`: the arms are there; else they are asked for. */
  constructor(
    row: ResultRow,
    side: Exclude<keyof Arms, 'strata'>,
    trace: ReturnType<typeof newTrace>,
    known: Arms | null = null,
  ) {
    this.#known = known;
    this.#row = row;
    this.#side = side;
    this.#trace = trace;
  }

  async #arm({ session }: RequestContext, needs: readonly MomentNeed[] = []): Promise<ArmMoments> {
    return (this.#known ?? (await armsOf(session, this.#row, needs, this.#trace)))[this.#side];
  }

  async #sample({ session }: RequestContext) {
    const arms = this.#known ?? (await armsOf(session, this.#row, ['products'], this.#trace));
    return samplesOf(this.#row, arms)[this.#side];
  }

  @Field(() => Variant) variant(): Variant {
    return this.#side === 'control' ? this.#row.analysis.control : this.#row.treatment;
  }
  @Field(() => SafeInt, { nullable: true, description: 'Units that count.' }) async units(
    @Ctx() context: RequestContext,
  ): Promise<number> {
    return (await this.#arm(context)).moments.units;
  }
  @Field(() => Float, {
    nullable: true,
    description: "Total of the metric's value (a ratio's numerator) over all units; null for a quantile.",
  })
  async sum(@Ctx() context: RequestContext): Promise<number | null> {
    return finite(sumOf((await this.#arm(context)).moments));
  }
  @Field(() => Float, {
    nullable: true,
    description: "What the metric is of the arm: the mean per unit, a ratio's totals divided, or the quantile itself.",
  })
  async mean(@Ctx() context: RequestContext): Promise<number | null> {
    return meanOfArm(await this.#arm(context));
  }
  @Field(() => Float, {
    nullable: true,
    description: 'The mean adjusted by the covariate, as CUPED compares it; null where the metric is not adjusted.',
  })
  async adjustedMean(@Ctx() { session }: RequestContext): Promise<number | null> {
    if (this.#known !== null || this.#row.metric.covariate == null) return null;
    const comparison = await underCuped(session, this.#row, this.#trace);
    return isCuped(comparison) && comparison.samples.ok ? comparison.samples[this.#side].mean : null;
  }
  @Field(() => Float, { nullable: true, description: 'Per unit.' }) async variance(
    @Ctx() context: RequestContext,
  ): Promise<number | null> {
    const sample = await this.#sample(context);
    return sample.ok ? sample.variance : null;
  }
  @Field(() => Float, { nullable: true, description: 'Of the mean.' }) async standardError(
    @Ctx() context: RequestContext,
  ): Promise<number | null> {
    const sample = await this.#sample(context);
    return sample.ok ? Math.sqrt(sample.variance / sample.n) : null;
  }
  @Field(() => Float, { nullable: true, description: 'Of a ratio: its total.' }) async numerator(
    @Ctx() context: RequestContext,
  ): Promise<number | null> {
    return this.#row.metric.type === 'RATIO' ? finite(sumOf((await this.#arm(context)).moments, 0)) : null;
  }
  @Field(() => Float, { nullable: true, description: 'Of a ratio: its total.' }) async denominator(
    @Ctx() context: RequestContext,
  ): Promise<number | null> {
    return this.#row.metric.type === 'RATIO' ? finite(sumOf((await this.#arm(context)).moments, 1)) : null;
  }
  @Field(() => SafeInt, {
    nullable: true,
    description: 'Units with a value other than zero (with any value, where units without one are left out).',
  })
  async unitsWithValue(@Ctx() context: RequestContext): Promise<number | null> {
    return (await this.#arm(context, ['values'])).unitsWithValue;
  }
  @Field(() => SafeInt, nullable) async cappedUnits(@Ctx() context: RequestContext): Promise<number | null> {
    return (await this.#arm(context, ['capping'])).capping?.cappedUnits ?? null;
  }

  @Field(() => Interval, {
    nullable: true,
    description: 'Of the mean, by Student t; null where the values do not vary.',
  })
  async interval(@Ctx() context: RequestContext, @Arg('level', () => Float, nullable) asked: number | null) {
    const level = levelOf(this.#row, asked);
    const sample = await this.#sample(context);
    if (!sample.ok || sample.n < 2 || sample.variance === 0) return null;
    const half = criticalValue(level, sample.n - 1) * Math.sqrt(sample.variance / sample.n);
    return { lower: sample.mean - half, upper: sample.mean + half, level };
  }
}

export const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

export function levelOf(row: ResultRow, asked: number | null): number {
  if (asked != null) checkProbability('level', asked);
  return asked ?? row.analysis.level;
}
