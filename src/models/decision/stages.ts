import { type Sql, sql } from '../../sql/sql.ts';
import type { Step } from '../../sql/statement.ts';
import { modelledExperiments } from '../declared.ts';
import type { ModelContext } from '../model.ts';
import { listed } from '../results/listed.ts';

/** The stages that an allocation is tested at, one row an experiment and stage. */
export function stagesStep({ catalog, dialect }: ModelContext, only: readonly string[] | null = null): Step {
  const rows = modelledExperiments(catalog).flatMap(({ key, activation }) =>
    ['ASSIGNED', 'ANALYSED', ...(activation == null ? [] : ['ACTIVATED'])]
      .filter((stage) => only?.includes(stage) ?? true)
      .map((stage) => [key, stage]),
  );
  return {
    name: 'stages',
    comment: 'the stages that the allocation is tested at',
    query: listed(
      dialect,
      [
        { name: 'experiment', type: 'STRING' },
        { name: 'stage', type: 'STRING' },
      ],
      rows,
    ),
  };
}

/** What was randomised, by stage, variant and phase; a stage without anything has one row, without a variant. */
export function stageCounts({ ref }: ModelContext): Sql {
  return sql`(\n  select s."experiment", s."stage", e."variant", e."phase", coalesce(e."clusters", e."units") as "units"\n  from stages as s\n  left join ${ref('experiment_exclusions')} as e on e."experiment" = s."experiment" and e."activated" = (s."stage" = 'ACTIVATED') and (e."reason" is null or (s."stage" = 'ASSIGNED' and e."reason" = 'MULTIPLE_VARIANTS'))) as c`;
}
