import type { Catalog } from '../../catalog/catalog.ts';
import { sqlTimestamp } from '../../core/instant.ts';
import { FEWEST_UNITS, LARGEST, SHARES } from '../../experiment/anomalies-units.ts';
import { isBinary, leavesUnitsOut } from '../../metric-types/metric-type.ts';
import { aliasMetrics } from '../../plan/measures.ts';
import { missingOf } from '../../plan/moment-columns.ts';
import { join, type Parameter, sql, trusted } from '../../sql/sql.ts';
import type { Step } from '../../sql/statement.ts';
import type { DeclaredMetric } from '../declared.ts';
import type { ModelContext } from '../model.ts';
import { type ListedColumn, listed } from '../results/listed.ts';
import { watchedMetrics } from './daily-metrics.ts';

/** The step that has the units found. */
export const UNITS_FOUND = 'units_found';

const SETTINGS: readonly ListedColumn[] = [
  { name: 'experiment', type: 'STRING' },
  { name: 'metric', type: 'STRING' },
  { name: 'version', type: 'INTEGER' },
  { name: 'start', type: 'STRING' },
  { name: 'when_missing', type: 'FLOAT' },
];

/** Means whose values are not 0 or 1. */
function isTold({ metric }: DeclaredMetric): boolean {
  return metric.type === 'MEAN' && !isBinary(metric.variables[0]!);
}

function settingsOf(catalog: Catalog): readonly (readonly Parameter[])[] {
  return watchedMetrics(catalog)
    .filter(isTold)
    .map(({ experiment, metric }) => {
      const missing = leavesUnitsOut(metric.variables[0]!) ? null : missingOf(aliasMetrics([metric])[0]!);
      const start = experiment.start === null ? null : sqlTimestamp(experiment.start);
      return [experiment.key, metric.metric, metric.number, start, missing];
    });
}

/**
 * Steps to the units that make up an extreme share of their arm's total (`largestUnits`), from the values of units that count as they
 * are analysed: capped.
 */
export function unitFindings({ catalog, dialect, ref }: ModelContext): readonly Step[] {
  const number = (value: number) => trusted(dialect.number(value));
  const start = dialect.timestamp(sql`s."start"`);
  const upTo = sql`case when m."upper" is not null and c."value" > m."upper" then m."upper" else c."value" end`;
  const cut = sql`case when m."lower" is not null and ${upTo} < m."lower" then m."lower" else ${upTo} end`;
  const severities = SHARES.map(([least, word]) => sql`when "share" >= ${number(least)} then '${trusted(word)}'`);
  return [
    { name: 'unit_metrics', comment: 'means of numbers', query: listed(dialect, SETTINGS, settingsOf(catalog)) },
    {
      name: 'largest_units',
      comment: 'the largest value of each arm; units whose value is 0 may have no row',
      query: sql`select s."experiment", s."metric", s."version", c."variant", min(case when s."start" is null or ${start} > ${dialect.horizon} then ${dialect.horizon} else ${start} end) as "start_at",
  min(${cut}) as "smallest", max(${cut}) as "largest", max(m."sum_0" + m."pivot_0" * m."units") as "total",
  max(case when s."when_missing" <> 0e0 then cast(m."units" as double) else 0e0 end)
    + sum(case when s."when_missing" is null then 1e0 when s."when_missing" = 0e0 and c."value" <> 0e0 then 1e0 when s."when_missing" <> 0e0 and c."value" = s."when_missing" then -1e0 else 0e0 end) as "with_value"
from ${ref('metric_calculations')} as c
join unit_metrics as s on s."experiment" = c."experiment" and s."metric" = c."metric"
join ${ref('metric_moments')} as m on m."experiment" = c."experiment" and m."metric" = c."metric" and m."variant" = c."variant" and m."slice_dimension" is null
where c."mature"
group by s."experiment", s."metric", s."version", c."variant"`,
    },
    {
      name: UNITS_FOUND,
      comment: 'units with an extreme share of their total',
      query: sql`select 'OUTLIER_UNIT' as "kind", 'VARIANT' as "scope", case ${join(severities, ' ')} end as "severity",
  "experiment", "metric", "version", "variant", "start_at", "largest" as "observed", "share" as "score", "with_value"
from (select *, case when "total" > 0e0 then "largest" / "total" end as "share" from largest_units) as u
where "smallest" >= 0e0 and "share" >= ${number(SHARES.at(-1)![0])} and "with_value" >= ${number(FEWEST_UNITS)} and "share" * "with_value" >= ${number(LARGEST)}`,
    },
  ];
}
