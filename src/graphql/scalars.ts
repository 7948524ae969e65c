import { GraphQLScalarType, Kind } from 'graphql';
import { GraphQLJSON, GraphQLSafeInt } from 'graphql-scalars';
import { MetricLayerError } from '../core/errors.ts';
import { canonicalInstant, parseInstant, shortInstant } from '../core/instant.ts';

function readInstant(value: unknown): string {
  const instant = typeof value === 'string' ? parseInstant(value) : null;
  if (instant === null)
    throw new MetricLayerError(
      'BAD_USER_INPUT',
      `${JSON.stringify(value)?.slice(0, 80)} is not an instant. Write it as 2026-03-20T00:00:00Z.`,
    );
  return instant;
}

export const DateTime = new GraphQLScalarType({
  name: 'DateTime',
  description: 'RFC 3339 instant, UTC',
  serialize: (value) => shortInstant(canonicalInstant(String(value))),
  parseValue: readInstant,
  parseLiteral: (node) => readInstant(node.kind === Kind.STRING ? node.value : null),
});

export const CalendarDate = new GraphQLScalarType({
  name: 'Date',
  description: "ISO 8601 calendar date, in the experiment's time zone",
  serialize: (value) => String(value).slice(0, 10),
});

export const SafeInt = new GraphQLScalarType({
  ...GraphQLSafeInt.toConfig(),
  name: 'SafeInt',
  description: 'Whole number up to 2^53-1, a JSON number',
});

export const JsonValue = new GraphQLScalarType({
  ...GraphQLJSON.toConfig(),
  name: 'JSON',
  description: 'Any JSON value: only table cells, parameters, definitions',
});
