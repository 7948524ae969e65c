import { type Sql, sql } from '../../sql/sql.ts';

/**
 * ln(1 + y), y > −1, without cancellation near 0: y·ln(1 + y)/((1 + y) − 1), whose rounding errors are alike above and below
 * (Kahan; Goldberg 1991, theorem 4). Neither engine's set of common functions has it. `y` is written several times: a column.
 */
export function log1p(y: Sql): Sql {
  return sql`case when 1e0 + ${y} = 1e0 then ${y} else ln(1e0 + ${y}) * (${y} / ((1e0 + ${y}) - 1e0)) end`;
}

/** exp(y) − 1 without cancellation: 2·sinh(y/2)·exp(y/2). */
export function expm1(y: Sql): Sql {
  return sql`(2e0 * sinh(0.5e0 * ${y}) * exp(0.5e0 * ${y}))`;
}

/** √(a² + b²) without overflow or underflow of the squares. Both are written several times: columns. */
export function hypot(a: Sql, b: Sql): Sql {
  const of = (larger: Sql, smaller: Sql) =>
    sql`abs(${larger}) * sqrt(1e0 + (${smaller} / ${larger}) * (${smaller} / ${larger}))`;
  return sql`case when ${a} = 0e0 then abs(${b}) when abs(${a}) >= abs(${b}) then ${of(a, b)} else ${of(b, a)} end`;
}
