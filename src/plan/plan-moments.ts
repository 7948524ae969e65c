import type { Catalog } from '../catalog/catalog.ts';
import { groupBy } from '../core/group-by.ts';
import type { Dialect } from '../sql/dialect.ts';
import { compile, type Sql } from '../sql/sql.ts';
import { type Step, statement } from '../sql/statement.ts';
import { activationKey } from './activation.ts';
import { withVariantNames } from './assignment-rows.ts';
import type { WantedMoments } from './capping.ts';
import { NO_CLUSTERS } from './cluster-columns.ts';
import { isClustered } from './clusters.ts';
import { covariateVariables, summedVariables } from './covariates.ts';
import { decodeArm } from './decode-moments.ts';
import { type AliasedMetric, aliasMetrics } from './measures.ts';
import { momentsSteps } from './moments.ts';
import { isBucketed } from './order-statistics-buckets.ts';
import type { PlannedStatement } from './planned.ts';
import type { MomentNeed, MomentsQuestion } from './question.ts';
import { HALVES, rerandomisedSteps } from './rerandomised.ts';
import { overAllArms } from './row-caps.ts';
import { assignmentSource, clusterByTime, type Scope } from './scope.ts';
import { apartByStratum } from './strata.ts';
import { everyUnitCounts, type UnitValuesWanted, unitValues } from './unit-values.ts';

/** Statements stay this narrow: engines' cost grows faster than the number of aggregates. */
export const MOST_METRICS = 50;

/** Questions that one statement may answer: same units of analysis, same grouping, same moment in time. */
function groupKey(catalog: Catalog, question: MomentsQuestion): string {
  const { experiment, where, asOf } = question.population;
  const source = assignmentSource(catalog, experiment);
  // A source without a column for the experiment holds one experiment: nothing tells two apart.
  const alone = source.experiment === null ? experiment.key : null;
  return JSON.stringify([
    experiment.assignments,
    experiment.multiExposure,
    alone,
    where,
    asOf,
    question.maturity,
    question.sliceBy,
    question.slices,
    question.strata ?? null,
    activationKey(experiment.activation),
    source.cluster != null && question.metric.quantile != null,
    // Takes the units apart by their values, so that nothing else can be summed over them.
    ...(isBucketed(question.metric) ? [question.metric.metric, question.metric.number] : []),
  ]);
}

/** Whether another source's rows decide on those of a measure: they end with the observation of one experiment. */
const readsOtherSources = ({ variables }: MomentsQuestion['metric']): boolean =>
  variables.some(({ measures }) => measures.some(({ exists }) => exists !== undefined));

/** The fewest statements that answer questions for moments. */
export function planMoments(
  catalog: Catalog,
  dialect: Dialect,
  questions: readonly MomentsQuestion[],
): readonly PlannedStatement[] {
  return sharedMoments(catalog, questions).map(({ served, metrics }) =>
    momentsStatement(catalog, dialect, served, metrics),
  );
}

/** Questions that one statement answers, and their metrics. */
export interface SharedMoments {
  readonly served: readonly MomentsQuestion[];
  readonly metrics: readonly AliasedMetric[];
}

/** Unites questions into as few statements as possible. */
export function sharedMoments(catalog: Catalog, questions: readonly MomentsQuestion[]): readonly SharedMoments[] {
  const groups = [...groupBy(questions, (question) => groupKey(catalog, question)).entries()].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return groups.flatMap(([, group]) => {
    const byExperiment = groupBy(group, (question) => question.population.experiment.key);
    const timed = assignmentSource(catalog, group[0]!.population.experiment).timestamp !== null;
    const populations = [...byExperiment.values()]
      .map(([first]) => first!.population)
      .sort((a, b) => (a.experiment.key < b.experiment.key ? -1 : 1));
    const together = clusterByTime(populations, timed).flatMap((cluster) =>
      group.some(({ metric }) => readsOtherSources(metric)) ? cluster.map((one) => [one]) : [cluster],
    );
    return together.flatMap((cluster) => {
      const asked = cluster.flatMap(({ experiment }) => byExperiment.get(experiment.key)!);
      const aliases = aliasMetrics(asked.map(({ metric }) => metric));
      return chunks(
        aliases.map(({ alias }) => alias),
        MOST_METRICS,
      ).map((part) => {
        const metrics = aliases.filter(({ alias }) => part.includes(alias));
        const served = asked.filter(({ metric }) =>
          metrics.some((one) => one.metric.metric === metric.metric && one.metric.number === metric.number),
        );
        return { served, metrics };
      });
    });
  });
}

/** A statement for moments before it is written. */
export interface MomentsParts {
  readonly scope: Scope;
  /** The last one, `moments`, has a row an (experiment,) arm (and slice). */
  readonly steps: readonly Step[];
  readonly wanted: readonly WantedMoments[];
  readonly clustered: boolean;
  readonly sliced: boolean;
}

