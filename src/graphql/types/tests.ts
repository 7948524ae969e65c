import { Arg, Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { LiftMethod } from '../../core/vocabulary.ts';
import type { CupedResult as Cuped } from '../../experiment/cuped-result.ts';
import type { ResultRow } from '../../experiment/result-row.ts';
import { CorrectionEnum, LiftMethodEnum, SequentialMethodEnum, UnknownEnum, ValidityEnum } from '../enums.ts';
import { SafeInt } from '../scalars.ts';
import { levelOf } from './arm.ts';
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

@ObjectType({
  description:
    'The headline adjusted by the covariate, whatever the analysis. Where `unknown` says why not, the headline is not adjusted.',
})
export class CupedResult {
  readonly #numbers: Cuped;
  readonly #row: ResultRow;
  constructor(numbers: Cuped, row: ResultRow) {
    this.#numbers = numbers;
    this.#row = row;
  }
  @Field(() => Float, { nullable: true, description: 'Coefficient of the covariate, over both arms together.' })
  theta(): number | null {
    return this.#numbers.theta;
  }
  @Field(() => Float, { nullable: true, description: "Share of the difference's variance that is gone." })
  varianceReduction(): number | null {
    return this.#numbers.varianceReduction;
  }
  @Field(() => UnknownEnum, { nullable: true, description: 'Why the metric is not adjusted.' }) unknown():
    | string
    | null {
    return this.#numbers.unknown;
  }
  @Field(() => Estimate) difference(@Arg('level', () => Float, nullable) level: number | null): Estimate {
    return Estimate.known(this.#numbers.difference(levelOf(this.#row, level)));
  }
  @Field(() => Estimate, {
    description: 'Over the adjusted control mean; DELTA, as GrowthBook, over the control mean as it is.',
  })
  lift(
    @Arg('method', () => LiftMethodEnum, nullable) method: LiftMethod | null,
    @Arg('level', () => Float, nullable) level: number | null,
  ): Estimate {
    const { analysis } = this.#row;
    return Estimate.known(this.#numbers.lift(method ?? analysis.lift, levelOf(this.#row, level)));
  }
}

@ObjectType({
  description:
    'What is to be believed of the effect after the data, by a normal model. It is right for one reading: to stop when a chance is high errs as peeking at a p-value does.',
})
export class BayesianResult {
  @Field(() => String, { description: '`relative` or `absolute`: of the effect, its losses and its prior.' })
  scale!: string;
  @Field(() => Float, { nullable: true, description: 'That the treatment is better; null where neither way is.' })
  chanceToBeatControl!: number | null;
  @Field(() => Float, { nullable: true, description: 'Of shipping the treatment: the mean of what gets worse.' })
  expectedLoss!: number | null;
  @Field(() => Float, nullable) expectedLossOfKeeping!: number | null;
  @Field(() => Estimate, { description: 'Posterior mean, standard deviation and credible interval; no p-value.' })
  estimate!: Estimate;
  @Field(() => String, { description: 'In words.' }) prior!: string;
  @Field(() => ValidityEnum, {
    description:
      'Of the normal approximation: HEURISTIC where the control mean may be zero. Of one reading in any case.',
  })
  validity!: string;
  @Field(() => Boolean, { description: 'Whether it may be read again and again: never.' }) safeUnderPeeking!: boolean;
}

@ObjectType({ description: 'Whether the effect differs between slices at all. No slice is a finding unless it does.' })
export class Interaction {
  @Field(() => String, { description: 'The dimensions of the slices.' }) dimension!: string;
  @Field(() => Float, { nullable: true, description: "Cochran's Q." }) statistic!: number | null;
  @Field(() => Float, { nullable: true, description: 'Over all slices of the metric and treatment.' }) pValue!:
    | number
    | null;
}

@ObjectType({ description: 'The headline as it would be if it were looked at again and again.' })
export class SequentialResult {
  @Field(() => SequentialMethodEnum) method!: string;
  @Field(() => Float, nullable) pValue!: number | null;
  @Field(() => Estimate, {
    description: 'At a declared look that has passed: of the data as of the moment when it was reached.',
  })
  difference!: Estimate;
  @Field(() => Boolean, nullable) significant!: boolean | null;
  @Field(() => Float, { nullable: true, description: 'Share of the planned units that these data are.' })
  informationFraction!: number | null;
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
