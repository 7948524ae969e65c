import { STALE_AFTER_SECONDS } from '../../experiment/freshness.ts';
import { maturesAfter, measuresOf, sourcesOf } from '../../metric-types/metric-type.ts';
import { assignmentSource, factSource } from '../../plan/scope.ts';
import { ident, join, sql, trusted } from '../../sql/sql.ts';
import { as, list, type Step } from '../../sql/statement.ts';
import type { ModelContext } from '../model.ts';
import { listed } from '../results/listed.ts';
import type { Decided } from './decided.ts';
import { EXPERIMENTS } from './experiments.ts';
import { earliestOf, laterBy } from './instants.ts';

/** The step with the codes of what blocks an experiment, each with a comma behind it. */
export const BLOCKED = 'blocked';

interface NeededSource {
  readonly source: string;
  /** Its rows' times are known and it must be as new as the experiment needs; never so of assignments. */
  readonly timed: boolean;
  /** Seconds after the last exposure until which rows count; null: until the end of the experiment. */
  readonly reach: number | null;
}

/** The sources of an experiment's goals and guardrails, its assignments first (`freshnessOf`). */
function neededSources({ catalog }: ModelContext, { experiment, metrics }: Decided): readonly NeededSource[] {
  const windows = new Map<string, number | null>();
  for (const { metric } of metrics) {
    const length = maturesAfter(metric);
    for (const source of measuresOf(metric).flatMap(sourcesOf)) {
      const known = windows.get(source);
      windows.set(
        source,
        known === undefined ? length : known === null || length === null ? null : Math.max(known, length),
      );
    }
  }
  const { activation } = experiment;
  if (activation != null && !windows.has(activation.measure.source)) windows.set(activation.measure.source, 0);
  return [
    { source: assignmentSource(catalog, experiment).name, timed: false, reach: null },
    ...[...windows].map(([source, window]) => ({
      source,
      timed: factSource(catalog, source).timestamp !== null,
      reach: window === null ? null : window + (activation?.within ?? 0),
    })),
  ];
}

/** 1. Sources that are empty, or older than the experiment needs them to be. */
export function blockedSteps(context: ModelContext, all: readonly Decided[]): readonly Step[] {
  const { dialect, ref } = context;
  const rows = all.flatMap((decided) =>
    neededSources(context, decided).map(({ source, timed, reach }, position) => ({
      cells: [decided.experiment.key, position, source, timed, reach],
      reach,
    })),
  );
  const reaches = rows.flatMap(({ reach }) => (reach === null ? [] : [reach]));
  const places = Math.max(0, ...rows.map(({ cells }) => Number(cells[1]) + 1));
  const last = sql`case when n."reach" is null then e."ends_at" else ${laterBy(dialect, sql`e."last_exposure"`, sql`n."reach"`, reaches)} end`;
  const needed = earliestOf(dialect.horizon, sql`e."treatment_end"`, last);
  const stale = sql`n."timed" and (f."latest" is null or ${dialect.plusSeconds(sql`f."latest"`, STALE_AFTER_SECONDS)} < ${needed})`;
  const code = sql`case when f."rows" is null then 'SOURCE_FAILED' when f."rows" = 0 then 'SOURCE_EMPTY' when ${stale} then 'SOURCE_STALE' end`;
  const codes = Array.from(
    { length: places },
    (_, i) => sql`coalesce(max(case when "position" = ${trusted(String(i))} then '"' || "code" || '",' end), '')`,
  );
  return [
    {
      name: 'needed_sources',
      comment:
        'the sources of goals and guardrails, assignments first, and how long after the last exposure rows count',
      query: listed(
        dialect,
        [
          { name: 'experiment', type: 'STRING' },
          { name: 'position', type: 'INTEGER' },
          { name: 'source', type: 'STRING' },
          { name: 'timed', type: 'BOOLEAN' },
          { name: 'reach', type: 'INTEGER' },
        ],
        rows.map(({ cells }) => cells),
      ),
    },
    {
      name: 'source_states',
      comment: `what is wrong with each: empty, or ${STALE_AFTER_SECONDS / 3600} h older than needed`,
      query: sql`select\n  ${list([
        ident('n', 'experiment'),
        ident('n', 'position'),
        as(code, 'code'),
      ])}\nfrom needed_sources as n\njoin ${ident(EXPERIMENTS)} as e on e."experiment" = n."experiment"\nleft join ${ref('source_freshness')} as f on f."source" = n."source"`,
    },
    {
      name: BLOCKED,
      comment: 'BLOCKED: the codes of an experiment, in order',
      query: sql`select "experiment", ${codes.length === 0 ? sql`''` : join(codes, ' || ')} as "blocked_codes"\nfrom source_states\ngroup by "experiment"`,
    },
  ];
}
