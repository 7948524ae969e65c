import { type ClassType, Field, Int, ObjectType } from 'type-graphql';
import type { Page } from '../paging.ts';

@ObjectType()
export class PageInfo {
  @Field(() => Boolean) hasNextPage!: boolean;
  @Field(() => Boolean) hasPreviousPage!: boolean;
  @Field(() => String, { nullable: true }) startCursor!: string | null;
  @Field(() => String, { nullable: true }) endCursor!: string | null;
}

export function pageInfoOf(page: Page<unknown>): PageInfo {
  const { items, hasNextPage, hasPreviousPage } = page;
  return Object.assign(new PageInfo(), {
    hasNextPage,
    hasPreviousPage,
    startCursor: items[0]?.cursor ?? null,
    endCursor: items.at(-1)?.cursor ?? null,
  });
}

export interface Connection<T> {
  edges: { cursor: string; node: T }[];
  nodes: T[];
  pageInfo: PageInfo;
  totalCount: number;
}

/** The Relay connection and edge types of a node type. */
export function connectionType<T extends object>(
  name: string,
  node: () => ClassType<T>,
): { readonly type: ClassType<Connection<T>>; of(page: Page<T>): Connection<T> } {
  @ObjectType(`${name}Edge`)
  class Edge {
    @Field(() => String) cursor!: string;
    @Field(() => node()) node!: T;
  }
  @ObjectType(`${name}Connection`)
  class ConnectionOf implements Connection<T> {
    @Field(() => [Edge]) edges!: Edge[];
    @Field(() => [node()]) nodes!: T[];
    @Field(() => PageInfo) pageInfo!: PageInfo;
    @Field(() => Int) totalCount!: number;
  }
  return {
    type: ConnectionOf,
    of: (page) =>
      Object.assign(new ConnectionOf(), {
        edges: page.items.map(({ cursor, item }) => Object.assign(new Edge(), { cursor, node: item })),
        nodes: page.items.map(({ item }) => item),
        pageInfo: pageInfoOf(page),
        totalCount: page.totalCount,
      }),
  };
}
