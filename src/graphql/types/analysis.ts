import { Field, Float, ObjectType } from 'type-graphql';
import { CorrectionEnum, LiftMethodEnum, MaturityEnum, PriorScaleEnum, SequentialMethodEnum } from '../enums.ts';
import { DateTime } from '../scalars.ts';
import { Variant } from './assignments.ts';

@ObjectType({ description: 'A normal prior on the effect.' })
export class Prior {
  @Field(() => PriorScaleEnum) scale!: string;
  @Field(() => Float) mean!: number;
  @Field(() => Float) sd!: number;
}

@ObjectType({ description: 'The analysis that was applied, every default resolved.' })
export class Analysis {
  @Field(() => Float) alpha!: number;
  @Field(() => Float) level!: number;
  @Field(() => CorrectionEnum) correction!: string;
  @Field(() => Boolean, { description: 'Whether headlines are adjusted by the covariates that metrics declare.' })
  cuped!: boolean;
  @Field(() => [String], { description: 'Dimensions that headlines are post-stratified by.' }) stratifyBy!: string[];
  @Field(() => Prior, { nullable: true, description: 'Of the Bayesian view; null: flat.' }) prior!: Prior | null;
  @Field(() => SequentialMethodEnum) sequential!: string;
  @Field(() => LiftMethodEnum) lift!: string;
  @Field(() => Variant) control!: Variant;
  @Field(() => DateTime) asOf!: string;
  @Field(() => MaturityEnum) maturity!: string;
  @Field(() => Boolean, {
    description:
      'Whether the same asOf always gives the same numbers: every source that is read says when its rows arrived.',
  })
  reproducible!: boolean;
}

@ObjectType()
export class SliceValue {
  @Field(() => String) dimension!: string;
  @Field(() => String, { nullable: true, description: 'null: units without a value (or the rest: see isOther).' })
  value!: string | null;
  @Field(() => Boolean, { description: 'Everything beyond the largest slices, together.' }) isOther!: boolean;
}
