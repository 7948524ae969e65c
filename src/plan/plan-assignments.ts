import type { Catalog } from '../catalog/catalog.ts';
import { groupBy } from '../core/group-by.ts';
import type { Row } from '../engine/engine.ts';
import type { Dialect } from '../sql/dialect.ts';
import { compile } from '../sql/sql.ts';
import { statement } from '../sql/statement.ts';
import { activationKey } from './activation.ts';
import type { AssignmentCount, DropReason } from './answer.ts';
import { assignmentsQuery } from './assignments-query.ts';
import { filterDimensions } from './filter.ts';
import { PHASE_COLUMN, phaseDimension } from './phases.ts';
import type { PlannedStatement } from './planned.ts';
import type { AssignmentsQuestion } from './question.ts';
import { assignmentSource, createScope } from './scope.ts';

/**
 * Every assignment row's fate, row by row up to the period, unit by unit after it. Experiments over one source share a
 * statement when filter, asOf and policy agree.
 */
export function planAssignments(
  catalog: Catalog,
  dialect: Dialect,
  questions: readonly AssignmentsQuestion[],
): readonly PlannedStatement[] {
  const groups = groupBy(questions, ({ population: { experiment, where, asOf }, activated }) => {
    const alone = assignmentSource(catalog, experiment).experiment === null ? experiment.key : null;
    return JSON.stringify([
      experiment.assignments,
      experiment.multiExposure,
      alone,
      where,
      asOf,
      activated ? activationKey(experiment.activation) : null,
    ]);
  });
  return [...groups.values()].map((group) => {
    const populations = group.map(({ population }) => population);
    const scope = createScope(catalog, dialect, populations, {
      dimensions: [...filterDimensions(populations[0]!.where), ...phaseDimension(populations)],
      activated: group[0]!.activated ?? false,
    });
    const { steps, select } = assignmentsQuery(scope);
    const isOwn = (row: Row, key: string) => scope.keys.length === 0 || row.experiment === key;
    return {
      purpose: 'assignments',
      compiled: compile(statement(steps, select, dialect.reuse), dialect.placeholder),
      questions: group,
      answer: (question, rows) => {
        if (question.kind !== 'assignments') throw new Error('Not a question for assignments.');
        return rows.filter((row) => isOwn(row, question.population.experiment.key)).map(decodeAssignments);
      },
    };
  });
}

/** One row of the answer. */
export function decodeAssignments(row: Row): AssignmentCount {
  return {
    reason: row.reason === null ? null : (String(row.reason) as DropReason), // the statement writes only these
    variant: row.variant === null ? null : String(row.variant),
    rows: Number(row.rows),
    units: Number(row.units),
    ...(row.clusters === undefined ? {} : { clusters: Number(row.clusters) }),
    ...(row[PHASE_COLUMN] === undefined
      ? {}
      : { phase: row[PHASE_COLUMN] === null ? null : Number(row[PHASE_COLUMN]) }),
    lastExposure: row.last_exposure == null ? null : String(row.last_exposure),
  };
}
