import type { Parameter } from '../../sql/sql.ts';
import { ident, join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { as, list, type Step, statement } from '../../sql/statement.ts';
import type { Model, ModelColumn, ModelContext } from '../model.ts';
import { capsSteps } from './caps.ts';
import { type ListedColumn, listed } from './listed.ts';
import { hasMoments, isCapped, isQuantileOfUnits, type Measured, measuredMetrics } from './measured.ts';
import { quantileSteps } from './quantiles.ts';
import {
  hasCovariate,
  hasIndicator,
  layoutOf,
  MOST_VARIABLES,
  productColumn,
  type Summed,
  sumColumn,
  sumNames,
  uncapped,
  uncappedNames,
} from './summed.ts';
import { constantsOf, idleColumn, pivotColumn, sumSteps } from './sums.ts';
import { slicedDimensions, sliceNames, unitSteps, unitsAfter } from './units.ts';

const INDICES = Array.from({ length: MOST_VARIABLES }, (_, i) => i);
const PAIRS = INDICES.flatMap((i) => INDICES.slice(0, i + 1).map((j) => [i, j] as const));

/** Variables of the metric itself: its value, or numerator and denominator. */
const OWN = [0, 1];
const OWN_PAIRS = PAIRS.filter(([i]) => i < OWN.length);

const COLUMNS: readonly ModelColumn[] = [
  { name: 'experiment', type: 'STRING', description: 'Key of the experiment.' },
  { name: 'metric', type: 'STRING', description: 'Name of the metric.' },
  { name: 'version', type: 'INTEGER', description: 'Version of the metric.' },
  { name: 'variant', type: 'STRING', description: 'Key of the variant. Variants without a unit have no row.' },
  {
    name: 'slice_dimension',
    type: 'STRING',
    description: 'Dimension of the assignments that the units are sliced by; null: the whole population.',
    nullable: true,
  },
  {
    name: 'slice_value',
    type: 'STRING',
    description: 'Value of the dimension, which may be null; `(other)`: all beyond the 50 largest.',
    nullable: true,
  },
  { name: 'exposed', type: 'INTEGER', description: 'Analysed units, whether or not they count yet.' },
  {
    name: 'units',
    type: 'INTEGER',
    description: 'Units that count: mature, and with a value where the metric leaves others out.',
  },
  {
    name: 'units_with_before',
    type: 'INTEGER',
    description: 'Of those, units with rows before their assignment; null: the metric has no covariate.',
    nullable: true,
  },
  {
    name: 'lower',
    type: 'FLOAT',
    description: "Threshold of the metric's cap, of a ratio that of its numerator; null: none.",
    nullable: true,
  },
  {
    name: 'upper',
    type: 'FLOAT',
    description: "Threshold of the metric's cap, of a ratio that of its numerator; null: none.",
    nullable: true,
  },
  {
    name: 'capped_units',
    type: 'INTEGER',
    description: 'Units beyond a threshold; null: no cap, or one of rows.',
    nullable: true,
  },
  {
    name: 'least',
    type: 'FLOAT',
    description: 'Least value before capping, over all arms; null: no cap.',
    nullable: true,
  },
  {
    name: 'greatest',
    type: 'FLOAT',
    description: 'Greatest value before capping, over all arms; null: no cap.',
    nullable: true,
  },
  ...OWN.map(
    (i): ModelColumn => ({
      name: `uncapped_sum_${i}`,
      type: 'FLOAT',
      description: `As \`sum_${i}\`, of the values before capping; null: no cap, or one of rows.`,
      nullable: true,
    }),
  ),
  ...OWN_PAIRS.map(
    ([i, j]): ModelColumn => ({
      name: `uncapped_product_${i}${j}`,
      type: 'FLOAT',
      description: `As \`product_${i}${j}\`, of the values before capping; null: as \`uncapped_sum_${i}\`.`,
      nullable: true,
    }),
  ),
  ...INDICES.map(
    (i): ModelColumn => ({
      name: `pivot_${i}`,
      type: 'FLOAT',
      description: `What variable ${i} is summed about, alike in all arms and slices. Variables: value, (denominator,) the same before, 1 for a unit without rows before.`,
      nullable: true,
    }),
  ),
  ...INDICES.map(
    (i): ModelColumn => ({
      name: `sum_${i}`,
      type: 'FLOAT',
      description: `Sum of variable ${i} less its pivot.`,
      nullable: true,
    }),
  ),
  ...PAIRS.map(
    ([i, j]): ModelColumn => ({
      name: `product_${i}${j}`,
      type: 'FLOAT',
      description: `Sum of the products of variables ${i} and ${j}, each less its pivot.`,
      nullable: true,
    }),
  ),
  {
    name: 'quantile_values',
    type: 'INTEGER',
    description: 'Values that a quantile is of; null: the metric is none.',
    nullable: true,
  },
  {
    name: 'quantile_estimate',
    type: 'FLOAT',
    description: 'Sample quantile, linear between its neighbours.',
    nullable: true,
  },
  {
    name: 'quantile_lower',
    type: 'FLOAT',
    description: 'Sample quantile 1.96 standard errors of its rank below; null: too few values.',
    nullable: true,
  },
  {
    name: 'quantile_upper',
    type: 'FLOAT',
    description: 'Sample quantile 1.96 standard errors of its rank above; null: too few values.',
    nullable: true,
  },
  { name: 'as_of', type: 'DATETIME', description: 'What the numbers are as of, UTC.' },
];

/** Sufficient statistics of each metric, arm and slice: all that results are computed from. */
export const metricMoments: Model = {
  name: 'metric_moments',
  materialization: 'table',
  description:
    'Sufficient statistics of each metric, arm and slice, as capped, of the units whose outcome is complete.',
  columns: () => COLUMNS,
  key: ['experiment', 'metric', 'variant', 'slice_dimension', 'slice_value'],
  uses: ['experiment_assignments', 'metric_calculations'],
  sources: () => [],
  select(context) {
    const all = measuredMetrics(context.catalog).filter(hasMoments);
    return all.length === 0 ? noRows(context) : moments(context, all);
  },
};

function noRows({ dialect }: ModelContext): Sql {
  const none = COLUMNS.map(({ name, type }) => {
    if (type === 'DATETIME') return as(dialect.horizon, name);
    return as(
      sql`cast(null as ${trusted(type === 'STRING' ? 'varchar' : type === 'INTEGER' ? 'bigint' : 'double')})`,
      name,
    );
  });
  return sql`select ${list(none)}\nwhere false`;
}

function moments(context: ModelContext, all: readonly Measured[]): Sql {
  const { catalog, dialect } = context;
  const dimensions = slicedDimensions(catalog);
  const quantiles = all.filter(isQuantileOfUnits);
  const steps: readonly Step[] = [
    metricsStep(context, all),
    ...unitSteps(context, all),
    sliceNames(dimensions),
    ...capsSteps(context, all),
    ...sumSteps(context, all),
    linesStep(all),
    ...(quantiles.length === 0 ? [] : quantileSteps(context, all, quantiles)),
  ];
  return statement(steps, lastSelect(context, all, quantiles.length > 0), dialect.reuse);
}

/** What the statement must know of each metric. */
function metricsStep({ dialect }: ModelContext, all: readonly Measured[]): Step {
  const columns: readonly ListedColumn[] = [
    { name: 'experiment', type: 'STRING' },
    { name: 'metric', type: 'STRING' },
    { name: 'version', type: 'INTEGER' },
    { name: 'layout', type: 'STRING' },
    { name: 'after', type: 'INTEGER' },
    ...(['counts_idle', 'has_covariate', 'has_indicator', 'is_capped', 'is_summed'] as const).map(
      (name): ListedColumn => ({ name, type: 'BOOLEAN' }),
    ),
    { name: 'probability', type: 'FLOAT' },
    { name: 'stated_lower', type: 'FLOAT' },
    { name: 'stated_upper', type: 'FLOAT' },
  ];
  const stated = ({ metric: { cap } }: Measured, side: 'lower' | 'upper') => {
    const threshold = cap?.[side] ?? null;
    return threshold?.kind === 'value' ? threshold.value : null;
  };
  const rows = all.map((one): readonly Parameter[] => [
    ...[one.experiment.key, one.metric.metric, one.metric.number, layoutText(one), one.after],
    ...[one.countsIdle, hasCovariate(one), hasIndicator(one), isCapped(one), one.variables.length > 0],
    ...[one.metric.quantile?.probability ?? null, stated(one, 'lower'), stated(one, 'upper')],
  ]);
  return {
    name: 'metrics',
    comment: 'the metrics of the experiments',
    query: listed(dialect, columns, rows),
    reused: true,
  };
}

const layoutText = (one: Measured): string => layoutOf(one).join(' ');

/** One row a metric, arm and slice: of the metrics that are summed again about pivots those sums. */
function linesStep(all: readonly Measured[]): Step {
  const told = ['pass', ...sumNames(all), ...constantsOf(all)];
  const counted = unitsAfter(all, 'a');
  const over = sql`over (partition by m."experiment", m."metric")`;
  const mature = sql`case when m."counts_idle" then ${counted} else coalesce(p."rows", 0) end`;
  const inner = sql`select ${list([
    ...['experiment', 'variant', 'dimension', 'place', 'exposed'].map((name) => ident('a', name)),
    ...[
      'metric',
      'version',
      'layout',
      'counts_idle',
      'has_covariate',
      'is_capped',
      'is_summed',
      'probability',
      'stated_lower',
      'stated_upper',
    ].map((name) => ident('m', name)),
    ...[...sumNames(all), ...uncappedNames(all)].map((name) => as(sql`coalesce(p.${ident(name)}, 0)`, name)),
    ...constantsOf(all).map((name) => as(sql`max(p.${ident(name)}) ${over}`, name)),
    as(sql`p."pass"`, 'pass'),
    as(sql`max(p."pass") ${over}`, 'last_pass'),
    as(mature, 'units'),
  ])}
from arms_of_slices as a
join metrics as m on m."experiment" = a."experiment"
left join passes_of_slices as p on p."experiment" = a."experiment" and p."metric" = m."metric" and p."variant" = a."variant" and p."dimension" = a."dimension" and coalesce(p."place", 0) = coalesce(a."place", 0)`;
  return {
    name: 'lines',
    comment: `each metric of each arm and slice: ${told.length} columns of sums`,
    query: sql`select *, "units" - "rows" as "idle"\nfrom (\n${inner}\n) as l\nwhere "pass" is null or "pass" = "last_pass"`,
  };
}

function lastSelect({ dialect }: ModelContext, all: readonly Measured[], hasQuantiles: boolean): Sql {
  const l = (name: string) => ident('l', name);
  const idle = (name: Summed) => (name === 'missing' ? sql`1e0` : sql`coalesce(${l(idleColumn(name))}, 0e0)`);
  const pivot = (name: Summed) => (name === 'missing' ? sql`0e0` : sql`coalesce(${l(pivotColumn(name))}, 0e0)`);
  const sum = (name: Summed) => sql`${l(sumColumn(name))} + l."idle" * ${idle(name)}`;
  const product = (later: Summed, earlier: Summed) =>
    sql`${l(productColumn(later, earlier))} + l."idle" * (${idle(later)} * ${idle(earlier)})`;
  const bigint = (value: Sql) => sql`cast(${value} as bigint)`;
  const capped = all.some(isCapped);
  const asTheyWere = new Set(uncappedNames(all));
  const nothing = (type: string) => sql`cast(null as ${trusted(type)})`;
  const ifCapped = (type: string, value: Sql) =>
    capped ? sql`case when l."is_capped" then ${value} end` : nothing(type);
  const threshold = (side: 'lower' | 'upper') => {
    const stated = l(`stated_${side}`);
    return capped ? sql`coalesce(${l(`${side}_value`)}, ${stated})` : stated;
  };
  // A value that no row tells is a zero.
  const extreme = (name: 'minimum_value' | 'maximum_value', of: 'least' | 'greatest') => {
    const idleUnits = sql`sum(l."idle") over (partition by l."experiment", l."metric")`;
    return ifCapped(
      'double',
      sql`case when ${idleUnits} > 0 then ${trusted(of)}(coalesce(${l(name)}, 0e0), 0e0) else ${l(name)} end`,
    );
  };
  const cell = (type: string, value: (name: readonly Summed[]) => Sql | null) => byLayout(all, type, value);
  const uncappedSum = (name: Summed | undefined) => {
    if (name === undefined || !asTheyWere.has(uncapped(sumColumn(name)))) return null;
    return ifCapped('double', sql`${l(uncapped(sumColumn(name)))} - l."idle" * ${pivot(name)}`);
  };
  const uncappedProduct = (later: Summed | undefined, earlier: Summed | undefined) => {
    if (later === undefined || earlier === undefined || !asTheyWere.has(uncapped(productColumn(later, earlier))))
      return null;
    const [sum, idleOnes] = [l(uncapped(productColumn(later, earlier))), sql`(${pivot(later)} * ${pivot(earlier)})`];
    return ifCapped('double', sql`${sum} + l."idle" * ${idleOnes}`);
  };
  const order = (name: string) => (hasQuantiles ? sql`q.${ident(name)}` : nothing('double'));
  return sql`select\n  ${list([
    ...['experiment', 'metric', 'version', 'variant'].map(l),
    sql`n."slice_dimension"`,
    sql`n."slice_value"`,
    ...['exposed', 'units'].map((name) => as(bigint(l(name)), name)),
    as(sql`case when l."has_covariate" then ${bigint(l('with_before'))} end`, 'units_with_before'),
    as(threshold('lower'), 'lower'),
    as(threshold('upper'), 'upper'),
    as(ifCapped('bigint', bigint(sql`${l('capped')} + l."idle" * coalesce(l."idle_capped", 0)`)), 'capped_units'),
    as(extreme('minimum_value', 'least'), 'least'),
    as(extreme('maximum_value', 'greatest'), 'greatest'),
    ...OWN.map((i) =>
      as(
        cell('double', (layout) => uncappedSum(layout[i])),
        `uncapped_sum_${i}`,
      ),
    ),
    ...OWN_PAIRS.map(([i, j]) =>
      as(
        cell('double', (layout) => uncappedProduct(layout[i], layout[j])),
        `uncapped_product_${i}${j}`,
      ),
    ),
    ...INDICES.map((i) =>
      as(
        cell('double', (layout) => (layout[i] === undefined ? null : pivot(layout[i]))),
        `pivot_${i}`,
      ),
    ),
    ...INDICES.map((i) =>
      as(
        cell('double', (layout) => (layout[i] === undefined ? null : sum(layout[i]))),
        `sum_${i}`,
      ),
    ),
    ...PAIRS.map(([i, j]) =>
      as(
        cell('double', (layout) => (layout[i] === undefined ? null : product(layout[i], layout[j]!))),
        `product_${i}${j}`,
      ),
    ),
    as(
      hasQuantiles ? sql`case when l."probability" is not null then ${bigint(l('units'))} end` : nothing('bigint'),
      'quantile_values',
    ),
    ...(['estimate', 'lower', 'upper'] as const).map((level) => as(order(level), `quantile_${level}`)),
    as(dialect.horizon, 'as_of'),
  ])}
from lines as l
left join slices as n on n."experiment" = l."experiment" and n."dimension" = l."dimension" and n."place" = l."place"${
    hasQuantiles
      ? sql`\nleft join quantiles as q on q."experiment" = l."experiment" and q."metric" = l."metric" and q."variant" = l."variant" and q."dimension" = l."dimension" and coalesce(q."place", 0) = coalesce(l."place", 0)`
      : sql``
  }`;
}

/** A number that depends on which columns a metric has. */
function byLayout(all: readonly Measured[], type: string, value: (layout: readonly Summed[]) => Sql | null): Sql {
  const layouts = [...new Map(all.map((one) => [layoutText(one), layoutOf(one)])).entries()];
  const texts = new Map<string, { readonly value: Sql; readonly layouts: string[] }>();
  for (const [text, layout] of layouts) {
    const found = value(layout);
    if (found === null) continue;
    const key = JSON.stringify(found.pieces);
    const known = texts.get(key) ?? { value: found, layouts: [] };
    known.layouts.push(text);
    texts.set(key, known);
  }
  if (texts.size === 0) return sql`cast(null as ${trusted(type)})`;
  const arms = [...texts.values()].map(
    (one) =>
      sql`when l."layout" in (${join(
        one.layouts.map((text) => trusted(`'${text}'`)),
        ', ',
      )}) then ${one.value}`,
  );
  return sql`case ${join(arms, ' ')} end`;
}
