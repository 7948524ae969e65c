import { Field, Float, InputType, Int } from 'type-graphql';
import { MetricLayerError } from '../core/errors.ts';
import type {
  Correction,
  ExperimentStatus,
  LiftMethod,
  Maturity,
  MetricRole,
  MetricType,
  SequentialMethod,
} from '../core/vocabulary.ts';
import type { Filter, FilterOperator } from '../plan/filter.ts';
import {
  CorrectionEnum,
  ExperimentOrderFieldEnum,
  ExperimentStatusEnum,
  FilterOperatorEnum,
  LiftMethodEnum,
  MaturityEnum,
  MetricRoleEnum,
  MetricTypeEnum,
  SequentialMethodEnum,
  SortDirectionEnum,
} from './enums.ts';
import { DateTime } from './scalars.ts';

const nullable = { nullable: true } as const;

@InputType({ description: 'One test of a dimension.' })
export class FilterTestInput {
  @Field(() => String) dimension!: string;
  @Field(() => FilterOperatorEnum) operator!: FilterOperator;
  @Field(() => [String], { defaultValue: [], description: "Read as the dimension's type." }) values!: string[];
}

@InputType({
  description: 'A condition on units: a tree of and, or, not and tests. A missing value is different from every value.',
})
export class FilterInput {
  @Field(() => [FilterInput], nullable) and?: FilterInput[] | null;
  @Field(() => [FilterInput], nullable) or?: FilterInput[] | null;
  @Field(() => FilterInput, nullable) not?: FilterInput | null;
  @Field(() => FilterTestInput, nullable) test?: FilterTestInput | null;
}

/** The input as the planner's tree. `@oneOf` has already seen to it that there is exactly one member. */
export function toFilter(input: FilterInput | null | undefined): Filter | null {
  if (input == null) return null;
  if (input.and != null) return { kind: 'and', filters: input.and.map((one) => toFilter(one)!) };
  if (input.or != null) return { kind: 'or', filters: input.or.map((one) => toFilter(one)!) };
  if (input.not != null) return { kind: 'not', filter: toFilter(input.not)! };
  if (input.test != null)
    return { kind: 'test', dimension: input.test.dimension, operator: input.test.operator, values: input.test.values };
  throw new MetricLayerError('BAD_USER_INPUT', 'A filter needs one of: and, or, not, test.');
}

@InputType({ description: 'A version of a metric other than the one that the experiment uses.' })
export class MetricVersionInput {
  @Field(() => String) metric!: string;
  @Field(() => Int) version!: number;
}

@InputType({
  description: "How results are computed; what is left out follows the experiment, then the catalog's defaults.",
})
export class AnalysisInput {
  @Field(() => Float, nullable) alpha?: number | null;
  @Field(() => CorrectionEnum, nullable) correction?: Correction | null;
  @Field(() => Boolean, nullable) cuped?: boolean | null;
  @Field(() => [String], { nullable: true, description: 'Dimensions to post-stratify by.' }) stratifyBy?:
    | string[]
    | null;
  @Field(() => SequentialMethodEnum, nullable) sequential?: SequentialMethod | null;
  @Field(() => LiftMethodEnum, nullable) lift?: LiftMethod | null;
  @Field(() => String, { nullable: true, description: 'Key of the variant to compare with.' }) control?: string | null;
  @Field(() => DateTime, nullable) asOf?: string | null;
  @Field(() => MaturityEnum, nullable) maturity?: Maturity | null;
  @Field(() => [MetricVersionInput], nullable) metricVersions?: MetricVersionInput[] | null;
}

@InputType({ description: 'Which lines of a scorecard. `where` narrows the units; the others only choose lines.' })
export class ResultFilter {
  @Field(() => [String], nullable) metrics?: string[] | null;
  @Field(() => [MetricRoleEnum], nullable) roles?: MetricRole[] | null;
  @Field(() => [String], nullable) treatments?: string[] | null;
  @Field(() => [String], nullable) sliceBy?: string[] | null;
  @Field(() => FilterInput, nullable) where?: FilterInput | null;
}

@InputType()
export class ExperimentFilter {
  @Field(() => [String], nullable) keys?: string[] | null;
  @Field(() => [ExperimentStatusEnum], nullable) status?: ExperimentStatus[] | null;
  @Field(() => String, nullable) owner?: string | null;
  @Field(() => [String], nullable) tags?: string[] | null;
  @Field(() => String, { nullable: true, description: 'In key, name or hypothesis, whatever the case.' }) search?:
    | string
    | null;
  @Field(() => String, nullable) metric?: string | null;
  @Field(() => DateTime, nullable) startedAfter?: string | null;
  @Field(() => DateTime, nullable) startedBefore?: string | null;
}

@InputType()
export class ExperimentOrder {
  @Field(() => ExperimentOrderFieldEnum) field!: 'START_AT' | 'NAME';
  @Field(() => SortDirectionEnum, { defaultValue: 'DESC' }) direction!: 'ASC' | 'DESC';
}

@InputType()
export class MetricFilter {
  @Field(() => String, nullable) search?: string | null;
  @Field(() => [String], nullable) tags?: string[] | null;
  @Field(() => [MetricTypeEnum], nullable) types?: MetricType[] | null;
  @Field(() => String, nullable) owner?: string | null;
  @Field(() => Boolean, { nullable: true, defaultValue: false }) includeDeprecated?: boolean | null;
}
