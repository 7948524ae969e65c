import { Arg, Ctx, Field, ID, Int, InterfaceType, ObjectType } from 'type-graphql';
import type { Metric as CatalogMetric, MetricVersion as CatalogMetricVersion } from '../../catalog/catalog.ts';
import type { SqlDialectName } from '../../core/vocabulary.ts';
import { unitStatement } from '../../models/line/unit-statement.ts';
import type { RequestContext } from '../context.ts';
import { GoodWhenEnum, MetricTypeEnum, SqlDialectEnum, ValueFormatEnum } from '../enums.ts';
import { encode } from '../opaque.ts';
import { DateTime, JsonValue } from '../scalars.ts';

@InterfaceType({
  description: 'Anything that can be asked for again by its id. The id carries everything that changes the object.',
})
export abstract class Node {
  @Field(() => ID) id!: string;
}

@ObjectType({ description: 'One definition of a metric; every result says which version made it.' })
export class MetricVersion {
  readonly version: CatalogMetricVersion;
  constructor(version: CatalogMetricVersion) {
    this.version = version;
  }

  @Field(() => Int) number(): number {
    return this.version.number;
  }
  @Field(() => JsonValue, { description: 'As written in the catalog.' }) definition(): unknown {
    return this.version.definition;
  }
  @Field(() => String, { description: 'Over what changes the number.' }) hash(): string {
    return this.version.hash;
  }
  @Field(() => DateTime, { nullable: true }) validFrom(): string | null {
    return this.version.validFrom;
  }
  @Field(() => String, { nullable: true }) changelog(): string | null {
    return this.version.changelog;
  }
  @Field(() => String, { description: 'Relative to the catalog.' }) file(): string {
    return this.version.place.file;
  }
  @Field(() => Int) line(): number {
    return this.version.place.line;
  }
  @Field(() => String, {
    description:
      "A statement with the metric's value of each unit, null where the unit does not count: of the newest experiment that has the metric, else of the latest four weeks of its source. Totals are as before a cap.",
  })
  sql(
    @Ctx() { session, service }: RequestContext,
    @Arg('dialect', () => SqlDialectEnum, { nullable: true, description: "Left out: the engine's." })
    dialect: SqlDialectName | null,
  ): string {
    return unitStatement(session, this.version, dialect ?? service.engine.dialect);
  }
}

@ObjectType({ implements: Node, description: 'A metric of the catalog: defined once, versioned.' })
export class Metric extends Node {
  readonly metric: CatalogMetric;
  constructor(metric: CatalogMetric) {
    super();
    this.metric = metric;
    this.id = encode(['Metric', metric.name]);
  }

  @Field(() => String) name(): string {
    return this.metric.name;
  }
  @Field(() => String) title(): string {
    return this.metric.title;
  }
  @Field(() => String, { nullable: true }) description(): string | null {
    return this.metric.description;
  }
  @Field(() => MetricTypeEnum) type(): string {
    return this.current().type;
  }
  @Field(() => GoodWhenEnum) goodWhen(): string {
    return this.current().goodWhen;
  }
  @Field(() => ValueFormatEnum) format(): string {
    return this.current().format;
  }
  @Field(() => String, { nullable: true }) owner(): string | null {
    return this.metric.owner;
  }
  @Field(() => [String]) tags(): readonly string[] {
    return this.metric.tags;
  }
  @Field(() => String, { nullable: true, description: 'Why it should no longer be used.' }) deprecated():
    | string
    | null {
    return this.metric.deprecated;
  }

  @Field(() => MetricVersion, {
    nullable: true,
    description: 'The current one, or the one of a number; null: there is none.',
  })
  version(@Arg('number', () => Int, { nullable: true }) number: number | null): MetricVersion | null {
    const version = number == null ? this.current() : this.metric.versions.find((one) => one.number === number);
    return version === undefined ? null : new MetricVersion(version);
  }

  @Field(() => [MetricVersion])
  versions(): MetricVersion[] {
    return this.metric.versions.map((version) => new MetricVersion(version));
  }

  private current(): CatalogMetricVersion {
    return this.metric.versions.at(-1)!;
  }
}
