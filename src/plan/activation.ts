import type { Activation } from '../catalog/catalog.ts';
import { ident, join, type Sql, sql } from '../sql/sql.ts';
import { and, as, list, type Step } from '../sql/statement.ts';
import { scan } from './facts.ts';
import { BOUND_COLUMNS, boundSql, factSource, type Scope } from './scope.ts';

const CENTURY = 100 * 366 * 86_400;

/** Activations that say the same make experiments that may share a statement. */
export function activationKey(activation: Activation | null | undefined): unknown {
  return activation == null
    ? null
    : [activation.measure.source, activation.measure.where?.text ?? null, activation.within];
}

/** The rows that may activate a unit, as `f`. */
function qualifyingRows(scope: Scope, { measure, within }: Activation): Sql {
  const window = { delay: 0, length: within ?? CENTURY };
  const source = factSource(scope.catalog, measure.source);
  return sql`(\n  ${scan(scope, source, [{ alias: 'activation', measure, window, quality: false }])}\n) as f`;
}

/** That a row (`f`) activates a unit (`x`): at or after its exposure, in time, and before the end of observation. */
function activates(scope: Scope, { within }: Activation): readonly Sql[] {
  const at = ident('f', '__at');
  const exposedAt = ident('x', '__exposed_at');
  return [
    sql`${ident('f', '__unit')} = ${ident('x', '__unit')}`,
    sql`${at} >= ${exposedAt}`,
    ...(within === null ? [] : [sql`${at} < ${scope.dialect.plusSeconds(exposedAt, within)}`]),
    sql`${at} < ${boundSql(scope, 'observedUntil', ident('x', '__observed_until'))}`,
  ];
}

const renamed = (columns: readonly string[]): Sql =>
  join(
    columns.map((name) => as(ident(name), `__${name}`)),
    ', ',
  );

/**
 * The exposures of the units that were activated, from their activation on: `exposed_at` is the earliest row that activates the
 * unit, `enrolled_at` its first exposure. `columns` are those of the step `from`, which is read once.
 */
export function activatedStep(scope: Scope, activation: Activation, from: string, columns: readonly string[]): Step {
  const key = [...scope.keys, 'unit'];
  const attributes = columns.filter((name) => !key.includes(name) && name !== 'exposed_at');
  const read = (name: string) => ident('x', `__${name}`);
  return {
    name: 'activated',
    comment: 'the units that were activated, from then on',
    query: sql`select\n  ${list([
      ...key.map((name) => as(read(name), name)),
      as(sql`min(${ident('f', '__at')})`, 'exposed_at'),
      as(sql`min(${read('exposed_at')})`, 'enrolled_at'),
      ...attributes.map((name) => as(sql`any_value(${read(name)})`, name)),
    ])}\nfrom (select ${renamed(columns)} from ${ident(from)}) as x\njoin ${qualifyingRows(scope, activation)} on ${and(activates(scope, activation))}\ngroup by ${join(key.map(read), ', ')}`,
  };
}

/** Units and dropped rows by fate once more: those that would be analysed and were not activated have a fate of their own. */
export function activatedFates(scope: Scope, activation: Activation, from: string, columns: readonly string[]): Step {
  const many = scope.keys.length > 0;
  const read = (name: string) => ident('x', `__${name}`);
  const fate = sql`case when ${read('fate')} is null and count(${ident('f', '__at')}) = 0 then 'NOT_ACTIVATED' else ${read('fate')} end`;
  const bounds = many
    ? sql`, ${as(ident('b', BOUND_COLUMNS.observedUntil), `__${BOUND_COLUMNS.observedUntil}`)}`
    : sql``;
  const bounded = many
    ? sql` as s join (select distinct "experiment" as "of_experiment", ${ident(BOUND_COLUMNS.observedUntil)} from configured) as b on ${ident('s', 'experiment')} = ${ident('b', 'of_experiment')}`
    : sql``;
  return {
    name: 'activated',
    comment: 'the same, and whether the units that are left were activated',
    query: sql`select\n  ${list(columns.map((name) => as(name === 'fate' ? fate : read(name), name)))}\nfrom ${qualifyingRows(scope, activation)}\nright join (select ${renamed(columns)}${bounds} from ${ident(from)}${bounded}) as x on ${and([sql`${read('fate')} is null`, ...activates(scope, activation)])}\ngroup by ${join(columns.map(read), ', ')}`,
  };
}
