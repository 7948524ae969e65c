import { bind, ident, join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { as, list, type Step, statement } from '../../sql/statement.ts';
import type { Model, ModelColumn, ModelContext } from '../model.ts';
import { type SeriesColumns, type SeriesRows, seriesRows } from './series-rows.ts';
import { AS_OF, asOfSql, EXPERIMENT, METRIC, nothing, VARIANT, VERSION, wholeSql } from './shared-columns.ts';
import { experimentSql, namedArms, united } from './shared-scopes.ts';
import { sourcesRead } from './sources-read.ts';

/** Numbers that add up over days, and those of a metric; a ratio has two variables. */
const SUMMED: readonly { readonly name: string; of(metric: SeriesColumns): string | undefined }[] = [
  { name: 'units', of: ({ units }) => units },
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
  {
    name: 'date',
    type: 'DATE',
    description: "The day, of the experiment's time zone, that the numbers are as of the end of.",
  },
  {
    name: 'slice_dimension',
    type: 'STRING',
    nullable: true,
    description: 'Dimension of the slice; null: the whole population.',
  },
  { name: 'slice_value', type: 'STRING', nullable: true, description: 'Its value.' },
  {
    name: 'units',
    type: 'INTEGER',
    description: 'Units that count so far: mature ones, where the metric has a window.',
  },
  { name: 'pivot_0', type: 'FLOAT', description: 'What is taken from each value before it is summed.' },
  {
    name: 'pivot_1',
    type: 'FLOAT',
    ...OF_RATIOS,
    description: 'The same of the denominator; null: the metric is no ratio.',
  },
  {
    name: 'sum_0',
    type: 'FLOAT',
    description: "Sum of the units' values, as capped, less `pivot_0`; a ratio's numerators.",
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

/**
 * What each arm came to through the end of each day, whole population. A day has rows for all arms of an experiment and metric or
 * for none: then nothing happened, and the numbers are those of the last day before that has any. Sums are plain, about 0.
 */
export const metricTimeline: Model = {
  name: 'metric_timeline',
  materialization: 'table',
  description:
    'Units, sums and products of each metric and arm so far, by day; days on which nothing was added to an experiment are left out.',
  columns: () => COLUMNS,
  key: ['experiment', 'metric', 'variant', 'slice_dimension', 'slice_value', 'date'],
  uses: [],
  sources: sourcesRead,
  select: (context) =>
    united(
      context,
      COLUMNS,
      seriesRows(context).map((rows) => cumulative(context, rows)),
    ),
};

function cumulative(context: ModelContext, { scope, steps, from, metrics }: SeriesRows): Sql {
  const { dialect } = context;
  const arms = Math.max(...scope.populations.map(({ experiment }) => experiment.variants.length));
  const numbers = (count: number) => listOf(Array.from({ length: count }, (_, i) => trusted(String(i + 1))));
  const summed = SUMMED.filter(({ of }) => metrics.some((metric) => of(metric) !== undefined));
  const item = (items: readonly Sql[]) => sql`(${listOf(items)})[m."place"]`;
  const read = (metric: SeriesColumns, name: string | undefined): Sql => {
    if (name === undefined) return sql`cast(null as double)`;
    const value = sql`coalesce(${dialect.double(ident('r', name), 'FLOAT')}, 0e0)`;
    if (metric.experiments.length === scope.populations.length) return value;
    return sql`case when ${ident('r', 'experiment')} in (${join(metric.experiments.map(bind), ', ')}) then ${value} end`;
  };
  const key = ['experiment', 'metric', 'version', 'date', 'arm'].map((name) => ident(name));
  const over = sql`over (partition by ${join([ident('experiment'), ident('metric'), ident('arm')], ', ')} order by "date" rows between unbounded preceding and current row)`;
  const own: readonly Step[] = [
    {
      name: 'listed_days',
      comment: 'what a day adds to an arm as lists, one item a metric',
      query: sql`select\n  ${list([
        experimentSql(scope),
        ident('r', 'arm'),
        as(ident('r', 'period'), 'date'),
        ...summed.map(({ name, of }) => as(listOf(metrics.map((metric) => read(metric, of(metric)))), name)),
      ])}\nfrom ${ident(from)} as r\nwhere ${ident('r', 'period')} is not null`,
    },
    {
      name: 'days',
      comment: 'one row a metric, day and arm, those too that nothing was added to that day',
      query: sql`select\n  ${list([
        ident('g', 'experiment'),
        as(item(metrics.map(({ metric }) => dialect.text(bind(metric)))), 'metric'),
        as(item(metrics.map(({ version }) => wholeSql(version))), 'version'),
        as(item(metrics.map(({ sums }) => trusted(String(sums.length > 1)))), 'is_ratio'),
        ident('g', 'date'),
        as(sql`cast(a."number" - 1 as smallint)`, 'arm'),
        ...summed.map(({ name }) =>
          as(sql`case when ${ident('g', 'arm')} = a."number" - 1 then ${ident('g', name)}[m."place"] end`, name),
        ),
      ])}\nfrom listed_days as g\ncross join unnest(${numbers(metrics.length)}) as m("place")\ncross join unnest(${numbers(arms)}) as a("number")\nwhere ${ident('g', 'units')}[m."place"] is not null`,
    },
    {
      name: 'added',
      comment: 'what each day adds',
      query: sql`select\n  ${list([
        ...key,
        ident('is_ratio'),
        ...summed.map(({ name }) => as(sql`coalesce(sum(${ident(name)}), 0e0)`, name)),
      ])}\nfrom days\ngroup by ${join([...key, ident('is_ratio')], ', ')}`,
    },
    {
      name: 'so_far',
      comment: 'what all days came to by the end of each',
      query: sql`select\n  ${list([
        ...key,
        ident('is_ratio'),
        ...summed.map(({ name }) => as(sql`sum(${ident(name)}) ${over}`, name)),
      ])}\nfrom added`,
    },
  ];
  const has = (name: string) => summed.some((one) => one.name === name);
  const number = (name: string): Sql => {
    if (name === 'units') return sql`cast(${ident('r', name)} as bigint)`;
    const value = name.startsWith('pivot_') ? sql`0e0` : ident('r', name);
    if (!name.includes('1')) return value;
    return has(name.replace('pivot', 'sum')) ? sql`case when ${ident('r', 'is_ratio')} then ${value} end` : NONE;
  };
  const numeric = COLUMNS.slice(
    COLUMNS.findIndex(({ name }) => name === 'units'),
    -1,
  );
  const select = sql`select\n  ${list([
    ...['experiment', 'metric', 'version'].map((name) => ident('r', name)),
    ident('c', 'variant'),
    ident('r', 'date'),
    ...['slice_dimension', 'slice_value'].map((name) => as(nothing(context, 'STRING'), name)),
    ...numeric.map(({ name }) => as(number(name), name)),
    asOfSql(context),
  ])}\nfrom ${namedArms(scope, 'so_far')}`;
  return statement([...steps, ...own], select, dialect.reuse);
}

const NONE = sql`cast(null as double)`;
const listOf = (items: readonly Sql[]): Sql => sql`array[${join(items, ', ')}]`;
