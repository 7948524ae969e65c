import 'reflect-metadata';
import { type GraphQLSchema, isInputObjectType } from 'graphql';
import { buildSchemaSync } from 'type-graphql';
import { RootMutation } from './mutation.ts';
import { RootQuery } from './query.ts';

/** The schema that is served. Input is checked by the domain itself, so class-validator stays off. */
export function createSchema(): GraphQLSchema {
  const schema = buildSchemaSync({ resolvers: [RootQuery, RootMutation], validate: false });
  const filter = schema.getType('FilterInput');
  // type-graphql has no option for it: exactly one member may be given.
  if (isInputObjectType(filter)) filter.isOneOf = true;
  return schema;
}
