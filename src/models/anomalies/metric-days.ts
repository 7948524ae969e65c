import { sqlTimestamp } from '../../core/instant.ts';
import { observedDays } from '../../experiment/anomalies-daily.ts';
import { leavesUnitsOut } from '../../metric-types/metric-type.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { ident, join, type Parameter, type Sql, sql, trusted } from '../../sql/sql.ts';
import { as, list, type Step, statement } from '../../sql/statement.ts';
import type { DeclaredMetric } from '../declared.ts';
import type { Model, ModelColumn, ModelContext } from '../model.ts';
import { type ListedColumn, listed } from '../results/listed.ts';
import { AS_OF, asOfSql, EXPERIMENT, METRIC, VARIANT, VERSION } from '../tables/shared-columns.ts';
import { experimentSql, namedArms, united } from '../tables/shared-scopes.ts';
import { sourcesRead } from '../tables/sources-read.ts';
import { stopOf } from './daily-metrics.ts';
import { type DayColumns, type DaySeries, daySeries } from './day-series.ts';

/** The numbers of a day that add up over arms, and those of a metric; a ratio has two variables. */
const NUMBERS: readonly { readonly name: string; of(metric: DayColumns): string | undefined }[] = [
  { name: 'entered', of: ({ entered }) => entered },
  { name: 'active', of: ({ active }) => active },
  { name: 'sum_0', of: ({ sums }) => sums[0] },
  { name: 'sum_1', of: ({ sums }) => sums[1] },
  { name: 'product_00', of: ({ products }) => products[0]?.[0] },
  { name: 'product_10', of: ({ products }) => products[1]?.[0] },
  { name: 'product_11', of: ({ products }) => products[1]?.[1] },
];

const OF_RATIOS: Partial<ModelColumn> = { nullable: true };

const COLUMNS: readonly ModelColumn[] = [
  EXPERIMENT,
  METRIC,
  VERSION,
  VARIANT,
  { name: 'date', type: 'DATE', description: "The day, of the experiment's time zone." },
  { name: 'start_at', type: 'DATETIME', description: 'When the day begins, in UTC.' },
  { name: 'end_at', type: 'DATETIME', description: 'When the next day begins, in UTC.' },
  { name: 'entered', type: 'INTEGER', description: 'Units that count from this day on: exposed on it.' },
  {
    name: 'at_risk',
    type: 'INTEGER',
    nullable: true,
    description:
      'Units whose rows of the day could count: exposed, and their window open. null: not known, as the metric leaves units without a value out.',
  },
  { name: 'active', type: 'INTEGER', description: 'Units with rows on the day.' },
  {
    name: 'sum_0',
    type: 'FLOAT',
    description: "Sum of what the units' rows of this day alone come to; a ratio's numerators.",
  },
  {
    name: 'sum_1',
    type: 'FLOAT',
    ...OF_RATIOS,
    description: 'The same of the denominators; null: the metric is no ratio.',
  },
  { name: 'product_00', type: 'FLOAT', description: 'Sum of the squares of what `sum_0` is the sum of.' },
  {
    name: 'product_10',
    type: 'FLOAT',
    ...OF_RATIOS,
    description: 'Sum of the products of both; null: the metric is no ratio.',
  },
  {
    name: 'product_11',
    type: 'FLOAT',
    ...OF_RATIOS,
    description: 'Sum of the squares of what `sum_1` is the sum of; null: the metric is no ratio.',
  },
  AS_OF,
];

/** What happened on each day alone, in each arm: every day from the first on which anything happened to the last that is over. */
export const metricDays: Model = {
  name: 'metric_days',
  materialization: 'table',
  description:
    'What happened on each day alone, by metric and variant: all days that are over, from the first on which anything happened.',
  columns: () => COLUMNS,
  key: ['experiment', 'metric', 'variant', 'date'],
  uses: [],
  sources: sourcesRead,
  select: (context) =>
    united(
      context,
      COLUMNS,
      daySeries(context).map((series) => days(context, series)),
    ),
};

/** What the statement must know of each metric of each experiment. */
const SETTINGS: readonly ListedColumn[] = [
  { name: 'experiment', type: 'STRING' },
  { name: 'place', type: 'INTEGER' },
  { name: 'metric', type: 'STRING' },
  { name: 'version', type: 'INTEGER' },
  { name: 'arms', type: 'INTEGER' },
  { name: 'is_ratio', type: 'BOOLEAN' },
  { name: 'frame', type: 'INTEGER' },
  { name: 'stop', type: 'STRING' },
  { name: 'end', type: 'STRING' },
];

