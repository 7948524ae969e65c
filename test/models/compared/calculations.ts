import { expect } from 'vitest';
import { canonicalInstant } from '../../../src/core/instant.ts';
import type { Row } from '../../../src/engine/engine.ts';
import { maturesAfter } from '../../../src/metric-types/metric-type.ts';
import { declaredMetrics, modelledExperiments } from '../../../src/models/declared.ts';
import { isCalculated } from '../../../src/models/tables/calculated-metrics.ts';
import type { MomentsQuestion } from '../../../src/plan/question.ts';
import { assignmentSource } from '../../../src/plan/scope.ts';
import { countsIdleUnits } from '../../../src/plan/unit-values.ts';
import { sql } from '../../../src/sql/sql.ts';
import { differences } from '../../support/close.ts';
import type { TestService } from '../../support/service.ts';
import { answers, columns } from '../tables/support.ts';
import type { Rows } from './rows.ts';

/** That what units came to adds up to the planner's moments of each arm; how many arms were compared. */
export async function compareCalculations(rows: Rows, service: TestService, asOf: string): Promise<number> {
  const declared = modelledExperiments(service.catalog())
    .flatMap((experiment) => declaredMetrics(service.catalog(), experiment))
    .filter(isCalculated);
  const questions = declared.map(
    ({ experiment, metric }): MomentsQuestion => ({
      ...{ kind: 'moments', metric, maturity: 'REQUIRED', sliceBy: [], slices: [], pivots: null },
      population: { experiment, where: null, asOf: canonicalInstant(asOf) },
      needs: ['products', 'covariates', 'capping'],
    }),
  );
  const answerOf = await answers(service, questions);
  const added = await rows(
    'metric_calculations',
    (from) => sql`select ${columns('experiment', 'metric', 'version', 'variant')},
  count(*) as "rows", sum("value") as "n", sum("denominator") as "d", sum("value_before") as "nb", sum("known_before") as "known",
  sum("value" * "value") as "nn", sum("denominator" * "denominator") as "dd", sum("denominator" * "value") as "dn", sum("value_before" * "value") as "nbn",
  sum(case when "value" = 0e0 and coalesce("denominator", 0e0) = 0e0 and coalesce("value_before", 0e0) = 0e0
    and coalesce("denominator_before", 0e0) = 0e0 and coalesce("known_before", 0e0) = 0e0 then 1 else 0 end) as "idle"
from ${from} where "mature" group by ${columns('experiment', 'metric', 'version', 'variant')}`,
  );
  const of = new Map(added.map((row) => [keyOf(row), row]));
  const mature = matureUnits(service, asOf, await rows('experiment_assignments'));
  let compared = 0;
  for (const [i, question] of questions.entries()) {
    const { metric, population } = question;
    const timed = assignmentSource(service.catalog(), population.experiment).timestamp !== null;
    for (const arm of answerOf(question)) {
      const own = of.get(
        keyOf({
          experiment: population.experiment.key,
          metric: metric.metric,
          version: metric.number,
          variant: arm.variant,
        }),
      );
      const number = (name: string) => Number(own?.[name] ?? 0);
      const units = countsIdleUnits(metric)
        ? mature(population.experiment.key, arm.variant, maturesAfter(metric))
        : number('rows');
      if (countsIdleUnits(metric)) expect([metric.metric, number('idle')]).toEqual([metric.metric, 0]);
      const isRowCap = metric.cap?.per === 'event';
      const moments = arm.capping === null || isRowCap ? arm.moments : arm.capping.uncapped;
      const hasCovariate = arm.joint !== null && metric.cap === null;
      const two = metric.variables.length === 2;
      const got = {
        units,
        ...(metric.quantile == null
          ? {
              n: number('n'),
              nn: number('nn'),
              ...(two ? { d: number('d'), dd: number('dd'), dn: number('dn') } : {}),
            }
          : {}),
        ...(hasCovariate && !two ? { nb: number('nb'), nbn: number('nbn'), known: number('known') } : {}),
      };
      const expected = {
        units: moments.units,
        ...(metric.quantile == null
          ? {
              n: moments.sums[0],
              nn: moments.products![0]![0],
              ...(two ? { d: moments.sums[1], dd: moments.products![1]![1], dn: moments.products![1]![0] } : {}),
            }
          : {}),
        ...(hasCovariate && !two
          ? {
              nb: arm.joint!.moments.sums[1],
              nbn: arm.joint!.moments.products![1]![0],
              known: arm.joint!.unitsWithCovariate,
            }
          : {}),
      };
      expect(hasCovariate && !timed).toBe(false);
      expect({
        question: i,
        metric: metric.metric,
        arm: arm.variant,
        differs: differences(got, expected, 1e-9),
      }).toEqual({ question: i, metric: metric.metric, arm: arm.variant, differs: [] });
      compared++;
    }
  }
  return compared;
}

const keyOf = ({ experiment, metric, version, variant }: Row): string =>
  JSON.stringify([experiment, metric, version, variant]);

/** Units by arm that were exposed so long before the end of observation. */
function matureUnits(service: TestService, asOf: string, rows: readonly Row[]) {
  const arms = new Map<string, bigint[]>();
  for (const { experiment, variant, exposed_at: at } of rows) {
    const arm = JSON.stringify([experiment, variant]);
    if (!arms.has(arm)) arms.set(arm, []);
    arms.get(arm)!.push(at === null ? 0n : microseconds(canonicalInstant(String(at))));
  }
  return (key: string, variant: string, after: number | null): number => {
    const { treatmentEnd } = service.catalog().experiments.get(key)!;
    const end = [asOf, ...(treatmentEnd === null ? [] : [treatmentEnd])].map(canonicalInstant).sort()[0]!;
    const units = arms.get(JSON.stringify([key, variant])) ?? [];
    if (after === null) return units.length;
    const latest = microseconds(end) - BigInt(after) * 1_000_000n;
    return units.filter((at) => at <= latest).length;
  };
}

const microseconds = (instant: string): bigint =>
  BigInt(Date.parse(`${instant.slice(0, 19)}Z`)) * 1000n + BigInt(instant.slice(20, 26));
