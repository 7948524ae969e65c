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