function days(context: ModelContext, series: DaySeries): Sql {
  const { dialect } = context;
  const { scope, metrics, declared, timezone } = series;
  const numbers = NUMBERS.filter(({ of }) => metrics.some((metric) => of(metric) !== undefined)).map(
    ({ name }) => name,
  );
  const frames = [...new Set(declared.flatMap((one) => frameOf(one) ?? []))].sort();
  const observed = sql`case s."frame" ${join(
    frames.map(
      (frame, i) =>
        sql`when ${trusted(String(i + 1))} then coalesce(sum(f."entered") over (${UNIT_ORDER} ${trusted(frame)}), 0e0)`,
    ),
    ' ',
  )} end`;
  const steps: readonly Step[] = [
    ...series.steps,
    settingsStep(context, series, frames),
    listedStep(context, series),
    pointsStep(dialect, numbers),
    {
      name: 'added',
      comment: 'one row a metric, arm and day on which anything happened in some arm',
      query: sql`select\n  ${list([...KEY.map((name) => ident(name)), ...numbers.map((name) => as(sql`sum(${ident(name)})`, name))])}\nfrom points\ngroup by ${join(
        KEY.map((name) => ident(name)),
        ', ',
      )}`,
    },
    ...filledSteps(dialect, timezone, numbers),
    {
      name: 'observed',
      comment: 'and the units that were under observation',
      query: sql`select\n  ${list([
        ...['metric', 'version', 'is_ratio'].map((name) => ident('s', name)),
        sql`f.*`,
        as(frames.length === 0 ? sql`cast(null as double)` : observed, 'at_risk'),
      ])}\nfrom filled as f\njoin settings as s on ${SAME_METRIC('f')}`,
    },
  ];
  const whole = (value: Sql) => sql`cast(${value} as bigint)`;
  const r = (name: string) => ident('r', name);
  const value = (name: string): Sql => {
    if (!numbers.includes(name)) return sql`cast(null as double)`;
    if (name === 'entered' || name === 'active') return whole(r(name));
    return name.includes('1') ? sql`case when r."is_ratio" then ${r(name)} end` : r(name);
  };
  const nextDay = sql`cast(${r('date')} + interval '1' day as date)`;
  const select = sql`select\n  ${list([
    ...['experiment', 'metric', 'version'].map(r),
    ident('c', 'variant'),
    r('date'),
    as(dayStart(dialect, r('date'), timezone), 'start_at'),
    as(dayStart(dialect, nextDay, timezone), 'end_at'),
    as(value('entered'), 'entered'),
    as(whole(r('at_risk')), 'at_risk'),
    ...NUMBERS.slice(1).map(({ name }) => as(value(name), name)),
    asOfSql(context),
  ])}\nfrom ${namedArms(scope, 'observed')}`;
  return statement(steps, select, dialect.reuse);
}

const KEY = ['experiment', 'place', 'arm', 'date'] as const;
const UNIT_ORDER = sql`partition by f."experiment", f."place", f."arm" order by f."date"`;
const SAME_METRIC = (alias: string): Sql =>
  sql`s."experiment" = ${ident(alias, 'experiment')} and s."place" = ${ident(alias, 'place')}`;

/** The days before a day, as a window, whose units are under observation on it; null: not known. */
function frameOf({ metric }: DeclaredMetric): string | null {
  if (metric.variables.some(leavesUnitsOut)) return null;
  const { most, least } = observedDays(metric.window);
  return `rows between ${most === null ? 'unbounded' : most} preceding and ${least} preceding`;
}

function settingsStep({ dialect }: ModelContext, { metrics, declared }: DaySeries, frames: readonly string[]): Step {
  const rows = declared.map((one): readonly Parameter[] => {
    const { experiment, metric } = one;
    const place = metrics.findIndex((own) => own.metric === metric.metric && own.version === metric.number) + 1;
    const frame = frameOf(one);
    const at = (instant: string | null) => (instant === null ? null : sqlTimestamp(instant));
    return [
      ...[experiment.key, place, metric.metric, metric.number, experiment.variants.length],
      ...[metric.variables.length > 1, frame === null ? null : frames.indexOf(frame) + 1],
      ...[at(stopOf(one)), at(experiment.end)],
    ];
  });
  return { name: 'settings', comment: 'the metrics of the experiments', query: listed(dialect, SETTINGS, rows) };
}

