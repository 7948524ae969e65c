import type { DuckDBConnection } from '@duckdb/node-api';
import {
  decodeLong,
  decodeWide,
  EVENT_NAMES,
  letter,
  type Needs,
  needsOf,
  type Row,
  type Side,
  type Statistics,
} from './recipes.ts';

/**
 * What a good analyst would write by hand for these metrics on DuckDB: one pass over the events, nothing computed twice,
 * nothing that the question does not need. Same semantics as ours:
 *
 * - a unit's exposure is its first assignment to a configured variant in [start, end); units in two variants do not count
 * - events count in [exposure, end); every exposed unit counts, with 0 where it has no events
 * - a cap is the 99th percentile of the values that are not 0, of all variants together
 *
 * Units without events add nothing to any sum, so the events are joined to the exposures and n is counted apart. Two forms
 * compete, and the faster one is what we compare with: `long` has a row a unit and event, `wide` one a unit.
 */
export type Form = 'long' | 'wide';

export interface HandWritten {
  readonly sql: string;
  run(connection: DuckDBConnection): Promise<Statistics>;
}

const START = "timestamp '2026-03-01'";
const END = "timestamp '2026-03-15'";

// The enum keeps the hash tables narrow: a variant is one byte in them and not a text.
const EXPOSED = `exposed as materialized (
  select user_id, min(variant)::enum('control', 't1', 't2') as variant, min(assigned_at) as t0
  from experiment_assignments
  where experiment_id = 'exp_focus' and variant in ('control', 't1', 't2') and assigned_at >= ${START} and assigned_at < ${END}
  group by user_id
  having min(variant) = max(variant)
)`;
const UNITS = 'n as (select variant, count(*) as n from exposed group by variant)';

function eventsWhere({ events }: Needs): string {
  const only =
    events.length === EVENT_NAMES ? '' : ` and event_name in (${events.map((name) => `'${name}'`).join(', ')})`;
  return `event_at >= t0 and event_at >= ${START} and event_at < ${END}${only}`;
}

export function handWritten(metrics: readonly string[], form: Form): HandWritten {
  const needs = needsOf(metrics);
  const { sql, decode } = form === 'long' ? long(needs) : wide(needs);
  return {
    sql,
    run: async (connection) => decode((await connection.runAndReadAll(sql)).getRowObjects().map(plain)),
  };
}

/** Counts come as bigint, an arm without events as null. */
function plain(row: Record<string, unknown>): Row {
  const simple = ([name, cell]: [string, unknown]) => [name, typeof cell === 'string' ? cell : Number(cell ?? 0)];
  return Object.fromEntries(Object.entries(row).map(simple));
}

/** One row a unit, one column an event. */
function wide(needs: Needs) {
  const { recipes, sides, capped } = needs;
  const column = ({ of, event }: Side) => `${of}_${event}`;
  const columns = sides.map((side) => {
    const where = `filter (event_name = '${side.event}')`;
    return `${side.of === 'count' ? `count(*) ${where}::double` : `coalesce(sum(value) ${where}, 0)`} as ${column(side)}`;
  });
  const sums = recipes.flatMap(([metric, recipe]) => {
    if (recipe.kind === 'converted') return [`count(*) filter (count_${recipe.event} > 0) as ${metric}_s0`];
    if (recipe.kind === 'total') {
      const x = recipe.capped ? `least(${column(recipe.side)}, cap)` : column(recipe.side);
      return [`sum(${x}) as ${metric}_s0`, `sum(${x} * ${x}) as ${metric}_p00`];
    }
    const n = column(recipe.numerator);
    const d = column(recipe.denominator);
    return [
      `sum(${n}) as ${metric}_s0`,
      `sum(${d}) as ${metric}_s1`,
      `sum(${n} * ${n}) as ${metric}_p00`,
      `sum(${n} * ${d}) as ${metric}_p10`,
      `sum(${d} * ${d}) as ${metric}_p11`,
    ];
  });
  const sql = `with ${EXPOSED},
u as materialized (
  select e.user_id, any_value(variant) as variant, ${columns.join(', ')}
  from user_events e join exposed using (user_id)
  where ${eventsWhere(needs)}
  group by e.user_id
),${capped ? '\ncaps as (select quantile_cont(value_purchase, 0.99) filter (value_purchase <> 0) as cap from u),' : ''}
${UNITS},
s as (select variant, ${sums.join(', ')} from u${capped ? ', caps' : ''} group by variant)
select variant::varchar as variant, n.n, s.* exclude (variant) from n left join s using (variant) order by variant`;
  const decode = (rows: readonly Row[]) => decodeWide(needs, rows);
  return { sql, decode };
}

/** One row a unit and event; a ratio of two events joins the two. */
function long(needs: Needs) {
  const { recipes, sides, capped } = needs;
  const valued = sides.some(({ of }) => of === 'value');
  const cross = recipes.flatMap(([metric, recipe]) =>
    recipe.kind === 'ratio' && recipe.numerator.event !== recipe.denominator.event ? [{ metric, ...recipe }] : [],
  );
  const sums = ['count(*) as units, sum(c) as c, sum(c * c) as cc'];
  if (valued) sums.push('sum(v) as v, sum(v * v) as vv, sum(v * c) as vc');
  if (capped) sums.push('sum(least(v, cap)) as w, sum(least(v, cap) * least(v, cap)) as ww');
  const sql = `with ${EXPOSED},
ue as materialized (
  select e.user_id, event_name, any_value(variant) as variant, count(*)::double as c${valued ? ', coalesce(sum(value), 0) as v' : ''}
  from user_events e join exposed using (user_id)
  where ${eventsWhere(needs)}
  group by e.user_id, event_name
),${capped ? "\ncaps as (select quantile_cont(v, 0.99) filter (v <> 0) as cap from ue where event_name = 'purchase')," : ''}
${UNITS},
s as (select variant, event_name, ${sums.join(', ')} from ue${capped ? ', caps' : ''} group by variant, event_name)${cross
    .map(
      ({ metric, numerator, denominator }) => `,
${metric} as (
  select a.variant, sum(a.${letter(numerator)} * b.${letter(denominator)}) as ${metric}
  from ue a join ue b using (user_id)
  where a.event_name = '${numerator.event}' and b.event_name = '${denominator.event}'
  group by a.variant
)`,
    )
    .join('')}
select variant::varchar as variant, n.n, s.* exclude (variant)${cross.map(({ metric }) => `, ${metric}.${metric}`).join('')}
from n left join s using (variant)${cross.map(({ metric }) => ` left join ${metric} using (variant)`).join('')}
order by variant, event_name`;

  const decode = (rows: readonly Row[]) => decodeLong(needs, rows);
  return { sql, decode };
}
