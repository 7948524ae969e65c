import { Arg, Ctx, Field, Float, InputType, Int, ObjectType } from 'type-graphql';
import { MetricLayerError } from '../../core/errors.ts';
import type { Trace } from '../../evaluate/trace.ts';
import type { PowerAnalysis as Numbers } from '../../experiment/power.ts';
import type { RequestContext } from '../context.ts';
import { UnknownEnum } from '../enums.ts';
import { FilterInput } from '../inputs.ts';
import { DateTime, SafeInt } from '../scalars.ts';
import { Arm } from './arm.ts';
import { Metric } from './metric.ts';
import { Provenance } from './provenance.ts';

const nullable = { nullable: true } as const;
export const MOST_POINTS = 200;

@InputType({
  description:
    'An experiment that is planned: equal arms, one metric. Traffic and variance are read from the metric’s source.',
})
export class PowerInput {
  @Field(() => String) metric!: string;
  @Field(() => Float, {
    nullable: true,
    description: 'Relative: 0.02 = 2 %. Without it (and without a margin) it is what the traffic can show.',
  })
  minimumDetectableEffect?: number | null;
  @Field(() => Float, {
    nullable: true,
    description: 'Tolerated worsening, relative: plans a guardrail’s non-inferiority test.',
  })
  margin?: number | null;
  @Field(() => Float, { nullable: true, defaultValue: 0.05, description: 'Divided by the number of treatments.' })
  alpha?: number | null;
  @Field(() => Float, { nullable: true, defaultValue: 0.8 }) power?: number | null;
  @Field(() => Int, { nullable: true, defaultValue: 2, description: 'The control among them.' }) variants?:
    | number
    | null;
  @Field(() => Int, { nullable: true, description: 'Instead of the traffic that was measured.' }) unitsPerDay?:
    | number
    | null;
  @Field(() => Int, { nullable: true, defaultValue: 28 }) lookbackDays?: number | null;
  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'With the variance that the metric’s covariate leaves.',
  })
  cuped?: boolean | null;
  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'The test may be looked at every day: always-valid.',
  })
  continuous?: boolean | null;
  @Field(() => FilterInput, { nullable: true, description: 'Not offered: facts have no dimensions of units.' })
  where?: FilterInput | null;
  @Field(() => DateTime, nullable) asOf?: string | null;
}

@InputType({ description: 'What of a running experiment is planned; the rest is its own.' })
export class ExperimentPowerInput {
  @Field(() => String, { nullable: true, description: 'The first goal by default.' }) metric?: string | null;
  @Field(() => Float, { nullable: true, description: 'Instead of the declared one.' }) minimumDetectableEffect?:
    | number
    | null;
  @Field(() => Float, nullable) alpha?: number | null;
  @Field(() => Float, nullable) power?: number | null;
  @Field(() => DateTime, nullable) asOf?: string | null;
}

/** Refuses what an input can say and nothing can answer. */
export function checkPowerInput({ where }: PowerInput): void {
  if (where != null)
    throw new MetricLayerError(
      'NOT_SUPPORTED',
      'powerAnalysis takes no `where`: the history of a source has no dimensions of units. Leave it out, or ask a running experiment for its power.',
    );
}

@ObjectType({ description: 'What a number of units shows.' })
export class PowerPoint {
  @Field(() => SafeInt) units!: number;
  @Field(() => Float) minimumDetectableEffect!: number;
  @Field(() => Float) power!: number;
}

@ObjectType({ description: 'How many units an experiment needs, for how long it runs and what it can show.' })
export class PowerAnalysis {
  readonly #numbers: Numbers;
  readonly #trace: Trace;
  constructor(numbers: Numbers, trace: Trace) {
    this.#numbers = numbers;
    this.#trace = trace;
  }

  @Field(() => Metric) metric(@Ctx() { session }: RequestContext): Metric {
    return new Metric(session.catalog.metrics.get(this.#numbers.row.metric.metric)!);
  }
  @Field(() => Arm, { nullable: true, description: 'What mean and variance are taken from.' }) baseline(): Arm {
    return new Arm(this.#numbers.row, 'control', this.#trace);
  }
  @Field(() => Float, {
    nullable: true,
    description: 'Share of the variance that the covariate takes away; null: it is not used.',
  })
  varianceReduction(): number | null {
    return this.#numbers.baseline?.varianceReduction ?? null;
  }
  @Field(() => Float, { nullable: true, description: 'Relative.' }) minimumDetectableEffect(): number | null {
    return this.#numbers.minimumDetectableEffect;
  }
  @Field(() => SafeInt, {
    nullable: true,
    description: 'Of each variant; where they are unequal, of the larger of control and smallest treatment.',
  })
  unitsPerVariant(): number | null {
    return this.#numbers.unitsPerVariant;
  }
  @Field(() => Int, {
    nullable: true,
    description: 'Until the units are there and mature; of a running experiment: the days that are left.',
  })
  days(): number | null {
    return this.#numbers.days;
  }
  @Field(() => Float, nullable) achievedPower(): number | null {
    return this.#numbers.achievedPower;
  }
  @Field(() => UnknownEnum, {
    nullable: true,
    description: 'Why what is null is not known. UNBOUNDED: the traffic never gets there.',
  })
  unknown(): string | null {
    return this.#numbers.unknown;
  }
  @Field(() => [PowerPoint], { description: 'From a tenth of the units to twice as many.' })
  curve(@Arg('points', () => Int, { nullable: true, defaultValue: 20 }) points: number | null): readonly PowerPoint[] {
    const asked = points ?? 20;
    if (!(asked >= 2 && asked <= MOST_POINTS))
      throw new MetricLayerError('BAD_USER_INPUT', `points must be from 2 to ${MOST_POINTS}, and is ${asked}.`);
    return this.#numbers.curve(asked);
  }
  @Field(() => Provenance)
  provenance(@Ctx() context: RequestContext): Provenance {
    return new Provenance(this.#trace, context, this.#numbers.row.analysis.asOf);
  }
}
