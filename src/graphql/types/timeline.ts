import { Field, Float, Int, ObjectType } from 'type-graphql';
import { differenceOf, liftOf } from '../../experiment/comparison.ts';
import type { Novelty as NoveltyOf } from '../../experiment/novelty.ts';
import type { TimelinePoint } from '../../experiment/timeline.ts';
import type { newTrace } from '../context.ts';
import { NoveltyPatternEnum, UnknownEnum } from '../enums.ts';
import { CalendarDate, DateTime } from '../scalars.ts';
import { Arm } from './arm.ts';
import { Estimate, Interval } from './estimate.ts';
import { SequentialResult } from './tests.ts';

const nullable = { nullable: true } as const;

@ObjectType({ description: 'A line of a scorecard at one point of a series.' })
export class ResultPoint {
  readonly #point: TimelinePoint;
  readonly #trace: ReturnType<typeof newTrace>;
  constructor(point: TimelinePoint, trace: ReturnType<typeof newTrace>) {
    this.#point = point;
    this.#trace = trace;
  }

  @Field(() => DateTime, { nullable: true, description: 'Start of the period; null on DAYS_SINCE_EXPOSURE.' })
  at(): string | null {
    return this.#point.period?.at ?? null;
  }
  @Field(() => CalendarDate, { nullable: true, description: "Its date in the experiment's time zone." })
  date(): string | null {
    return this.#point.period?.date ?? null;
  }
  @Field(() => Int, { nullable: true, description: 'Days of 24 hours since each unit’s exposure, from 0.' })
  dayOfExposure(): number | null {
    return this.#point.day;
  }
  @Field(() => Arm) control(): Arm {
    return this.#arm('control');
  }
  @Field(() => Arm) treatment(): Arm {
    return this.#arm('treatment');
  }
  @Field(() => Estimate, { description: 'Treatment minus control; without covariates, whatever the analysis.' })
  difference(): Estimate {
    return new Estimate(async () => differenceOf(this.#point.comparison));
  }
  @Field(() => Estimate) lift(): Estimate {
    return new Estimate(async () => liftOf(this.#point.comparison));
  }
  @Field(() => SequentialResult, {
    nullable: true,
    description: 'Valid at all points together; null where the points are not cumulative.',
  })
  sequential() {
    const { sequential } = this.#point;
    return sequential === null
      ? null
      : { ...sequential, informationFraction: null, difference: Estimate.known(sequential.difference) };
  }

  #arm(side: 'control' | 'treatment'): Arm {
    const { row, arms } = this.#point.comparison;
    return new Arm(row, side, this.#trace, arms);
  }
}

@ObjectType({
  description:
    'Whether the effect changes with the days since exposure: a line through the daily effects on one cohort of units.',
})
export class Novelty {
  readonly #novelty: NoveltyOf;
  constructor(novelty: NoveltyOf) {
    this.#novelty = novelty;
  }

  @Field(() => Float, { nullable: true, description: 'Change of the effect per day.' }) slope(): number | null {
    return this.#novelty.ok ? this.#novelty.slope : null;
  }
  @Field(() => Interval, { nullable: true, description: 'Of the slope.' }) interval() {
    return this.#novelty.ok ? this.#novelty.interval : null;
  }
  @Field(() => Float, { nullable: true, description: 'That the slope is 0, two-sided.' }) pValue(): number | null {
    return this.#novelty.ok ? this.#novelty.pValue : null;
  }
  @Field(() => Float, { nullable: true, description: 'The effect on the first day, by the line.' })
  firstEffect(): number | null {
    return this.#novelty.ok ? this.#novelty.firstEffect : null;
  }
  @Field(() => Float, { nullable: true, description: 'The effect on the last day, by the line.' })
  lastEffect(): number | null {
    return this.#novelty.ok ? this.#novelty.lastEffect : null;
  }
  @Field(() => NoveltyPatternEnum, nullable) pattern(): string | null {
    return this.#novelty.ok ? this.#novelty.pattern : null;
  }
  @Field(() => Int, { nullable: true, description: 'Days that the line goes through.' }) days(): number | null {
    return this.#novelty.ok ? this.#novelty.days : null;
  }
  @Field(() => UnknownEnum, nullable) unknown(): string | null {
    return this.#novelty.ok ? null : this.#novelty.reason;
  }
}
