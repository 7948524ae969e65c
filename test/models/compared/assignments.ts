import { expect } from 'vitest';
import { canonicalInstant } from '../../../src/core/instant.ts';
import type { Row } from '../../../src/engine/engine.ts';
import { modelledExperiments } from '../../../src/models/declared.ts';
import { isPhased } from '../../../src/models/tables/shared-scopes.ts';
import type { AssignmentsQuestion } from '../../../src/plan/question.ts';
import { sql } from '../../../src/sql/sql.ts';
import type { TestService } from '../../support/service.ts';
import { answers, columns } from '../tables/support.ts';
import { type Rows, sorted } from './rows.ts';

/** That who was assigned and who was left out are counted as the planner counts them. */
export async function compareAssignments(rows: Rows, service: TestService, asOf: string): Promise<void> {
  const questions = modelledExperiments(service.catalog()).flatMap((experiment) => {
    const population = { experiment, where: null, asOf: canonicalInstant(asOf) };
    const plain: AssignmentsQuestion = { kind: 'assignments', population };
    return experiment.activation == null ? [plain] : [plain, { ...plain, activated: true as const }];
  });
  const answerOf = await answers(service, questions);
  const expected = questions.flatMap((question) =>
    answerOf(question).map((count) => ({
      experiment: question.population.experiment.key,
      activated: question.activated ?? false,
      ...{
        reason: count.reason,
        variant: count.variant,
        phase: isPhased(question.population.experiment) ? (count.phase ?? null) : null,
      },
      ...{ rows: count.rows, units: count.units, clusters: count.clusters ?? null },
      last_exposure: count.lastExposure === null ? null : canonicalInstant(count.lastExposure),
    })),
  );
  const got = (await rows('experiment_exclusions')).map(({ as_of: _, ...row }) => withExposure(row));
  expect(sorted(got)).toEqual(sorted(expected));

  const units = await rows(
    'experiment_assignments',
    (from) =>
      sql`select ${columns('experiment', 'variant', 'phase')}, count(*) as "units", count(distinct "cluster") as "clusters", max("assigned_at") as "last_exposure" from ${from} group by ${columns('experiment', 'variant', 'phase')}`,
  );
  const analysed = expected.filter(
    ({ reason, activated, experiment }) =>
      reason === null && activated === (service.catalog().experiments.get(experiment)!.activation != null),
  );
  expect(sorted(units.map(withExposure))).toEqual(
    sorted(
      analysed.map(({ experiment, variant, phase, units, clusters, last_exposure }) => ({
        ...{ experiment, variant, phase, units, clusters: clusters ?? 0, last_exposure },
      })),
    ),
  );
}

const withExposure = (row: Row) => ({
  ...row,
  last_exposure: row.last_exposure === null ? null : canonicalInstant(String(row.last_exposure)),
});
