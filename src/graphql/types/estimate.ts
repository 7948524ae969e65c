import { Ctx, Field, Float, ObjectType } from 'type-graphql';
import type { Estimate as Numbers } from '../../experiment/estimate.ts';
import type { Session } from '../../experiment/session.ts';
import type { Interval as Bounds } from '../../statistics/inference.ts';
import type { RequestContext } from '../context.ts';
import { UnknownEnum } from '../enums.ts';

const nullable = { nullable: true } as const;

@ObjectType({ description: 'An interval at a level; a bound that is null is unbounded on its side.' })
export class Interval implements Bounds {
  @Field(() => Float, nullable) lower!: number | null;
  @Field(() => Float, nullable) upper!: number | null;
  @Field(() => Float) level!: number;
}

@ObjectType({ description: 'A number with its uncertainty. What is null is not known, and `unknown` says why.' })
export class Estimate {
  readonly #numbers: (session: Session) => Promise<Numbers>;
  /** The numbers are read only when one of them is selected, and once. */
  constructor(numbers: (session: Session) => Promise<Numbers>) {
    let known: Promise<Numbers> | undefined;
    this.#numbers = (session) => {
      known ??= numbers(session);
      return known;
    };
  }

  static known(numbers: Numbers): Estimate {
    return new Estimate(async () => numbers);
  }

  @Field(() => Float, nullable) async value(@Ctx() { session }: RequestContext): Promise<number | null> {
    return (await this.#numbers(session)).value;
  }
  @Field(() => Float, nullable) async standardError(@Ctx() { session }: RequestContext): Promise<number | null> {
    return (await this.#numbers(session)).standardError;
  }
  @Field(() => Interval, nullable) async interval(@Ctx() { session }: RequestContext): Promise<Bounds | null> {
    return (await this.#numbers(session)).interval;
  }
  @Field(() => Float, nullable) async pValue(@Ctx() { session }: RequestContext): Promise<number | null> {
    return (await this.#numbers(session)).pValue;
  }
  @Field(() => UnknownEnum, nullable) async unknown(@Ctx() { session }: RequestContext) {
    return (await this.#numbers(session)).unknown;
  }
}
