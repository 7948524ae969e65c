import type { Experiment, MetricVersion } from '../../catalog/catalog.ts';
import { maturesAfter } from '../../metric-types/metric-type.ts';
import { sql } from '../../sql/sql.ts';
import { and } from '../../sql/statement.ts';
import { dimensionType } from '../filter.ts';
import type { MomentsQuestion } from '../question.ts';
import { assignmentSource } from '../scope.ts';
import { decodeBuiltMoments } from './decode-built-moments.ts';
import { NotBuilt } from './not-built.ts';
import { columnList, isBuiltPopulation, isOneOf, type TableReader } from './table-reader.ts';

const TOLD: ReadonlySet<MomentsQuestion['needs'][number]> = new Set(['products', 'covariates', 'capping']);
const MOST_VARIABLES = 5;
/** Those that are no covariates. */
const OWN_VARIABLES = 2;

const indices = (count: number) => Array.from({ length: count }, (_, i) => i);
const products = (count: number) => indices(count).flatMap((i) => indices(i + 1).map((j) => `product_${i}${j}`));

const COLUMNS: readonly string[] = [
  ...['experiment', 'metric', 'version', 'variant', 'slice_dimension', 'slice_value'],
  ...['exposed', 'units', 'units_with_before'],
  ...indices(MOST_VARIABLES).flatMap((i) => [`pivot_${i}`, `sum_${i}`]),
  ...products(MOST_VARIABLES),
  ...['lower', 'upper', 'least', 'greatest', 'capped_units'],
  ...indices(OWN_VARIABLES).map((i) => `uncapped_sum_${i}`),
  ...products(OWN_VARIABLES).map((name) => `uncapped_${name}`),
];

/** Scorecards, whole or by one dimension, from `metric_moments`. Caps of rows, and quantiles, are read from raw sources. */
export const momentsReader: TableReader<'moments'> = {
  kind: 'moments',
  model: 'metric_moments',
  covers: ({ population, metric, maturity, needs, sliceBy, strata }, catalog, asOf) =>
    isBuiltPopulation(population, catalog, asOf) &&
    isDeclared(population.experiment, metric) &&
    metric.quantile == null &&
    metric.cap?.per !== 'event' &&
    (maturity === 'REQUIRED' || maturesAfter(metric) === null) &&
    needs.every((need) => TOLD.has(need)) &&
    (strata ?? null) === null &&
    // Engines print other types each in its own way.
    sliceBy.every((name) => dimensionType(assignmentSource(catalog, population.experiment), name) === 'STRING') &&
    sliceBy.length <= 1,
  select: (from, questions) => {
    const dimensions = questions.flatMap(({ sliceBy }) => sliceBy);
    const whole = sql`"slice_dimension" is null`;
    const sliced = dimensions.length === 0 ? whole : sql`(${whole} or ${isOneOf('slice_dimension', dimensions)})`;
    const where = and([
      isOneOf(
        'experiment',
        questions.map(({ population }) => population.experiment.key),
      ),
      isOneOf(
        'metric',
        questions.map(({ metric }) => metric.metric),
      ),
      sliced,
    ]);
    return sql`-- sums over the units of each arm, from the table of the models
select ${columnList(COLUMNS)}
from ${from}
where ${where}
order by ${columnList(['experiment', 'metric', 'version', 'slice_dimension', 'slice_value', 'variant'])}`;
  },
  answer: (question, rows) => {
    const { population, metric, sliceBy } = question;
    const own = rows.filter(
      (row) =>
        row.experiment === population.experiment.key &&
        row.metric === metric.metric &&
        Number(row.version) === metric.number &&
        (row.slice_dimension ?? null) === (sliceBy[0] ?? null),
    );
    if (own.length === 0)
      throw new NotBuilt(`version ${metric.number} of ${metric.metric} in ${population.experiment.key}`);
    return decodeBuiltMoments(question, own);
  },
};

/** Built are the metrics of an experiment's roles. */
function isDeclared({ metrics }: Experiment, { metric }: MetricVersion): boolean {
  return metrics.some((one) => one.metric === metric);
}
