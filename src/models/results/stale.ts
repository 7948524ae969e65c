import type { Catalog } from '../../catalog/catalog.ts';
import { sqlTimestamp } from '../../core/instant.ts';
import { STALE_AFTER_SECONDS } from '../../experiment/freshness.ts';
import { measuresOf, sourcesOf } from '../../metric-types/metric-type.ts';
import { factSource } from '../../plan/scope.ts';
import { ident, join, sql, trusted } from '../../sql/sql.ts';
import { as, list, type Step } from '../../sql/statement.ts';
import type { ModelContext } from '../model.ts';
import { listed } from './listed.ts';
import { measuredMetrics } from './measured.ts';
import { maturities } from './units.ts';

/** Metrics of experiments of which a source ends long before it should (`isStale`), by experiment and metric. */
export function staleStep(context: ModelContext): readonly Step[] {
  const { catalog, dialect, ref } = context;
  const all = measuredMetrics(catalog);
  const rows = all.flatMap(({ experiment, metric, after }) =>
    timedSources(catalog, metric).map((source) => [
      ...[experiment.key, metric.metric, source, after],
      ...[experiment.end, experiment.treatmentEnd].map((at) => (at === null ? null : sqlTimestamp(at))),
    ]),
  );
  const instant = (name: string) => dialect.timestamp(ident('r', name));
  const far = dialect.horizon;
  const last = sql`case r."after" ${join(
    maturities(all).map(
      (after) => sql`when ${trusted(String(after))} then ${dialect.plusSeconds(ident('x', 'last_exposure'), after)}`,
    ),
    ' ',
  )} else ${instant('ends_at')} end`;
  const until = maturities(all).length === 0 ? instant('ends_at') : last;
  // least() of a null is another thing on each engine.
  const needed = sql`least(${far}, coalesce(${instant('treatment_end')}, ${far}), coalesce(${until}, ${far}))`;
  return [
    {
      name: 'reads',
      comment: 'sources with timestamps that each metric reads',
      query: listed(
        dialect,
        [
          { name: 'experiment', type: 'STRING' },
          { name: 'metric', type: 'STRING' },
          { name: 'source', type: 'STRING' },
          { name: 'after', type: 'INTEGER' },
          { name: 'ends_at', type: 'STRING' },
          { name: 'treatment_end', type: 'STRING' },
        ],
        rows,
      ),
    },
    {
      name: 'exposed',
      comment: 'the last exposure of each experiment',
      query: sql`select "experiment", max("last_exposure") as "last_exposure" from ${ref('experiment_exclusions')} where "reason" is null and not "activated" group by "experiment"`,
    },
    {
      name: 'stale',
      comment: `metrics of which a source ends more than ${STALE_AFTER_SECONDS / 3600} h before what they need`,
      query: sql`select ${list([ident('r', 'experiment'), ident('r', 'metric'), as(sql`count(*)`, 'sources')])}\nfrom reads as r\njoin ${ref('source_freshness')} as f on f."source" = r."source"\nleft join exposed as x on x."experiment" = r."experiment"\nwhere f."latest" is null or ${dialect.plusSeconds(ident('f', 'latest'), STALE_AFTER_SECONDS)} < ${needed}\ngroup by r."experiment", r."metric"`,
    },
  ];
}

function timedSources(catalog: Catalog, metric: Parameters<typeof measuresOf>[0]): readonly string[] {
  const names = new Set(measuresOf(metric).flatMap(sourcesOf));
  return [...names].sort().filter((name) => factSource(catalog, name).timestamp !== null);
}
