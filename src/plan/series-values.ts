import { leavesUnitsOut, type UnitVariable } from '../metric-types/metric-type.ts';
import type { Dialect } from '../sql/dialect.ts';
import { type Sql, sql, trusted } from '../sql/sql.ts';
import { and } from '../sql/statement.ts';
import { settledArithmeticSql } from './arithmetic-sql.ts';
import type { AliasedMetric } from './measures.ts';
import type { SeriesQuestion } from './question.ts';
import { COMPARISONS, missingValue } from './unit-variables.ts';

/** A measure's value for the unit at hand; null without rows that count. */
export type ReadMeasure = (variable: UnitVariable, part: number) => Sql;

/** Variable i of a metric for the unit at hand, made of its measures; null: the unit does not count. */
export function unitValue(dialect: Dialect, metric: AliasedMetric, i: number, read: ReadMeasure): Sql {
  const { variables } = metric.metric;
  const variable = variables[i]!;
  const value = variableValue(dialect, metric, variable, read);
  // A ratio counts a unit only when both of its sides do.
  const required = variables
    .filter((other) => other !== variable && leavesUnitsOut(other))
    .map((other) =>
      other.combine === undefined
        ? sql`${read(other, 0)} is not null`
        : sql`${variableValue(dialect, metric, other, read)} is not null`,
    );
  return required.length === 0 ? value : sql`case when ${and(required)} then ${value} end`;
}

function variableValue(dialect: Dialect, metric: AliasedMetric, variable: UnitVariable, read: ReadMeasure): Sql {
  const part = (i: number) => {
    const missing = missingValue(metric, variable, variable.measures[i]!);
    const value = read(variable, i);
    return missing === null ? value : sql`coalesce(${value}, ${trusted(dialect.number(missing))})`;
  };
  if (variable.combine !== undefined) {
    const combined = settledArithmeticSql(
      variable.combine,
      variable.measures.map((_, i) => part(i)),
      dialect,
    );
    if (variable.whenUndefined !== 'zero') return combined;
    const required = variable.measures.flatMap(({ whenMissing }, i) =>
      whenMissing === 'exclude' ? [sql`${read(variable, i)} is not null`] : [],
    );
    const known = sql`coalesce(${combined}, 0e0)`;
    return required.length === 0 ? known : sql`case when ${and(required)} then ${known} end`;
  }
  const { transform } = variable;
  if (transform === 'identity') return part(0);
  if (transform === 'indicator') return sql`case when ${read(variable, 0)} > 0e0 then 1e0 else 0e0 end`;
  const test = sql`${part(0)} ${COMPARISONS[transform.operator]} ${trusted(dialect.number(transform.value))}`;
  return sql`case when ${test} then 1e0 when ${part(0)} is not null then 0e0 end`;
}

/** A value cut to the metric's thresholds: those that it states, or those that were read before. A null stays null. */
export function cutValue(
  dialect: Dialect,
  { metric }: AliasedMetric,
  i: number,
  value: Sql,
  thresholds: SeriesQuestion['thresholds'],
): Sql {
  const { cap } = metric;
  if (cap === null || cap.per === 'event' || (i > 0 && cap.sides !== 'both')) return value;
  const bound = (side: 'lower' | 'upper') => {
    const stated = cap[side];
    if (stated === null) return null;
    return stated.kind === 'value' ? stated.value : (thresholds?.[side] ?? null);
  };
  const [lower, upper] = [bound('lower'), bound('upper')];
  const number = (threshold: number) => trusted(dialect.number(threshold));
  if (lower === null && upper === null) return value;
  return sql`case${upper === null ? sql`` : sql` when ${value} > ${number(upper)} then ${number(upper)}`}${
    lower === null ? sql`` : sql` when ${value} < ${number(lower)} then ${number(lower)}`
  } else ${value} end`;
}
