import { ANOMALY_KINDS, ANOMALY_SCOPES } from '../../experiment/anomalies-found.ts';
import { SEVERITIES } from '../../experiment/rules/rule.ts';
import { ident, join, type Sql, sql } from '../../sql/sql.ts';
import { as, list, type Step, statement } from '../../sql/statement.ts';
import { NOT_IN_SQL } from '../decision/allocation.ts';
import type { Model, ModelColumn, ModelContext } from '../model.ts';
import { listed } from '../results/listed.ts';
import { AS_OF, asOfSql, EXPERIMENT, METRIC, nothing, VARIANT, VERSION } from '../tables/shared-columns.ts';
import { dailyMetrics, untoldMetrics } from './daily-metrics.ts';
import { seriesSteps } from './daily-values.ts';
import { DAYS_FOUND, findingSteps } from './findings.ts';
import { UNITS_FOUND, unitFindings } from './outlier-units.ts';

const COLUMNS: readonly ModelColumn[] = [
  {
    name: 'kind',
    type: 'STRING',
    nullable: true,
    values: ANOMALY_KINDS,
    description: 'What is unusual; null: SQL does not tell of the metric, see unknown.',
  },
  {
    name: 'scope',
    type: 'STRING',
    nullable: true,
    values: ANOMALY_SCOPES,
    description: 'All variants together, or one of them on days on which all together are as usual.',
  },
  { name: 'severity', type: 'STRING', nullable: true, values: SEVERITIES, description: 'How far out it is.' },
  EXPERIMENT,
  METRIC,
  VERSION,
  { ...VARIANT, nullable: true, description: 'Key of the variant; null: all of them together.' },
  { name: 'start_at', type: 'DATETIME', nullable: true, description: 'Start of its first day, in UTC.' },
  {
    name: 'end_at',
    type: 'DATETIME',
    nullable: true,
    description: 'End of its last day; null: it goes on, or is of no single days.',
  },
  {
    name: 'observed',
    type: 'FLOAT',
    nullable: true,
    description: 'Value of the day, of several days that of the farthest; of an OUTLIER_UNIT its value.',
  },
  { name: 'expected_lower', type: 'FLOAT', nullable: true, description: 'Where the value was expected: from.' },
  { name: 'expected_upper', type: 'FLOAT', nullable: true, description: 'Where the value was expected: to.' },
  {
    name: 'expected_level',
    type: 'FLOAT',
    nullable: true,
    description: 'Share of ordinary values between the two.',
  },
  {
    name: 'score',
    type: 'FLOAT',
    nullable: true,
    description:
      "Standard deviations from what was expected; of an OUTLIER_UNIT its share of the variant's total; of MISSING_DATA the units with rows that were expected a day.",
  },
  {
    name: 'unknown',
    type: 'STRING',
    nullable: true,
    values: [NOT_IN_SQL],
    description: `${NOT_IN_SQL}: days of the metric are cut at a percentile of what its units come to, and the API alone tells of them. null: the row is an anomaly.`,
  },
];

/** What is unusual in the days of metrics, and units that make up much of a total: what the API tells as anomalies. */
export const metricAnomalies: Model = {
  name: 'metric_anomalies',
  materialization: 'view',
  description:
    'What is unusual in a metric: days far from what is expected, days without rows, levels that changed, units that make up much of a total.',
  columns: () => [...COLUMNS, AS_OF],
  key: ['experiment', 'metric', 'scope', 'variant', 'kind', 'start_at'],
  uses: ['metric_days', 'metric_calculations', 'metric_moments'],
  sources: () => [],
  select: (context) => {
    const { catalog, dialect } = context;
    const hasDays = dailyMetrics(catalog).length > 0;
    const steps: readonly Step[] = [
      ...(hasDays ? [...seriesSteps(context), ...findingSteps(dialect)] : []),
      ...unitFindings(context),
      untoldStep(context),
    ];
    const from = (step: string, has: readonly string[]) => partOf(context, step, has);
    const parts = [
      ...(hasDays ? [from(DAYS_FOUND, OF_DAYS)] : []),
      from(UNITS_FOUND, OF_UNITS),
      from(UNTOLD, ['experiment', 'metric', 'version', 'unknown']),
    ];
    return statement(steps, join(parts, '\nunion all\n'), dialect.reuse);
  },
};

const OF_DAYS = COLUMNS.map(({ name }) => name).filter((name) => name !== 'unknown');
const OF_UNITS = OF_DAYS.filter((name) => name !== 'end_at' && !name.startsWith('expected_'));
const UNTOLD = 'untold';

/** A step's rows with all columns, those that it does not have null. */
function partOf(context: ModelContext, step: string, has: readonly string[]): Sql {
  const columns = COLUMNS.map(({ name, type }) => as(has.includes(name) ? ident(name) : nothing(context, type), name));
  return sql`select\n  ${list([...columns, asOfSql(context)])}\nfrom ${ident(step)}`;
}

/** Metrics whose days SQL does not tell of. */
function untoldStep({ catalog, dialect }: ModelContext): Step {
  const rows = untoldMetrics(catalog).map(({ experiment, metric }) => [
    ...[experiment.key, metric.metric, metric.number, NOT_IN_SQL],
  ]);
  return {
    name: UNTOLD,
    comment: 'metrics whose days the API alone tells of',
    query: listed(
      dialect,
      [
        { name: 'experiment', type: 'STRING' },
        { name: 'metric', type: 'STRING' },
        { name: 'version', type: 'INTEGER' },
        { name: 'unknown', type: 'STRING' },
      ],
      rows,
    ),
  };
}
