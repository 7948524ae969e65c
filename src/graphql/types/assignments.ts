import { Arg, Ctx, Field, Float, Int, ObjectType } from 'type-graphql';
import type { Variant as CatalogVariant, Experiment } from '../../catalog/catalog.ts';
import type { TimeGrain } from '../../core/vocabulary.ts';
import { byVariant } from '../../experiment/allocation.ts';
import { type AssignmentsSummary, activatedOf, assignmentsOf } from '../../experiment/assignments.ts';
import { exposuresOf } from '../../experiment/exposures.ts';
import { slicesOf } from '../../experiment/slices.ts';
import {
  type SampleRatioMismatch as Mismatch,
  SRM_THRESHOLD,
  sampleRatioMismatchOf,
  srmBySlice,
  srmStagesOf,
  srmTimelineOf,
} from '../../experiment/srm.ts';
import type { Filter } from '../../plan/filter.ts';
import { newTrace, type RequestContext } from '../context.ts';
import { ExclusionReasonEnum, SrmStageNameEnum, TimeGrainEnum, UnknownEnum } from '../enums.ts';
import { CalendarDate, DateTime, SafeInt } from '../scalars.ts';
import { Provenance } from './provenance.ts';

const nullable = { nullable: true } as const;

@ObjectType({ description: 'A variant as configured.' })
export class Variant implements CatalogVariant {
  @Field(() => String) key!: string;
  @Field(() => String) name!: string;
  @Field(() => String, nullable) description!: string | null;
  @Field(() => Boolean) isControl!: boolean;
  @Field(() => Float, { description: 'Planned share.' }) weight!: number;
}

@ObjectType()
export class ArmUnits {
  @Field(() => Variant) variant!: Variant;
  @Field(() => SafeInt) units!: number;
}

@ObjectType()
export class SliceUnits {
  @Field(() => String, { nullable: true, description: 'null: units without a value (or the rest: see isOther).' })
  value!: string | null;
  @Field(() => Boolean, { description: 'Everything beyond the largest slices, together.' }) isOther!: boolean;
  @Field(() => [ArmUnits]) arms!: ArmUnits[];
}

@ObjectType({ description: 'Rows and units that do not count, and why.' })
export class Exclusion {
  @Field(() => ExclusionReasonEnum) reason!: string;
  @Field(() => SafeInt) rows!: number;
  @Field(() => SafeInt) units!: number;
  @Field(() => [ArmUnits], { nullable: true, description: 'By (first) variant, where it is a configured one.' })
  byVariant!: ArmUnits[] | null;
  @Field(() => Float, { nullable: true, description: 'Test that the variants lose alike.' }) asymmetryPValue!:
    | number
    | null;
}

@ObjectType()
export class ExposurePoint {
  @Field(() => DateTime) at!: string;
  @Field(() => CalendarDate) date!: string;
  @Field(() => Variant) variant!: Variant;
  @Field(() => SafeInt) units!: number;
}

/** What assignments and their test are about. */
export interface PopulationHandle {
  readonly experiment: Experiment;
  readonly where: Filter | null;
  readonly asOf: string;
}

const grain = { type: () => TimeGrainEnum, options: { nullable: true, defaultValue: 'DAY' } } as const;

@ObjectType({ description: 'Who was assigned, who is analysed, and who is not and why. Reads no facts.' })
export class Assignments {
  readonly #handle: PopulationHandle;
  readonly #trace = newTrace();
  constructor(handle: PopulationHandle) {
    this.#handle = handle;
  }

  #summary({ session }: RequestContext): Promise<AssignmentsSummary> {
    const { experiment, where, asOf } = this.#handle;
    return assignmentsOf(session, experiment, where, asOf, this.#trace);
  }

