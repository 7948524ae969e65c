import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { CorrectionEnum, SequentialMethodEnum, UnknownEnum, ValidityEnum } from '../enums.ts';
import { SafeInt } from '../scalars.ts';
import { Estimate, Interval } from './estimate.ts';

const nullable = { nullable: true } as const;

@ObjectType({ description: 'The tests that are corrected together.' })
export class Family {
  @Field(() => ID) id!: string;
  @Field(() => Int) size!: number;
  @Field(() => [String]) members!: string[];
  @Field(() => CorrectionEnum) correction!: string;
}

@ObjectType({ description: 'Exactly what the policy used.' })
export class DecisionTest {
  @Field(() => Estimate) estimate!: Estimate;
  @Field(() => Float, nullable) pValue!: number | null;
  @Field(() => Float, nullable) adjustedPValue!: number | null;
  @Field(() => Float) alpha!: number;
  @Field(() => Int) sided!: number;
  @Field(() => Float) null!: number;
  @Field(() => String) method!: string;
  @Field(() => Boolean) cuped!: boolean;
  @Field(() => SequentialMethodEnum) sequential!: string;
  @Field(() => ValidityEnum) validity!: string;
  @Field(() => Family) family!: Family;
  @Field(() => Interval, nullable) simultaneousInterval!: Interval | null;
}

@ObjectType({ description: 'Thresholds, the same in all arms, and what they took away.' })
export class Capping {
  @Field(() => Float, nullable) lower!: number | null;
  @Field(() => Float, nullable) upper!: number | null;
  @Field(() => SafeInt) cappedUnits!: number;
  @Field(() => Float, { nullable: true, description: "Share of the arm's total." }) removedShareControl!: number | null;
  @Field(() => Float, { nullable: true, description: "Share of the arm's total." }) removedShareTreatment!:
    | number
    | null;
}

@ObjectType({ description: 'The headline as it would be if it were looked at again and again.' })
export class SequentialResult {
  @Field(() => SequentialMethodEnum) method!: string;
  @Field(() => Float, nullable) pValue!: number | null;
  @Field(() => Estimate) difference!: Estimate;
  @Field(() => Boolean, nullable) significant!: boolean | null;
  @Field(() => Float, nullable) informationFraction!: number | null;
  @Field(() => ValidityEnum) validity!: string;
}

@ObjectType({ description: 'Whether a worsening of the margin or more is ruled out.' })
export class NonInferiorityResult {
  @Field(() => Float) margin!: number;
  @Field(() => String) scale!: string;
  @Field(() => Float) level!: number;
  @Field(() => Float, nullable) pValue!: number | null;
  @Field(() => Float, {
    nullable: true,
    description: 'The largest relative worsening that the data leave open; positive is worse.',
  })
  bound!: number | null;
  @Field(() => Boolean, nullable) holds!: boolean | null;
  @Field(() => UnknownEnum, nullable) unknown!: string | null;
}

@ObjectType({ description: 'Whether the relative change is shown to lie within ± margin.' })
export class EquivalenceResult {
  @Field(() => Float) margin!: number;
  @Field(() => Float, nullable) pValue!: number | null;
  @Field(() => Boolean, nullable) holds!: boolean | null;
  @Field(() => UnknownEnum, nullable) unknown!: string | null;
}
