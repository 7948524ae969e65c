import type { Catalog } from '../catalog/catalog.ts';
import { groupBy } from '../core/group-by.ts';
import { leavesUnitsOut, maturesAfter } from '../metric-types/metric-type.ts';
import type { Dialect } from '../sql/dialect.ts';
import { compile, type Sql } from '../sql/sql.ts';
import { type Step, statement } from '../sql/statement.ts';
import { activationKey } from './activation.ts';
import { withVariantNames } from './assignment-rows.ts';
import { readsWholePopulation, type WantedMoments } from './capping.ts';
import { NO_CLUSTERS } from './cluster-columns.ts';
import { isClustered } from './clusters.ts';
import { covariateVariables, summedVariables } from './covariates.ts';
import { decodeArm } from './decode-moments.ts';
import { exposureColumns, exposureSteps } from './exposures.ts';
import { factStep } from './facts.ts';
import { filterDimensions } from './filter.ts';
import { type AliasedMetric, aliasMetrics, planMeasures } from './measures.ts';
import { momentsSteps } from './moments.ts';
import { isBucketed } from './order-statistics-buckets.ts';
import type { PlannedStatement } from './planned.ts';
import type { MomentNeed, MomentsQuestion } from './question.ts';
import { HALVES, rerandomisedSteps } from './rerandomised.ts';
import { overAllArms, withoutRowCap } from './row-caps.ts';
import { assignmentSource, clusterByTime, createScope, factSource, type Scope } from './scope.ts';
import { apartByStratum } from './strata.ts';
import { type UnitsInput, unitColumns, unitsStep } from './unit-variables.ts';

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
        return momentsStatement(catalog, dialect, served, metrics);
      });
    });
  });
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
  const hasCovariates = ({ alias, metric }: AliasedMetric) =>
    metric.covariate != null && hasTimes && needsOf(alias).has('covariates');
  const tellsCut = ({ alias, rowCap }: AliasedMetric) => rowCap !== undefined && needsOf(alias).has('capping');
  const { all: measures, aliasOf } = planMeasures(
    metrics,
    (alias) => needsOf(alias).has('quality'),
    (metric) => [
      ...(tellsCut(metric) ? metric.metric.variables.map(withoutRowCap) : []),
      ...(hasCovariates(metric) ? covariateVariables(metric.metric) : []),
    ],
    (alias) => needsOf(alias).has('capping'),
  );
  const sources = [...new Set(measures.map(({ measure }) => measure.source))]
    .sort()
    .map((name) => factSource(catalog, name));
  const { sliceBy, slices, maturity, strata = null } = first!;
  const sliced = sliceBy.length > 0 || strata !== null;
  const scope = createScope(catalog, dialect, populations, {
    facts: sources,
    dimensions: [...sliceBy, ...(strata?.by ?? []), ...filterDimensions(first!.population.where)],
    activated: true,
  });
  // Units are randomised anew one by one; a quantile's variance over clusters is not computed.
  const clustered =
    isClustered(scope) && seeds === null && period === null && metrics.every(({ metric }) => metric.quantile == null);
  const marked = first!.population.where !== null && readsWholePopulation(metrics);
  const asked = metrics.map((metric) => {
    const applies = (need: MomentNeed) =>
      need === 'covariates' ? hasCovariates(metric) : need !== 'shape' || metric.metric.quantile == null;
    const needs = new Set([...needsOf(metric.alias)].filter(applies));
    // The pivots of a question that asked for more than another are those of all that is summed.
    const given = of(metric.alias)
      .map(({ pivots }) => pivots ?? [])
      .reduce((longest, pivots) => (pivots.length > longest.length ? pivots : longest));
    return {
      metric,
      needs,
      pivots: summedVariables(metric.metric, needs).map((_, i) => given[i] ?? 0),
      measures: metric.metric.variables.flatMap((variable) =>
        variable.measures.map((_, part) => measures.find(({ alias }) => alias === aliasOf(metric, variable, part))!),
      ),
      everyUnitCounts:
        (maturity === 'ALL' || maturesAfter(metric.metric) === null) &&
        metric.metric.among == null &&
        !metric.metric.variables.some(leavesUnitsOut),
    };
  });
  const idleAreNull = ({ alias, metric }: AliasedMetric) => {
    const { everyUnitCounts, pivots, needs } = asked.find((one) => one.metric.alias === alias)!;
    const plain =
      metric.cap === null &&
      metric.quantile == null &&
      !needs.has('shape') &&
      metric.variables.every(({ combine }) => !combine);
    return everyUnitCounts && plain && pivots.every((pivot) => pivot === 0);
  };
  const matureOnly = maturity === 'REQUIRED';
  // Where the exposures would be computed for each of their readers, the first facts carry them along.
  const carrier = dialect.reuse.kind === 'inlined' ? sources[0]!.name : null;
  const timed = period === null ? {} : { period: period(scope) };
  const input: UnitsInput = {
    ...{
      metrics,
      measures,
      aliasOf,
      matureOnly,
      idleAreNull,
      hasCovariates,
      tellsCut,
      sliceBy,
      slices,
      strata,
      marked,
      carrier,
    },
    ...timed,
  };
  const units = unitColumns(scope, input);
  const wanted: readonly WantedMoments[] = asked.map((one) => ({
    ...one,
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
            measures: one.measures.filter((measure) => measure.tellsCut),
          },
        }
      : {}),
  }));
  const steps: readonly Step[] = [
    ...exposureSteps(scope, { markOnly: marked }),
    ...sources.map((source) =>
      factStep(
        scope,
        source,
        measures.filter(({ measure }) => measure.source === source.name),
        source.name === carrier ? exposureColumns(scope, marked) : null,
      ),
    ),
    ...(seeds === null
      ? [unitsStep(scope, input, units.columns)]
      : rerandomisedSteps(scope, unitsStep(scope, { ...input, withUnit: true }, units.columns), seeds)),
    ...momentsSteps(scope, wanted, {
      sliced: seeds !== null || sliced,
      marked,
      byPeriod: period !== null,
      clustered,
    }),
  ];
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

export function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
