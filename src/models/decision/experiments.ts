import { addSeconds, sqlTimestamp } from '../../core/instant.ts';
import { maturesAfter } from '../../metric-types/metric-type.ts';
import { assignmentSource } from '../../plan/scope.ts';
import type { Parameter } from '../../sql/sql.ts';
import { ident, type Sql, sql } from '../../sql/sql.ts';
import { as, list, type Step } from '../../sql/statement.ts';
import type { ModelContext } from '../model.ts';
import { type ListedColumn, listed } from '../results/listed.ts';
import type { Decided } from './decided.ts';
import { earliestOf, laterBy } from './instants.ts';

/** The step with what is said of an experiment as a whole. */
export const EXPERIMENTS = 'experiments';

const INSTANTS = ['starts_at', 'ends_at', 'treatment_end', 'plan_end', 'min_runtime_at'] as const;

const DECLARED: readonly ListedColumn[] = [
  { name: 'experiment', type: 'STRING' },
  { name: 'name', type: 'STRING' },
  { name: 'owner', type: 'STRING' },
  { name: 'stated_status', type: 'STRING' },
  ...INSTANTS.map((name): ListedColumn => ({ name, type: 'STRING' })),
  { name: 'has_plan_end', type: 'BOOLEAN' },
  { name: 'min_runtime', type: 'BOOLEAN' },
  { name: 'planned_units', type: 'INTEGER' },
  { name: 'longest_window', type: 'INTEGER' },
  { name: 'monitoring', type: 'STRING' },
  { name: 'intent', type: 'STRING' },
  { name: 'in_sql', type: 'BOOLEAN' },
  { name: 'has_days', type: 'BOOLEAN' },
];

const instant = (text: string | null): string | null => (text === null ? null : sqlTimestamp(text));

function declaredOf({ catalog }: ModelContext, { experiment, metrics, inSql }: Decided): readonly Parameter[] {
  const { key, name, owner, status, start, end, treatmentEnd, plan } = experiment;
  const minRuntime = plan?.minRuntime ?? null;
  const least = start === null || minRuntime === null ? null : addSeconds(start, minRuntime);
  const windows = metrics.map(({ metric }) => maturesAfter(metric) ?? 0);
  return [
    ...[key, name, owner, status],
    ...[instant(start), instant(end), instant(treatmentEnd), instant(plan?.end ?? null), instant(least)],
    ...[plan?.end != null, minRuntime !== null, plan?.unitsPerVariant ?? null, Math.max(0, ...windows)],
    ...[experiment.monitoring, experiment.intent, inSql],
    assignmentSource(catalog, experiment).timestamp !== null,
  ];
}

/**
 * What is declared of each experiment, what its assignments hold, and how far it is on its way at the present, but for its units
 * (`planProgress`, `statusOf`).
 */
export function experimentSteps(context: ModelContext, all: readonly Decided[]): readonly Step[] {
  const { dialect, ref } = context;
  const now = dialect.horizon;
  const rows = all.map((decided) => declaredOf(context, decided));
  const instants = INSTANTS.map((name) => as(dialect.timestamp(ident('d', name)), name));
  const others = DECLARED.map(({ name }) => name).filter((name) => !INSTANTS.some((one) => one === name));
  const by = (at: Sql) => sql`coalesce(${at} <= ${now}, false)`;
  const ended = sql`(${by(sql`"ends_at"`)} or coalesce("stated_status" in ('STOPPED', 'ARCHIVED'), false))`;
  const status = sql`case when "stated_status" in ('DRAFT', 'ARCHIVED') then "stated_status" when ${ended} then 'STOPPED' when "starts_at" > ${now} then 'SCHEDULED' else 'RUNNING' end`;
  const lastUnit = earliestOf(sql`"last_exposure"`, sql`"plan_end"`);
  const windows = all.map(({ metrics }) => Math.max(0, ...metrics.map(({ metric }) => maturesAfter(metric) ?? 0)));
  const mature = laterBy(dialect, sql`"last_unit"`, sql`"longest_window"`, windows);
  return [
    {
      name: 'declared',
      comment: 'what each experiment declares',
      query: listed(dialect, DECLARED, rows),
    },
    {
      name: 'enrolled',
      comment: 'analysed units, those seen in several variants, and the last exposure of each experiment',
      query: sql`select\n  ${list([
        ident('experiment'),
        as(sql`sum(case when "reason" is null then "units" else 0 end)`, 'units'),
        as(sql`sum(case when "reason" = 'MULTIPLE_VARIANTS' then "units" else 0 end)`, 'several_units'),
        as(sql`max(case when "reason" is null then "last_exposure" end)`, 'last_exposure'),
      ])}\nfrom ${ref('experiment_exclusions')}\nwhere not "activated"\ngroup by "experiment"`,
    },
    {
      name: 'declared_and_enrolled',
      comment: 'both',
      query: sql`select\n  ${list([
        ...others.map((name) => ident('d', name)),
        ...instants,
        as(sql`coalesce(u."units", 0)`, 'units'),
        as(sql`coalesce(u."several_units", 0)`, 'several_units'),
        ident('u', 'last_exposure'),
      ])}\nfrom declared as d left join enrolled as u on u."experiment" = d."experiment"`,
    },
    {
      name: 'ended',
      comment: 'whether it is over, and when its last unit was exposed that the plan counts',
      query: sql`select *,\n  ${list([
        as(ended, 'ended'),
        as(status, 'status'),
        as(sql`case when "last_exposure" is not null then ${lastUnit} end`, 'last_unit'),
      ])}\nfrom declared_and_enrolled`,
    },
    {
      name: EXPERIMENTS,
      comment: 'what is missing of the plan, but for units: its end, the last outcomes, the least runtime',
      query: sql`select *,\n  ${list([
        as(
          sql`case when not "has_plan_end" and "planned_units" is null and not "ended" then 1 else 0 end`,
          'missing_plan',
        ),
        as(sql`case when "plan_end" > ${now} then 1 else 0 end`, 'missing_end'),
        as(
          sql`case when "planned_units" is null and ${mature} > ${earliestOf(now, sql`"treatment_end"`)} and not ${by(sql`"treatment_end"`)} and (${by(sql`"plan_end"`)} or "ended") then 1 else 0 end`,
          'missing_outcomes',
        ),
        as(
          sql`(not "min_runtime" or coalesce("min_runtime_at" <= ${earliestOf(now, sql`"ends_at"`)}, false))`,
          'min_runtime_met',
        ),
      ])}\nfrom "ended"`,
      reused: true,
    },
  ];
}