/** One statement for questions that may share one. `seeds`: of A/A tests over the same units, in place of slices. `period`: of a unit (`x`), which the moments are told by. */
export function momentsStatement(
  catalog: Catalog,
  dialect: Dialect,
  questions: readonly MomentsQuestion[],
  metrics: ReturnType<typeof aliasMetrics>,
  seeds: readonly string[] | null = null,
  period: ((scope: Scope) => Sql) | null = null,
): PlannedStatement {
  const { scope, steps, wanted, clustered, sliced } = momentsParts(catalog, dialect, questions, metrics, seeds, period);
  const { strata = null } = questions[0]!;
  const select =
    seeds === null
      ? withVariantNames(scope, 'moments', {
          orderBy: [...(period === null ? [] : ['period']), 'arm', ...(sliced ? ['slice'] : [])],
        })
      : HALVES;
  return {
    purpose: 'moments',
    compiled: compile(statement(steps, select, dialect.reuse), dialect.placeholder),
    questions,
    answer: (question, rows) => {
      if (question.kind !== 'moments') throw new Error('Not a question for moments.');
      const one = wanted.find(
        ({ metric }) =>
          metric.metric.metric === question.metric.metric && metric.metric.number === question.metric.number,
      )!;
      const own =
        scope.keys.length === 0 ? rows : rows.filter((row) => row.experiment === question.population.experiment.key);
      const arms = own.map((row) => apartByStratum(decodeArm(row, one, clustered), strata));
      return overAllArms(
        isClustered(scope) && !clustered ? arms.map((arm) => ({ ...arm, clusters: NO_CLUSTERS })) : arms,
      );
    },
  };
}

/** The steps of `momentsStatement`, and what its rows are read by. */
export function momentsParts(
  catalog: Catalog,
  dialect: Dialect,
  questions: readonly MomentsQuestion[],
  metrics: readonly AliasedMetric[],
  seeds: readonly string[] | null = null,
  period: ((scope: Scope) => Sql) | null = null,
  facts: UnitValuesWanted['facts'] = undefined,
): MomentsParts {
  const [first] = questions;
  const populations = [
    ...new Map(questions.map((question) => [question.population.experiment.key, question.population])).values(),
  ];
  const of = (alias: string) =>
    questions.filter(
      ({ metric }) =>
        metrics.find((one) => one.metric.metric === metric.metric && one.metric.number === metric.number)!.alias ===
        alias,
    );
  const needsOf = (alias: string) => new Set<MomentNeed>(of(alias).flatMap(({ needs }) => needs));
  const hasTimes = assignmentSource(catalog, populations[0]!.experiment).timestamp !== null;
  const { sliceBy, slices, maturity, strata = null } = first!;
  const sliced = sliceBy.length > 0 || strata !== null;
  const asked = metrics.map((metric) => {
    const hasCovariates = metric.metric.covariate != null && hasTimes;
    const applies = (need: MomentNeed) =>
      need === 'covariates' ? hasCovariates : need !== 'shape' || metric.metric.quantile == null;
    const needs = new Set([...needsOf(metric.alias)].filter(applies));
    // The pivots of a question that asked for more than another are those of all that is summed.
    const given = of(metric.alias)
      .map(({ pivots }) => pivots ?? [])
      .reduce((longest, pivots) => (pivots.length > longest.length ? pivots : longest));
    return {
      metric,
      needs,
      pivots: summedVariables(metric.metric, needs).map((_, i) => given[i] ?? 0),
      everyUnitCounts: everyUnitCounts(metric.metric, maturity),
    };
  });
  const idleAreNull = ({ alias, metric }: AliasedMetric) => {
    const { everyUnitCounts: allCount, pivots, needs } = asked.find((one) => one.metric.alias === alias)!;
    const plain =
      metric.cap === null &&
      metric.quantile == null &&
      !needs.has('shape') &&
      metric.variables.every(({ combine }) => !combine);
    return allCount && plain && pivots.every((pivot) => pivot === 0);
  };
  const values = unitValues(catalog, dialect, {
    ...{ populations, metrics, maturity, sliceBy, slices, strata, idleAreNull, period },
    ...(facts === undefined ? {} : { facts }),
    quality: (alias) => needsOf(alias).has('quality'),
    capping: (alias) => needsOf(alias).has('capping'),
    covariates: (alias) => needsOf(alias).has('covariates'),
  });
  const { scope, measures, aliasOf, hasCovariates, tellsCut, marked, columns: units } = values;
  // Units are randomised anew one by one; a quantile's variance over clusters is not computed.
  const clustered =
    isClustered(scope) && seeds === null && period === null && metrics.every(({ metric }) => metric.quantile == null);
  const measuresOf = (metric: AliasedMetric) =>
    metric.metric.variables.flatMap((variable) =>
      variable.measures.map((_, part) => measures.find(({ alias }) => alias === aliasOf(metric, variable, part))!),
    );
  const wanted: readonly WantedMoments[] = asked.map((one) => ({
    ...one,
    measures: measuresOf(one.metric),
    columns:
      one.metric.metric.quantile != null
        ? one.metric.metric.variables.map((variable) => units.nameOf(one.metric, variable))
        : summedVariables(one.metric.metric, one.needs).map(({ isComplement }, i) =>
            isComplement
              ? units.knownOf(one.metric)
              : units.nameOf(
                  one.metric,
                  [...one.metric.metric.variables, ...covariateVariables(one.metric.metric)][i]!,
                ),
          ),
    known: hasCovariates(one.metric) ? units.knownOf(one.metric) : null,
    ...(tellsCut(one.metric)
      ? {
          rowCap: {
            uncapped: units.uncappedOf(one.metric),
            measures: one.metric.metric.variables
              .flatMap((variable) =>
                variable.measures.map(
                  (_, part) => measures.find(({ alias }) => alias === aliasOf(one.metric, variable, part))!,
                ),
              )
              .filter((measure) => measure.tellsCut),
          },
        }
      : {}),
  }));
  const steps: readonly Step[] = [
    ...values.before,
    ...(seeds === null ? [values.units('arm')] : rerandomisedSteps(scope, values.units('unit'), seeds)),
    ...momentsSteps(scope, wanted, {
      sliced: seeds !== null || sliced,
      marked,
      byPeriod: period !== null,
      clustered,
    }),
  ];
  return { scope, steps, wanted, clustered, sliced };
}

export function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
