import { assertNever } from '../core/errors.ts';
import type { Arithmetic } from '../metric-types/metric-type.ts';
import type { Dialect } from '../sql/dialect.ts';
import { type Sql, sql, trusted } from '../sql/sql.ts';

/** Arithmetic over doubles; a division by zero is null. */
export function arithmeticSql(arithmetic: Arithmetic, parts: readonly Sql[], dialect: Dialect): Sql {
  const of = (inner: Arithmetic) => arithmeticSql(inner, parts, dialect);
  switch (arithmetic.kind) {
    case 'part':
      return parts[arithmetic.index]!;
    case 'number':
      return trusted(dialect.number(arithmetic.value));
    case 'negate':
      return sql`(0e0 - ${of(arithmetic.of)})`;
    case 'binary': {
      const { operator, left, right } = arithmetic;
      return operator === '/'
        ? sql`(${of(left)} / nullif(${of(right)}, 0e0))`
        : sql`(${of(left)} ${trusted(operator)} ${of(right)})`;
    }
    default:
      return assertNever(arithmetic);
  }
}

/** What is left of a sum after cancellation counts as zero below this share of what was added. */
const LOST = trusted('1e-12');

/**
 * The same, where amounts that take each other away leave exactly 0: their sums are added in any order, whose last digits would make
 * a unit of nothing one with a value.
 */
export function settledArithmeticSql(arithmetic: Arithmetic, parts: readonly Sql[], dialect: Dialect): Sql {
  const whole = arithmeticSql(arithmetic, parts, dialect);
  if (arithmetic.kind !== 'binary' || (arithmetic.operator !== '+' && arithmetic.operator !== '-')) return whole;
  const size = (of: Arithmetic) => sql`abs(${arithmeticSql(of, parts, dialect)})`;
  return sql`case when abs(${whole}) <= ${LOST} * (${size(arithmetic.left)} + ${size(arithmetic.right)}) then 0e0 else ${whole} end`;
}

/** A sum of numbers of both signs that, where they take each other away, is exactly 0. */
export const settledSum = (value: Sql): Sql =>
  sql`case when abs(sum(${value})) <= ${LOST} * sum(abs(${value})) then 0e0 else sum(${value}) end`;
