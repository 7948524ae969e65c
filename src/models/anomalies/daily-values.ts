import { isBinary } from '../../metric-types/metric-type.ts';
import { METRIC_KINDS } from '../../metric-types/registry.ts';
import { ident, join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { as, list, type Step } from '../../sql/statement.ts';
import type { ModelContext } from '../model.ts';
import { listed } from '../results/listed.ts';
import { formulaSteps } from '../statistics/formula.ts';
import type { MomentColumns } from '../statistics/moments.ts';
import { meanSample, proportionSample, ratioSample } from '../statistics/samples.ts';
import { dailyMetrics } from './daily-metrics.ts';
import { LISTS } from './series-lists.ts';

/** What tells series apart; of all variants together, `variant` is null. */
export const SERIES_KEY = ['experiment', 'metric', 'version', 'variant'] as const;

const ADDED = ['at_risk', 'active', 'sum_0', 'sum_1', 'product_00', 'product_10', 'product_11'] as const;
const zero = sql`0e0`;
const MOMENTS: MomentColumns = {
  units: ident('units'),
  pivots: [zero, zero],
  sums: [ident('sum_0'), ident('sum_1')],
  products: [[ident('product_00')], [ident('product_10'), ident('product_11')]],
};

/**
 * Steps from `metric_days` to one row a series, of each variant and of all together: lists of the metric's value by day, its standard
 * error, and of the units under observation and of those that did something (`valuesOf` of daily series).
 */
export function seriesSteps({ catalog, dialect, ref }: ModelContext): readonly Step[] {
  const key = SERIES_KEY.map((name) => ident(name));
  const dates = [ident('date'), ident('start_at'), ident('end_at')];
  const rows = new Map(
    dailyMetrics(catalog).map(({ metric }) => {
      const { estimator } = METRIC_KINDS[metric.type];
      const own = estimator === 'MEAN' && isBinary(metric.variables[0]!) ? 'PROPORTION' : estimator;
      return [`${metric.metric} ${metric.number}`, [metric.metric, metric.number, own]];
    }),
  );
  const samples = {
    MEAN: meanSample('mean_of_day', MOMENTS, dialect),
    PROPORTION: proportionSample('share_of_day', MOMENTS, dialect),
    RATIO: ratioSample('ratio_of_day', MOMENTS, dialect),
  };
  const estimators = Object.entries(samples);
  const choose = (column: 'n' | 'mean' | 'variance') =>
    sql`case "estimator" ${join(
      estimators.map(([name, { columns }]) => sql`when '${trusted(name)}' then ${columns[column]}`),
      ' ',
    )} end`;
  const valued = formulaSteps(
    'sampled_days',
    ident('counted_days'),
    estimators.flatMap(([, { definitions }]) => definitions),
    [
      ...[...key, ...dates, ident('estimator'), ident('at_risk'), ident('active')],
      ...estimators.flatMap(([, { columns }]) => [columns.n, columns.mean, columns.variance]),
    ],
  );
  const inOrder = (value: Sql, name: string) => as(sql`array_agg(${value} order by "date")`, name);
  const double = (name: string) => sql`cast(${ident(name)} as double)`;
  const nameOf = ({ pieces }: Sql) => String(pieces[0]).slice(1, -1);
  return [
    {
      name: 'estimators',
      comment: 'how the value of each metric is told from sums',
      query: listed(
        dialect,
        [
          { name: 'metric', type: 'STRING' },
          { name: 'version', type: 'INTEGER' },
          { name: 'estimator', type: 'STRING' },
        ],
        [...rows.values()],
      ),
    },
    {
      name: 'pooled_days',
      comment: 'the days of each variant, and of all variants together',
      query: sql`select\n  ${list([...key, ...dates, ...ADDED.map((name) => as(sql`sum(${ident(name)})`, name))])}\nfrom ${ref('metric_days')}\ngroup by grouping sets ((${join([...key, ...dates], ', ')}), (${join([...key.slice(0, -1), ...dates], ', ')}))`,
    },
    {
      name: 'counted_days',
      comment: 'the units that each value is of: those under observation, idle ones too',
      query: sql`select d.*, e."estimator", case when d."at_risk" > d."active" then d."at_risk" else d."active" end as "units"\nfrom pooled_days as d\njoin estimators as e on e."metric" = d."metric" and e."version" = d."version"`,
    },
    ...valued,
    {
      name: 'valued_days',
      comment: 'and its standard error',
      query: sql`select\n  ${list([
        ...key,
        ...dates,
        ident('at_risk'),
        ident('active'),
        as(choose('mean'), 'value'),
        as(sql`sqrt(case when ${choose('variance')} >= 0e0 then ${choose('variance')} / ${choose('n')} end)`, 'error'),
      ])}\nfrom sampled_days`,
    },
    {
      name: 'series',
      comment: 'one row a series, its days as lists',
      query: sql`select\n  ${list([
        ...key,
        ...dates.map((date) => inOrder(date, `${nameOf(date)}s`)),
        inOrder(ident('value'), nameOf(LISTS.value)),
        inOrder(ident('error'), nameOf(LISTS.error)),
        inOrder(double('at_risk'), nameOf(LISTS.atRisk)),
        inOrder(double('active'), nameOf(LISTS.active)),
      ])}\nfrom valued_days\ngroup by ${join(key, ', ')}`,
    },
  ];
}
