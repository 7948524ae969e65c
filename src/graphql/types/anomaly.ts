import { Ctx, Field, Float, ObjectType } from 'type-graphql';
import { keyOf } from '../../experiment/anomalies.ts';
import type { MetricAnomaly as Found } from '../../experiment/anomalies-found.ts';
import type { RequestContext } from '../context.ts';
import { AnomalyKindEnum, AnomalyScopeEnum, SeverityEnum } from '../enums.ts';
import { encode } from '../opaque.ts';
import { DateTime } from '../scalars.ts';
import { Variant } from './assignments.ts';
import { connectionType } from './connection.ts';
import { Interval } from './estimate.ts';
import { Metric, Node } from './metric.ts';

const nullable = { nullable: true } as const;

@ObjectType({ implements: Node, description: 'Something unusual in the daily values of a metric.' })
export class MetricAnomaly extends Node {
  readonly #found: Found;
  constructor(found: Found, of: { readonly experiment: string; readonly asOf: string | null }) {
    super();
    this.#found = found;
    this.id = encode(['MetricAnomaly', of.experiment, of.asOf, keyOf(found)]);
  }

  @Field(() => AnomalyKindEnum) kind(): string {
    return this.#found.kind;
  }
  @Field(() => AnomalyScopeEnum) scope(): string {
    return this.#found.scope;
  }
  @Field(() => SeverityEnum) severity(): string {
    return this.#found.severity;
  }
  @Field(() => Metric, nullable) metric(@Ctx() { session }: RequestContext): Metric {
    return new Metric(session.catalog.metrics.get(this.#found.metric.metric)!);
  }
  @Field(() => Variant, { nullable: true, description: 'null: all variants together.' }) variant(): Variant | null {
    return this.#found.variant;
  }
  @Field(() => DateTime, { description: 'Start of its first day.' }) startAt(): string {
    return this.#found.startAt;
  }
  @Field(() => DateTime, {
    nullable: true,
    description: 'End of its last day; null: it goes on, or is of no single days.',
  })
  endAt(): string | null {
    return this.#found.endAt;
  }
  @Field(() => Float, { nullable: true, description: 'Of several days, the farthest from what was expected.' })
  observed(): number | null {
    return this.#found.observed;
  }
  @Field(() => Interval, { nullable: true, description: 'Where the value was expected.' }) expected() {
    return this.#found.expected;
  }
  @Field(() => Float, {
    description:
      "Standard deviations from what was expected; of an OUTLIER_UNIT its share of the variant's total; of MISSING_DATA the units with rows that were expected a day.",
  })
  score(): number {
    return this.#found.score;
  }
  @Field(() => String) message(): string {
    return this.#found.message;
  }
}

export const MetricAnomalyConnection = connectionType<MetricAnomaly>('MetricAnomaly', () => MetricAnomaly);