  @Field(() => SafeInt, { description: 'Assignment rows there were at asOf.' })
  async rows(@Ctx() context: RequestContext): Promise<number> {
    return (await this.#summary(context)).rows;
  }

  @Field(() => SafeInt, { description: 'Units that are analysed.' })
  async units(@Ctx() context: RequestContext): Promise<number> {
    return (await this.#summary(context)).units;
  }

  @Field(() => [ArmUnits])
  async arms(@Ctx() context: RequestContext): Promise<readonly ArmUnits[]> {
    return (await this.#summary(context)).arms;
  }

  @Field(() => [Exclusion])
  async excluded(@Ctx() context: RequestContext) {
    const { experiment, where, asOf } = this.#handle;
    return (await activatedOf(context.session, experiment, where, asOf, this.#trace)).excluded;
  }

  @Field(() => [ExposurePoint], {
    nullable: true,
    description: 'Units by the period of their exposure, in the time zone of the experiment.',
  })
  async exposures(
    @Ctx() { session }: RequestContext,
    @Arg('grain', grain.type, grain.options) by: TimeGrain | null,
    @Arg('cumulative', () => Boolean, { nullable: true, defaultValue: false }) cumulative: boolean | null,
  ) {
    const { experiment, where, asOf } = this.#handle;
    return exposuresOf(
      session,
      experiment,
      where,
      asOf,
      { grain: by ?? 'DAY', cumulative: cumulative ?? false },
      this.#trace,
    );
  }

  @Field(() => [SliceUnits], nullable)
  async bySlice(
    @Ctx() { session }: RequestContext,
    @Arg('dimension', () => String) dimension: string,
  ): Promise<SliceUnits[]> {
    const { experiment, where, asOf } = this.#handle;
    const slices = await slicesOf(session, experiment, where, asOf, [dimension], this.#trace);
    return slices.map(({ values, counts }) => ({
      value: values?.[0] ?? null,
      isOther: values === null,
      arms: [...byVariant(experiment, counts)],
    }));
  }

  @Field(() => Provenance)
  provenance(@Ctx() context: RequestContext): Provenance {
    return new Provenance(this.#trace, context, this.#handle.asOf);
  }
}

@ObjectType()
export class SrmArm {
  @Field(() => Variant) variant!: Variant;
  @Field(() => Float) expected!: number;
  @Field(() => SafeInt) observed!: number;
}

@ObjectType()
export class SrmStage {
  @Field(() => SrmStageNameEnum) stage!: string;
  @Field(() => Float, nullable) pValue!: number | null;
  @Field(() => [SrmArm]) arms!: SrmArm[];
}

@ObjectType()
export class SrmPoint {
  @Field(() => DateTime) at!: string;
  @Field(() => CalendarDate) date!: string;
  @Field(() => Float, nullable) pValue!: number | null;
  @Field(() => Float, { nullable: true, description: 'Valid however often it is looked at: the least so far.' })
  sequentialPValue!: number | null;
}

@ObjectType()
export class SrmSlice {
  @Field(() => String, nullable) value!: string | null;
  @Field(() => Boolean) isOther!: boolean;
  @Field(() => Float, nullable) pValue!: number | null;
  @Field(() => Float, { nullable: true, description: 'Benjamini–Hochberg over the slices.' }) adjustedPValue!:
    | number
    | null;
  @Field(() => [SrmArm]) arms!: SrmArm[];
}

@ObjectType({ description: 'Whether the variants are as large as their weights promise. Reads no facts.' })
export class SampleRatioMismatch {
  readonly #handle: PopulationHandle;
  readonly #trace = newTrace();
  constructor(handle: PopulationHandle) {
    this.#handle = handle;
  }

  #test({ session }: RequestContext): Promise<Mismatch> {
    const { experiment, where, asOf } = this.#handle;
    return sampleRatioMismatchOf(session, experiment, where, asOf, this.#trace);
  }

  @Field(() => Boolean, { nullable: true, description: 'The alarm: on analysed units.' })
  async detected(@Ctx() context: RequestContext): Promise<boolean | null> {
    return (await this.#test(context)).detected;
  }
  @Field(() => Boolean, nullable) async warning(@Ctx() context: RequestContext): Promise<boolean | null> {
    return (await this.#test(context)).warning;
  }
  @Field(() => Float) threshold(): number {
    return SRM_THRESHOLD;
  }
  @Field(() => Float, nullable) async chiSquare(@Ctx() context: RequestContext): Promise<number | null> {
    return (await this.#test(context)).chiSquare;
  }
  @Field(() => Int) degreesOfFreedom(): number {
    return this.#handle.experiment.variants.length - 1;
  }
  @Field(() => Float, nullable) async pValue(@Ctx() context: RequestContext): Promise<number | null> {
    return (await this.#test(context)).pValue;
  }
  @Field(() => UnknownEnum, nullable) async unknown(@Ctx() context: RequestContext) {
    return (await this.#test(context)).unknown;
  }
  @Field(() => [SrmArm]) async arms(@Ctx() context: RequestContext) {
    return (await this.#test(context)).arms;
  }
  @Field(() => [SrmStage]) async stages(@Ctx() context: RequestContext) {
    const { experiment, where, asOf } = this.#handle;
    return srmStagesOf(context.session, experiment, where, asOf, this.#trace);
  }

  @Field(() => [SrmPoint], {
    nullable: true,
    description: 'The test on all units exposed up to the end of each period.',
  })
  async timeline(@Ctx() { session }: RequestContext, @Arg('grain', grain.type, grain.options) by: TimeGrain | null) {
    const { experiment, where, asOf } = this.#handle;
    return srmTimelineOf(session, experiment, where, asOf, by ?? 'DAY', this.#trace);
  }

  @Field(() => [SrmSlice], nullable)
  async bySlice(@Ctx() { session }: RequestContext, @Arg('dimension', () => String) dimension: string) {
    const { experiment, where, asOf } = this.#handle;
    const slices = await srmBySlice(session, experiment, where, asOf, dimension, this.#trace);
    return slices.map(({ isRest, ...slice }) => ({ ...slice, isOther: isRest }));
  }

  @Field(() => Float, { nullable: true, description: 'Of all units at hand; valid however often it is looked at.' })
  async sequentialPValue(@Ctx() context: RequestContext): Promise<number | null> {
    return (await this.#test(context)).sequentialPValue;
  }

  @Field(() => Provenance)
  provenance(@Ctx() context: RequestContext): Provenance {
    return new Provenance(this.#trace, context, this.#handle.asOf);
  }
}
