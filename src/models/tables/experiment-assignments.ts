import type { Catalog } from '../../catalog/catalog.ts';
import { exposureSteps } from '../../plan/exposures.ts';
import { PHASE_COLUMN, phaseDimension } from '../../plan/phases.ts';
import type { Population } from '../../plan/question.ts';
import { assignmentSource, createScope } from '../../plan/scope.ts';
import { ident, type Sql, sql } from '../../sql/sql.ts';
import { as, list, statement } from '../../sql/statement.ts';
import { modelledExperiments } from '../declared.ts';
import type { Model, ModelColumn, ModelContext } from '../model.ts';
import { dimensionText } from './dimension-text.ts';
import { AS_OF, asOfSql, EXPERIMENT, nothing, VARIANT } from './shared-columns.ts';
import { experimentSql, namedArms, sharedPopulations, united } from './shared-scopes.ts';
import { assignmentSourcesRead } from './sources-read.ts';

const COLUMNS: readonly ModelColumn[] = [
  EXPERIMENT,
  { name: 'unit', type: 'STRING', description: 'The unit, as text.' },
  VARIANT,
  {
    name: 'exposed_at',
    type: 'DATETIME',
    nullable: true,
    description:
      'First exposure in UTC, where windows start: the activation, where the experiment has one; null without timestamps.',
  },
  {
    name: 'assigned_at',
    type: 'DATETIME',
    nullable: true,
    description: 'First assignment in UTC: the exposure itself, but where units are activated after it.',
  },
  {
    name: 'cluster',
    type: 'STRING',
    nullable: true,
    description: 'What was randomised where that is more than the unit; null: the unit was.',
  },
  {
    name: 'phase',
    type: 'INTEGER',
    nullable: true,
    description: 'Number, from 0, of the phase that the unit was assigned in; null: the allocation never changed.',
  },
];

/** Names of the dimensions of the assignments of experiments in the models, ascending. */
export function assignmentDimensions(catalog: Catalog): readonly string[] {
  const names = modelledExperiments(catalog).flatMap((experiment) =>
    assignmentSource(catalog, experiment).dimensions.map(({ name }) => name),
  );
  return [...new Set(names)].sort();
}

/** The column of a dimension. */
export const dimensionColumn = (name: string): string => `dim_${name}`;

function columnsOf(catalog: Catalog): readonly ModelColumn[] {
  return [
    ...COLUMNS,
    ...assignmentDimensions(catalog).map(
      (name): ModelColumn => ({
        name: dimensionColumn(name),
        type: 'STRING',
        nullable: true,
        description: `Dimension ${name} at the first assignment, as text; null: it has none there.`,
      }),
    ),
    AS_OF,
  ];
}

/** One row an analysed unit of an experiment, with its first exposure. */
export const experimentAssignments: Model = {
  name: 'experiment_assignments',
  materialization: 'table',
  description:
    'The analysed units of each experiment: without those seen in several variants, excluded by a rule, or never activated.',
  columns: columnsOf,
  key: ['experiment', 'unit'],
  uses: [],
  sources: assignmentSourcesRead,
  select: (context) =>
    united(
      context,
      columnsOf(context.catalog),
      sharedPopulations(context.catalog, modelledExperiments(context.catalog)).map((populations) =>
        assignmentsOf(context, populations),
      ),
    ),
};

function assignmentsOf(context: ModelContext, populations: readonly Population[]): Sql {
  const { catalog, dialect } = context;
  const source = assignmentSource(catalog, populations[0]!.experiment);
  const own = source.dimensions.map(({ name }) => name);
  const scope = createScope(catalog, dialect, populations, {
    dimensions: [...own, ...phaseDimension(populations)],
    activated: true,
  });
  const timed = source.timestamp !== null;
  const at = (name: string): Sql => (timed ? ident('r', name) : nothing(context, 'DATETIME'));
  const select = sql`select\n  ${list([
    experimentSql(scope),
    as(dialect.text(ident('r', 'unit')), 'unit'),
    ident('c', 'variant'),
    as(at('exposed_at'), 'exposed_at'),
    as(at(scope.activation === null ? 'exposed_at' : 'enrolled_at'), 'assigned_at'),
    as(source.cluster == null ? nothing(context, 'STRING') : ident('r', 'cluster'), 'cluster'),
    as(scope.phased ? sql`cast(${ident('r', PHASE_COLUMN)} as bigint)` : nothing(context, 'INTEGER'), 'phase'),
    ...assignmentDimensions(catalog).map((name) =>
      as(own.includes(name) ? dimensionText(source, name, dialect) : nothing(context, 'STRING'), dimensionColumn(name)),
    ),
    asOfSql(context),
  ])}\nfrom ${namedArms(scope, 'exposures')}`;
  return statement(exposureSteps(scope), select, dialect.reuse);
}
