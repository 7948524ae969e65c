import type { Experiment } from '../../catalog/catalog.ts';
import { activationKey } from '../../plan/activation.ts';
import { DROP_REASONS } from '../../plan/answer.ts';
import { assignmentsQuery } from '../../plan/assignments-query.ts';
import { PHASE_COLUMN, phaseDimension } from '../../plan/phases.ts';
import type { Population } from '../../plan/question.ts';
import { assignmentSource, createScope } from '../../plan/scope.ts';
import { ident, type Sql, sql, trusted } from '../../sql/sql.ts';
import { as, list, statement } from '../../sql/statement.ts';
import { modelledExperiments } from '../declared.ts';
import type { Model, ModelColumn, ModelContext } from '../model.ts';
import { AS_OF, asOfSql, EXPERIMENT, nothing, VARIANT } from './shared-columns.ts';
import { experimentSql, namedArms, sharedPopulations, united } from './shared-scopes.ts';
import { assignmentSourcesRead } from './sources-read.ts';

const COLUMNS: readonly ModelColumn[] = [
  EXPERIMENT,
  {
    name: 'reason',
    type: 'STRING',
    nullable: true,
    description: 'Why rows and units are left out; null: they are analysed.',
    values: DROP_REASONS,
  },
  {
    ...VARIANT,
    nullable: true,
    description: "Key of the (first) variant; null: the rows' is none that is configured.",
  },
  {
    name: 'phase',
    type: 'INTEGER',
    nullable: true,
    description: 'Number, from 0, of the phase of the first assignment; null: of dropped rows, or there are no phases.',
  },
  {
    name: 'activated',
    type: 'BOOLEAN',
    description:
      'Whether units that were not activated are left out, too. Experiments with an activation have all of their rows both ways; never add the two up.',
  },
  { name: 'rows', type: 'INTEGER', description: 'Rows of the assignments.' },
  { name: 'units', type: 'INTEGER', description: 'Units.' },
  {
    name: 'clusters',
    type: 'INTEGER',
    nullable: true,
    description: 'Clusters, where those are randomised; null: units are.',
  },
  {
    name: 'last_exposure',
    type: 'DATETIME',
    nullable: true,
    description: 'Latest first assignment among the units, in UTC; null: of dropped rows, or without timestamps.',
  },
  AS_OF,
];

/** Rows and units of the assignments by what became of them. */
export const experimentExclusions: Model = {
  name: 'experiment_exclusions',
  materialization: 'table',
  description: 'How many assignment rows and units of each experiment are analysed, and how many are not, and why.',
  columns: () => COLUMNS,
  key: ['experiment', 'activated', 'reason', 'variant', 'phase'],
  uses: [],
  sources: assignmentSourcesRead,
  select: (context) => {
    const experiments = modelledExperiments(context.catalog);
    const activated = experiments.filter(({ activation }) => activation != null);
    const ofAll = (some: readonly Experiment[], isActivated: boolean) =>
      sharedPopulations(context.catalog, some, {
        by: ({ activation }) => (isActivated ? activationKey(activation) : null),
        apartInTime: false,
      }).map((populations) => fatesOf(context, populations, isActivated));
    return united(context, COLUMNS, [...ofAll(experiments, false), ...ofAll(activated, true)]);
  },
};

function fatesOf(context: ModelContext, populations: readonly Population[], activated: boolean): Sql {
  const { catalog, dialect } = context;
  const source = assignmentSource(catalog, populations[0]!.experiment);
  const scope = createScope(catalog, dialect, populations, { dimensions: phaseDimension(populations), activated });
  const { steps } = assignmentsQuery(scope);
  const counted = steps.at(-1)!.name;
  const whole = (name: string) => sql`cast(${ident('r', name)} as bigint)`;
  const select = sql`select\n  ${list([
    experimentSql(scope),
    ident('r', 'reason'),
    ident('c', 'variant'),
    as(scope.phased ? whole(PHASE_COLUMN) : nothing(context, 'INTEGER'), 'phase'),
    as(trusted(String(activated)), 'activated'),
    as(whole('rows'), 'rows'),
    as(whole('units'), 'units'),
    as(source.cluster == null ? nothing(context, 'INTEGER') : whole('clusters'), 'clusters'),
    as(source.timestamp === null ? nothing(context, 'DATETIME') : ident('r', 'last_exposure'), 'last_exposure'),
    asOfSql(context),
  ])}\nfrom ${namedArms(scope, counted, 'left join')}`;
  return statement(steps, select, dialect.reuse);
}
