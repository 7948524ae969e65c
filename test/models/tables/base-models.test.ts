import { beforeAll, describe, expect, test } from 'vitest';
import { canonicalInstant } from '../../../src/core/instant.ts';
import type { Row } from '../../../src/engine/engine.ts';
import { maturesAfter } from '../../../src/metric-types/metric-type.ts';
import { declaredMetrics, modelledExperiments } from '../../../src/models/declared.ts';
import { MODELS } from '../../../src/models/registry.ts';
import { isCalculated } from '../../../src/models/tables/calculated-metrics.ts';
import { isPhased } from '../../../src/models/tables/shared-scopes.ts';
import type { AssignmentsQuestion, MomentsQuestion } from '../../../src/plan/question.ts';
import { assignmentSource } from '../../../src/plan/scope.ts';
import { countsIdleUnits } from '../../../src/plan/unit-values.ts';
import { sql } from '../../../src/sql/sql.ts';
import { differences } from '../../support/close.ts';
import { describeOn } from '../../support/engines.ts';
import type { TestService } from '../../support/service.ts';
import { PLACES } from './places.ts';
import { answers, columns, rowsOf } from './support.ts';

/** Those that read nothing but sources. */
const BASE = MODELS.filter(({ uses }) => uses.length === 0);

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    describe.each(PLACES)('$name', ({ open, instants }) => {
      let service: TestService;
      beforeAll(async () => {
        service = await open(engine);
      });

      test.each(BASE.map(({ name }) => name))(
        '%s has the columns that it says, and its key tells rows apart',
        async (name) => {
          const model = MODELS.find((one) => one.name === name)!;
          const rows = await rowsOf(service, name, instants.at(-1)!);
          const declared = model.columns(service.catalog());
          expect(rows.length).toBeGreaterThan(0);
          expect(Object.keys(rows[0]!)).toEqual(declared.map((column) => column.name));
          const keys = rows.map((row) => JSON.stringify(model.key.map((column) => row[column])));
          expect(new Set(keys).size).toBe(keys.length);
          for (const { name: column, nullable = false, values } of declared) {
            if (!nullable) expect(rows.filter((row) => row[column] === null)).toEqual([]);
            if (values !== undefined)
              expect(values).toEqual(
                expect.arrayContaining([...new Set(rows.map((row) => row[column]))].filter((value) => value !== null)),
              );
          }
          expect(new Set(rows.map((row) => row.as_of)).size).toBe(1);
          expect(canonicalInstant(String(rows[0]!.as_of))).toBe(canonicalInstant(instants.at(-1)!));
        },
      );

      test.each(instants)('assignments and exclusions are those of the planner at %s', async (asOf) => {
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
        const got = (await rowsOf(service, 'experiment_exclusions', asOf)).map(({ as_of: _, ...row }) => ({
          ...row,
          last_exposure: row.last_exposure === null ? null : canonicalInstant(String(row.last_exposure)),
        }));
        expect(sorted(got)).toEqual(sorted(expected));

        const units = await rowsOf(
          service,
          'experiment_assignments',
          asOf,
          (from) =>
            sql`select ${columns('experiment', 'variant', 'phase')}, count(*) as "units", count(distinct "cluster") as "clusters", max("assigned_at") as "last_exposure" from ${from} group by ${columns('experiment', 'variant', 'phase')}`,
        );
        const analysed = expected.filter(
          ({ reason, activated, experiment }) =>
            reason === null && activated === (service.catalog().experiments.get(experiment)!.activation != null),
        );
        expect(
          sorted(
            units.map((row) => ({
              ...row,
              last_exposure: row.last_exposure === null ? null : canonicalInstant(String(row.last_exposure)),
            })),
          ),
        ).toEqual(
          sorted(
            analysed.map(({ experiment, variant, phase, units, clusters, last_exposure }) => ({
              experiment,
              variant,
              phase,
              units,
              clusters: clusters ?? 0,
              last_exposure,
            })),
          ),
        );
      });

      test.each(instants)('calculations add up to the moments of the planner at %s', async (asOf) => {
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
        const rows = await rowsOf(
          service,
          'metric_calculations',
          asOf,
          (from) => sql`select ${columns('experiment', 'metric', 'version', 'variant')},
  count(*) as "rows", sum("value") as "n", sum("denominator") as "d", sum("value_before") as "nb", sum("known_before") as "known",
  sum("value" * "value") as "nn", sum("denominator" * "denominator") as "dd", sum("denominator" * "value") as "dn", sum("value_before" * "value") as "nbn",
  sum(case when "value" = 0e0 and coalesce("denominator", 0e0) = 0e0 and coalesce("value_before", 0e0) = 0e0
    and coalesce("denominator_before", 0e0) = 0e0 and coalesce("known_before", 0e0) = 0e0 then 1 else 0 end) as "idle"
from ${from} where "mature" group by ${columns('experiment', 'metric', 'version', 'variant')}`,
        );
        const of = new Map(rows.map((row) => [keyOf(row), row]));
        const mature = await matureUnits(service, asOf);
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
        if (asOf !== instants[0]) expect(compared).toBeGreaterThan(0);
      });
    });
  });

const keyOf = ({ experiment, metric, version, variant }: Row): string =>
  JSON.stringify([experiment, metric, version, variant]);

function sorted(rows: readonly object[]): readonly object[] {
  const ordered = rows.map((row) => Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))));
  return ordered.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Units by arm that were exposed so long before the end of observation. */
async function matureUnits(service: TestService, asOf: string) {
  const rows = await rowsOf(service, 'experiment_assignments', asOf);
  return (key: string, variant: string, after: number | null): number => {
    const { treatmentEnd } = service.catalog().experiments.get(key)!;
    const end = [asOf, ...(treatmentEnd === null ? [] : [treatmentEnd])].map(canonicalInstant).sort()[0]!;
    const isMature = ({ exposed_at }: Row) => {
      if (after === null) return true;
      const at = canonicalInstant(String(exposed_at));
      return addMicroseconds(at) + BigInt(after) * 1_000_000n <= addMicroseconds(end);
    };
    return rows.filter((row) => row.experiment === key && row.variant === variant && isMature(row)).length;
  };
}

const addMicroseconds = (instant: string): bigint =>
  BigInt(Date.parse(`${instant.slice(0, 19)}Z`)) * 1000n + BigInt(instant.slice(20, 26));
