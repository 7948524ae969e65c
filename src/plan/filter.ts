import type { AssignmentSource } from '../catalog/catalog.ts';
import { assertNever, MetricLayerError } from '../core/errors.ts';
import type { ColumnType } from '../core/vocabulary.ts';
import type { Dialect } from '../sql/dialect.ts';
import { bind, ident, join, type Sql, sql, trusted } from '../sql/sql.ts';
import { columnOf } from './relation.ts';

export const FILTER_OPERATORS = [
  'EQ',
  'NE',
  'IN',
  'NOT_IN',
  'GT',
  'GTE',
  'LT',
  'LTE',
  'BETWEEN',
  'CONTAINS',
  'STARTS_WITH',
  'IS_NULL',
  'IS_NOT_NULL',
] as const;
export type FilterOperator = (typeof FILTER_OPERATORS)[number];

/** A condition on units as a typed tree. Values are text, read as the dimension's type; they only ever reach SQL as bound parameters. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | {
      readonly kind: 'test';
      readonly dimension: string;
      readonly operator: FilterOperator;
      readonly values: readonly string[];
    };

const MAX_TESTS = 20;
const MAX_VALUES = 1_000;
const MAX_VALUE_LENGTH = 4_096;

/** Number of values each operator takes: [least, most]. */
const ARITY: Record<FilterOperator, readonly [number, number]> = {
  EQ: [1, 1],
  NE: [1, 1],
  GT: [1, 1],
  GTE: [1, 1],
  LT: [1, 1],
  LTE: [1, 1],
  IN: [1, MAX_VALUES],
  NOT_IN: [1, MAX_VALUES],
  BETWEEN: [2, 2],
  CONTAINS: [1, 1],
  STARTS_WITH: [1, 1],
  IS_NULL: [0, 0],
  IS_NOT_NULL: [0, 0],
};
const ORDERED: readonly FilterOperator[] = ['GT', 'GTE', 'LT', 'LTE', 'BETWEEN'];
const TEXTUAL: readonly FilterOperator[] = ['CONTAINS', 'STARTS_WITH'];

/** Throws BAD_USER_INPUT for a filter that names what is not there, or that does not fit the dimension's type. */
export function checkFilter(filter: Filter, source: AssignmentSource): void {
  const tests = testsOf(filter);
  if (tests.length > MAX_TESTS)
    throw bad(`The filter has ${tests.length} tests; at most ${MAX_TESTS} are allowed. Use IN for many values.`);
  for (const test of tests) {
    const type = dimensionType(source, test.dimension);
    const [least, most] = ARITY[test.operator];
    if (test.values.length < least || test.values.length > most) {
      throw bad(
        `${test.operator} on ${test.dimension} takes ${least === most ? least : `${least} to ${most}`} value(s), not ${test.values.length}.`,
      );
    }
    if (ORDERED.includes(test.operator) && (type === 'STRING' || type === 'BOOLEAN')) {
      throw bad(`${test.operator} needs an ordered dimension; ${test.dimension} is a ${type}. Use EQ or IN.`);
    }
    if (TEXTUAL.includes(test.operator) && type !== 'STRING')
      throw bad(`${test.operator} needs text; ${test.dimension} is a ${type}.`);
    for (const value of test.values) checkValue(value, type, test.dimension);
  }
}

const READABLE: Record<ColumnType, (value: string) => boolean> = {
  STRING: () => true,
  INTEGER: (value) => /^[+-]?\d{1,18}$/.test(value),
  FLOAT: (value) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) && Number.isFinite(Number(value)),
  BOOLEAN: (value) => /^(true|false)$/i.test(value),
  DATE: isDate,
  DATETIME: (value) =>
    isDate(value.slice(0, 10)) && /^[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$/.test(value.slice(10)),
};

/** A day of the calendar: `Date.parse` takes the 30th of February for the 1st of March. */
function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function checkValue(value: string, type: ColumnType, dimension: string): void {
  if (value.length > MAX_VALUE_LENGTH)
    throw bad(`A value for ${dimension} is longer than ${MAX_VALUE_LENGTH} characters.`);
  if (value.includes('\0') || !value.isWellFormed())
    throw bad(`A value for ${dimension} holds a character that no text column can hold.`);
  if (!READABLE[type](value)) throw bad(`"${value.slice(0, 80)}" cannot be read as ${type}, the type of ${dimension}.`);
}

export function dimensionType(source: AssignmentSource, name: string): ColumnType {
  const dimension = source.dimensions.find((candidate) => candidate.name === name);
  if (dimension === undefined) {
    const known = source.dimensions.map((candidate) => candidate.name).join(', ') || 'none';
    throw bad(`There is no dimension "${name.slice(0, 80)}" in the assignments of this experiment. It has: ${known}.`);
  }
  return columnOf(source, dimension.column)?.type ?? 'STRING';
}

function testsOf(filter: Filter): readonly Extract<Filter, { kind: 'test' }>[] {
  switch (filter.kind) {
    case 'test':
      return [filter];
    case 'not':
      return testsOf(filter.filter);
    default:
      if (filter.filters.length === 0)
        throw bad(`\`${filter.kind}\` holds no conditions. Leave it out, or name at least one.`);
      return filter.filters.flatMap(testsOf);
  }
}

export function filterDimensions(filter: Filter | null): readonly string[] {
  return filter === null ? [] : testsOf(filter).map((test) => test.dimension);
}

/** Two-valued: a missing value is different from every value, and equal to, above or below none. */
export function filterSql(filter: Filter, source: AssignmentSource, dialect: Dialect): Sql {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return sql`(${join(
        filter.filters.map((inner) => filterSql(inner, source, dialect)),
        filter.kind === 'and' ? ' and ' : ' or ',
      )})`;
    case 'not':
      return sql`not ${filterSql(filter.filter, source, dialect)}`;
    case 'test':
      return testSql(filter, ident(`dim_${filter.dimension}`), dimensionType(source, filter.dimension), dialect);
  }
}

function testSql(test: Extract<Filter, { kind: 'test' }>, column: Sql, type: ColumnType, dialect: Dialect): Sql {
  const values = test.values.map((value) => dialect.literal(bind(value), type));
  const known = (condition: Sql) => sql`coalesce(${condition}, false)`;
  const among = sql`${column} in (${join(values, ', ')})`;
  const compare = (operator: string) => known(sql`${column} ${trusted(operator)} ${values[0]!}`);
  switch (test.operator) {
    case 'EQ':
      return compare('=');
    case 'NE':
      return sql`(not ${compare('=')})`;
    case 'IN':
      return known(among);
    case 'NOT_IN':
      return sql`(not ${known(among)})`;
    case 'GT':
      return compare('>');
    case 'GTE':
      return compare('>=');
    case 'LT':
      return compare('<');
    case 'LTE':
      return compare('<=');
    case 'BETWEEN':
      return known(sql`${column} between ${values[0]!} and ${values[1]!}`);
    case 'CONTAINS':
      return known(sql`strpos(${column}, ${values[0]!}) > 0`);
    case 'STARTS_WITH':
      return known(sql`starts_with(${column}, ${values[0]!})`);
    case 'IS_NULL':
      return sql`(${column} is null)`;
    case 'IS_NOT_NULL':
      return sql`(${column} is not null)`;
    default:
      return assertNever(test.operator);
  }
}

function bad(message: string): MetricLayerError {
  return new MetricLayerError('BAD_USER_INPUT', message);
}
