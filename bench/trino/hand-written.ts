import type { Engine, QueryResult } from '../../src/engine/engine.ts';
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
} from '../recipes.ts';

/**
 * What a good analyst would write by hand for these metrics on Trino, with the semantics of bench/hand-written.ts. Trino
 * computes a common table expression anew for each reference, so the forms differ in what they read twice:
 *
 * - `inner`: one row a unit with events; n from a second look at the assignments; the cap from the values gathered in arrays
 * - `right`: one row an exposed unit; everything is read once
 * - `text`: `inner` with variants as text, as most would write it
 * - `caps`: `inner` with the cap in an expression of its own, joined back: the events are read twice
 * - `long`: one row a unit and event; a ratio of two events joins the two, which reads the events twice more
 * - `pivot`: one row a unit and event, then one a unit
 */
export const FORMS = ['inner', 'right', 'text', 'caps', 'long', 'pivot'] as const;
export type Form = (typeof FORMS)[number];

export interface HandWritten {
  readonly sql: string;
  run(engine: Engine): Promise<{ readonly result: QueryResult; readonly statistics: Statistics }>;
}

const ARMS = ['control', 't1', 't2'];
const START = "timestamp '2026-03-01 00:00:00'";
const END = "timestamp '2026-03-15 00:00:00'";
const PERCENTILE = 0.99;

export function handWritten(metrics: readonly string[], form: Form): HandWritten {
  const needs = needsOf(metrics);
  const sql = form === 'long' ? longSql(needs) : wideSql(needs, form);
  const decode = form === 'long' ? decodeLong : decodeWide;
  return {
    sql,
    run: async (engine) => {
      const result = await engine.query({ sql, parameters: [] });
      // An arm without events has nulls.
      const rows = result.rows.map((row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, v ?? 0])));
      return { result, statistics: decode(needs, rows as readonly Row[]) };
    },
  };
}

/** The variant as a small number wherever units are grouped, but in the form that does without. */
function exposures(form: Form): string {
  const arm =
    form === 'text'
      ? 'variant'
      : `case variant ${ARMS.map((name, i) => `when '${name}' then smallint '${i}'`).join(' ')} end`;
  return `exposed as (
  select user_id, min(arm) as arm, min(assigned_at) as t0
  from (
    select user_id, assigned_at, ${arm} as arm
    from experiment_assignments
    where experiment_id = 'exp_focus' and variant in (${ARMS.map((name) => `'${name}'`).join(', ')})
      and assigned_at >= ${START} and assigned_at < ${END}
  )
  group by user_id
  having min(arm) = max(arm)
)`;
}

const UNITS = 'n as (select arm, count(*) as n from exposed group by arm)';

const variantOf = (form: Form, arm: string) =>
  form === 'text' ? arm : `case ${arm} ${ARMS.map((name, i) => `when ${i} then '${name}'`).join(' ')} end`;

function eventsWhere({ events }: Needs): string {
  const only =
    events.length === EVENT_NAMES ? '' : ` and event_name in (${events.map((name) => `'${name}'`).join(', ')})`;
  return `event_at >= ${START} and event_at < ${END}${only}`;
}

const column = ({ of, event }: Side) => `${of}_${event}`;

/** Where the values of an arm's units, gathered as `kept`, are cut at the percentile of all arms' values. */
const CAPPED_IN_ARRAYS = `pooled as (select *, array_sort(flatten(array_agg(kept) over ())) as sorted from s),
cap as (select *, ${percentileOf('sorted')} as cap from pooled),
capped as (
  select *,
    reduce(kept, 0e0, (total, x) -> total + least(x, cap), total -> total) as w,
    reduce(kept, 0e0, (total, x) -> total + least(x, cap) * least(x, cap), total -> total) as ww
  from cap
)`;

/** Linear between the neighbours. */
function percentileOf(sorted: string): string {
  const h = `${PERCENTILE}e0 * (cardinality(${sorted}) - 1)`;
  const at = (round: string) => `element_at(${sorted}, cast(${round}(${h}) as integer) + 1)`;
  return `${at('floor')} + (${at('ceiling')} - ${at('floor')}) * (${h} - floor(${h}))`;
}

const gathered = (where: string, value: string) => `array_agg(${value}) filter (where ${where}) as kept`;

