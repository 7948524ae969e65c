import { Ctx, Field, ObjectType } from 'type-graphql';
import { sourceFreshness } from '../../experiment/freshness.ts';
import type { RequestContext } from '../context.ts';
import { SqlDialectEnum } from '../enums.ts';
import { DateTime, SafeInt } from '../scalars.ts';

@ObjectType()
export class SourceFreshness {
  @Field(() => String) name!: string;
  @Field(() => DateTime, { nullable: true }) latestAt!: string | null;
  @Field(() => SafeInt, { nullable: true, description: 'null: it could not be read.' }) rows!: number | null;
  @Field(() => Boolean, {
    nullable: true,
    description: 'Its newest row is more than 48 h older than asOf. null: it has no timestamps, or could not be read.',
  })
  stale!: boolean | null;
}

@ObjectType({ description: 'Engine, catalog, warnings, freshness of each source.' })
export class Service {
  @Field(() => String) version(@Ctx() { service }: RequestContext): string {
    return service.version;
  }
  @Field(() => SqlDialectEnum) engine(@Ctx() { service }: RequestContext): string {
    return service.engine.dialect;
  }
  @Field(() => DateTime, { nullable: true, description: 'The frozen default asOf, if the catalog has one.' }) clock(
    @Ctx() { session }: RequestContext,
  ): string | null {
    return session.catalog.clock;
  }
  @Field(() => String) catalogHash(@Ctx() { session }: RequestContext): string {
    return session.catalog.hash;
  }
  @Field(() => [String]) warnings(@Ctx() { session }: RequestContext): readonly string[] {
    return session.catalog.warnings;
  }
  @Field(() => [SourceFreshness])
  async sources(@Ctx() { session }: RequestContext): Promise<SourceFreshness[]> {
    const { now, catalog } = session;
    const found = await Promise.all(
      [...catalog.sources.values()].map(async (source) => ({
        ...(await sourceFreshness(session, source, now, Promise.resolve(now))),
        source,
      })),
    );
    return found.map(({ source, rows, latest, stale }) => ({
      name: source.name,
      rows,
      latestAt: latest,
      stale: rows === null || source.kind === 'experiments' || source.timestamp === null ? null : stale,
    }));
  }
}