function listedStep({ dialect }: ModelContext, { scope, from, metrics }: DaySeries): Step {
  const read = (name: string | undefined) =>
    name === undefined ? sql`cast(null as double)` : sql`coalesce(${dialect.double(ident('r', name), 'FLOAT')}, 0e0)`;
  const numbers = NUMBERS.filter(({ of }) => metrics.some((metric) => of(metric) !== undefined));
  return {
    name: 'listed_days',
    comment: 'what happened on a day in an arm as lists, one item a metric',
    query: sql`select\n  ${list([
      experimentSql(scope),
      ident('r', 'arm'),
      as(ident('r', 'period'), 'date'),
      ...numbers.map(({ name, of }) => {
        const items = metrics.map((metric) => read(of(metric)));
        return as(sql`array[${join(items, ', ')}]`, name);
      }),
    ])}\nfrom ${ident(from)} as r`,
  };
}

function pointsStep({ arrays }: Dialect, numbers: readonly string[]): Step {
  const item = (name: string) => sql`${ident('g', name)}[s."place"]`;
  const own = (name: string) => sql`case when g."arm" = a."number" - 1 then ${item(name)} else 0e0 end`;
  return {
    name: 'points',
    comment: 'one row a metric, day and arm, those too in which nothing happened that day',
    query: sql`select\n  ${list([
      ...['experiment', 'place'].map((name) => ident('s', name)),
      ident('g', 'date'),
      as(sql`cast(a."number" - 1 as smallint)`, 'arm'),
      ...numbers.map((name) => as(own(name), name)),
    ])}\nfrom listed_days as g\njoin settings as s on s."experiment" = g."experiment"\ncross join unnest(${arrays.positions(sql`s."arms"`)}) as a("number")\nwhere ${item('entered')} <> 0e0 or ${item('active')} <> 0e0`,
  };
}

/** Days on which nothing happened have rows of their own: after each day those up to the next. */
function filledSteps(
  dialect: Dialect & { readonly horizon: Sql },
  timezone: string,
  numbers: readonly string[],
): readonly Step[] {
  const { horizon, arrays } = dialect;
  const stop = dialect.timestamp(ident('s', 'stop'));
  const dayBefore = (date: Sql) => sql`cast(${date} - interval '1' day as date)`;
  const until = sql`case when s."stop" is null or ${stop} > ${horizon} then ${horizon} else ${stop} end`;
  const goesOn = sql`"is_running" and "last_date" > "date"`;
  const next = sql`lead("date") over (partition by "experiment", "place", "arm" order by "date")`;
  const upTo = sql`coalesce(${dayBefore(next)}, case when ${goesOn} then "last_date" else "date" end)`;
  return [
    {
      name: 'bounded',
      comment: 'and until when the days go on',
      query: sql`select a.*, ${as(until, 'until')}, ${as(dialect.timestamp(ident('s', 'end')), 'end')}\nfrom added as a\njoin settings as s on ${SAME_METRIC('a')}`,
    },
    {
      name: 'dated',
      comment: 'the last day that is over, and whether days without rows come after the last one with rows',
      query: sql`select *, ${as(dayBefore(dialect.period(ident('until'), 'DAY', timezone)), 'last_date')}, coalesce("end" > "until", true) as "is_running"\nfrom bounded`,
    },
    {
      name: 'spaced',
      comment: 'each day with the last before the next that has rows',
      query: sql`select *, ${as(upTo, 'up_to')}\nfrom dated`,
    },
    {
      name: 'filled',
      comment: 'every day',
      query: sql`select * from (\n  select\n  ${list([
        ...['experiment', 'place', 'arm', 'last_date'].map((name) => ident('d', name)),
        as(sql`cast(d."date" + (k."number" - 1) * interval '1' day as date)`, 'date'),
        ...numbers.map((name) => as(sql`case when k."number" = 1 then ${ident('d', name)} else 0e0 end`, name)),
      ])}\n  from spaced as d\n  cross join unnest(${arrays.positions(sql`cast(date_diff('day', d."date", d."up_to") + 1 as bigint)`)}) as k("number")\n) as f\nwhere f."date" <= f."last_date"`,
    },
  ];
}

/** When a date begins in a zone; where its midnight comes twice, at the first of the two. */
function dayStart(dialect: Dialect, date: Sql, timezone: string): Sql {
  const start = dialect.startOfDay(date, timezone);
  const earlier = sql`(${dialect.plusSeconds(start, -HOUR)})`;
  return sql`case when ${dialect.period(earlier, 'DAY', timezone)} = ${date} then ${earlier} else ${start} end`;
}
const HOUR = 3600;