/** One column a sum. */
function wideSql(needs: Needs, form: Exclude<Form, 'long'>): string {
  const { recipes, capped } = needs;
  const byCap = capped && form === 'caps';
  const sums = recipes.flatMap(([metric, recipe]): readonly (readonly [string, string | null])[] => {
    const name = (sum: string) => `${metric}_${sum}`;
    if (recipe.kind === 'converted') return [[name('s0'), `count(*) filter (where count_${recipe.event} > 0)`]];
    if (recipe.kind === 'total') {
      if (recipe.capped && !byCap)
        return [
          [name('s0'), null],
          [name('p00'), null],
        ];
      const x = recipe.capped ? `least(${column(recipe.side)}, cap)` : column(recipe.side);
      return [
        [name('s0'), `sum(${x})`],
        [name('p00'), `sum(${x} * ${x})`],
      ];
    }
    const [n, d] = [column(recipe.numerator), column(recipe.denominator)];
    return [
      [name('s0'), `sum(${n})`],
      [name('s1'), `sum(${d})`],
      [name('p00'), `sum(${n} * ${n})`],
      [name('p10'), `sum(${n} * ${d})`],
      [name('p11'), `sum(${d} * ${d})`],
    ];
  });
  const inArrays = capped && !byCap;
  const columns = [
    ...sums.flatMap(([name, sum]) => (sum === null ? [] : [`${sum} as ${name}`])),
    ...(inArrays ? [gathered('value_purchase <> 0', 'value_purchase')] : []),
  ];
  const everyUnit = form === 'right';
  const last = inArrays ? 'capped' : 's';
  const answered = sums.map(([name, sum]) => (sum === null ? `${name.endsWith('s0') ? 'w' : 'ww'} as ${name}` : name));
  const steps = [
    exposures(form),
    ...unitSteps(needs, form),
    ...(byCap
      ? [
          `cap as (
  select ${percentileOf('sorted')} as cap
  from (select array_sort(array_agg(value_purchase) filter (where value_purchase <> 0)) as sorted from u)
)`,
        ]
      : []),
    `s as (
  select arm${everyUnit ? ', count(*) as n' : ''}, ${columns.join(', ')}
  from u${byCap ? ' cross join cap' : ''}
  group by arm
)`,
    ...(inArrays ? [CAPPED_IN_ARRAYS] : []),
    ...(everyUnit ? [] : [UNITS]),
  ];
  const from = everyUnit ? `${last} as a` : `n as a left join ${last} on ${last}.arm = a.arm`;
  return `with ${steps.join(',\n')}
select ${variantOf(form, 'a.arm')} as variant, n, ${answered.join(', ')}
from ${from}
order by variant`;
}

/** `u`: one row a unit. */
function unitSteps(needs: Needs, form: Exclude<Form, 'long'>): readonly string[] {
  const { sides } = needs;
  if (form === 'pivot') {
    const columns = sides.map(
      (side) => `max(case when event_name = '${side.event}' then ${letter(side)} end) as ${column(side)}`,
    );
    return [
      perUnitAndEvent(needs),
      `u as (
  select user_id, any_value(arm) as arm, ${columns.join(', ')}
  from ue
  group by user_id
)`,
    ];
  }
  const columns = sides.map((side) => {
    const where = `filter (where event_name = '${side.event}')`;
    return `${side.of === 'count' ? `cast(count(*) ${where} as double)` : `sum(value) ${where}`} as ${column(side)}`;
  });
  const events = `(select * from user_events where ${eventsWhere(needs)}) as e`;
  return [
    `u as (
  select x.user_id, any_value(x.arm) as arm, ${columns.join(', ')}
  from ${events} ${form === 'right' ? 'right ' : ''}join exposed as x on e.user_id = x.user_id and e.event_at >= x.t0
  group by x.user_id
)`,
  ];
}

/** `ue`: one row a unit and event. */
function perUnitAndEvent(needs: Needs): string {
  return `ue as (
  select e.user_id, event_name, any_value(arm) as arm, cast(count(*) as double) as c, sum(value) as v
  from user_events as e join exposed as x on e.user_id = x.user_id and e.event_at >= x.t0
  where ${eventsWhere(needs)}
  group by e.user_id, event_name
)`;
}

/** One row a variant and event. */
function longSql(needs: Needs): string {
  const { recipes, capped } = needs;
  const cross = recipes.flatMap(([metric, recipe]) =>
    recipe.kind === 'ratio' && recipe.numerator.event !== recipe.denominator.event ? [{ metric, ...recipe }] : [],
  );
  const sums = [
    'count(*) as units, sum(c) as c, sum(c * c) as cc, sum(v) as v, sum(v * v) as vv, sum(v * c) as vc',
    ...(capped ? [gathered("event_name = 'purchase' and v <> 0", 'v')] : []),
  ];
  const last = capped ? 'capped' : 's';
  const steps = [
    exposures('long'),
    perUnitAndEvent(needs),
    `s as (select arm, event_name, ${sums.join(', ')} from ue group by arm, event_name)`,
    ...(capped ? [CAPPED_IN_ARRAYS] : []),
    ...cross.map(
      ({ metric, numerator, denominator }) => `${metric} as (
  select a.arm, sum(a.${letter(numerator)} * b.${letter(denominator)}) as ${metric}
  from ue as a join ue as b on a.user_id = b.user_id
  where a.event_name = '${numerator.event}' and b.event_name = '${denominator.event}'
  group by a.arm
)`,
    ),
    UNITS,
  ];
  const columns = ['event_name', 'units', 'c', 'cc', 'v', 'vv', 'vc', ...(capped ? ['w', 'ww'] : [])];
  const crossed = cross.map(({ metric }) => `\nleft join ${metric} on ${metric}.arm = n.arm`).join('');
  return `with ${steps.join(',\n')}
select ${variantOf('long', 'n.arm')} as variant, n, ${[...columns, ...cross.map(({ metric }) => metric)].join(', ')}
from n
left join ${last} on ${last}.arm = n.arm${crossed}
order by variant, event_name`;
}
