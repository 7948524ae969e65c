import type { Phase } from '../catalog/catalog.ts';
import { sqlTimestamp } from '../core/instant.ts';
import { bind, ident, join, type Sql, sql, trusted } from '../sql/sql.ts';
import { PHASE, type Population } from './question.ts';
import type { Scope } from './scope.ts';

/** The column of `exposures` that holds the number of the phase a unit was exposed in. */
export const PHASE_COLUMN = `dim_${PHASE}`;

/** `PHASE` where an experiment declares more than one phase: a dimension of the statement. */
export function phaseDimension(populations: readonly Population[]): readonly string[] {
  return populations.some(({ experiment }) => (experiment.phases?.length ?? 0) > 1) ? [PHASE] : [];
}

/**
 * The number, from 0, of the phase of its experiment that a unit was exposed in: the last that had begun. `at` is the exposure.
 * An experiment without phases has one; so has one without times.
 */
export function phaseSql(scope: Scope, at: Sql): Sql {
  const numbered = scope.populations.map(({ experiment }) => ({
    key: experiment.key,
    number: numberOf(scope, at, experiment.phases ?? []),
  }));
  if (scope.keys.length === 0) return numbered[0]!.number;
  const cases = numbered.map(({ key, number }) => sql`when ${ident('experiment')} = ${bind(key)} then ${number}`);
  return sql`case ${join(cases, ' ')} end`;
}

function numberOf({ dialect, source }: Scope, at: Sql, phases: readonly Phase[]): Sql {
  const later = source.timestamp === null ? [] : phases.slice(1);
  const number = (i: number) => trusted(String(i));
  if (later.length === 0) return number(0);
  const cases = later.map(
    ({ from }, i) => sql`when ${at} < ${dialect.timestamp(bind(sqlTimestamp(from)))} then ${number(i)}`,
  );
  return sql`case ${join(cases, ' ')} else ${number(later.length)} end`;
}
