import { sql } from '../../sql/sql.ts';
import { decodeAssignments } from '../plan-assignments.ts';
import { NotBuilt } from './not-built.ts';
import { columnList, isBuiltPopulation, isOneOf, type TableReader } from './table-reader.ts';

const COLUMNS = ['experiment', 'reason', 'variant', 'activated', 'rows', 'units', 'last_exposure'];

/** Who was assigned and who is left out, from `experiment_exclusions`. */
export const assignmentsReader: TableReader<'assignments'> = {
  kind: 'assignments',
  model: 'experiment_exclusions',
  covers: ({ population, activated }, catalog, asOf) =>
    isBuiltPopulation(population, catalog, asOf) && (!activated || population.experiment.activation != null),
  select: (from, questions) => sql`-- assignment rows and units by fate, from the table of the models
select ${columnList(COLUMNS)}
from ${from}
where ${isOneOf(
    'experiment',
    questions.map(({ population }) => population.experiment.key),
  )}
order by ${columnList(['experiment', 'activated', 'reason', 'variant'])}`,
  answer: ({ population: { experiment }, activated = false }, rows) => {
    const own = rows.filter((row) => row.experiment === experiment.key && row.activated === activated);
    if (own.length === 0) throw new NotBuilt(`the assignments of ${experiment.key}`);
    return own.map(decodeAssignments);
  },
};
