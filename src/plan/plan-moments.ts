import type { Catalog } from '../catalog/catalog.ts';
import { groupBy } from '../core/group-by.ts';
import { leavesUnitsOut, maturesAfter } from '../metric-types/metric-type.ts';
import type { Dialect } from '../sql/dialect.ts';
import { compile } from '../sql/sql.ts';
import { type Step, statement } from '../sql/statement.ts';
import { withVariantNames } from './assignment-rows.ts';
import { readsWholePopulation, type WantedMoments } from './capping.ts';
import { decodeArm } from './decode-moments.ts';
import { exposureColumns, exposureSteps } from './exposures.ts';
import { factStep } from './facts.ts';
import { filterDimensions } from './filter.ts';
import { type AliasedMetric, aliasMetrics, planMeasures } from './measures.ts';
import { momentsSteps } from './moments.ts';
import type { PlannedStatement } from './planned.ts';
import { type MomentNeed, type MomentsQuestion } from './question.ts';
import { assignmentSource, clusterByTime, createScope, factSource } from './scope.ts';
import { type UnitsInput, unitColumns, unitsStep } from './unit-variables.ts';

/** Statements stay this narrow: engines' cost grows faster than the number of aggregates. */
const MOST_METRICS = 50;

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
  ]);
}

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
    return clusterByTime(populations, timed).flatMap((cluster) => {
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

function momentsStatement(
  catalog: Catalog,
  dialect: Dialect,
  questions: readonly MomentsQuestion[],
  metrics: ReturnType<typeof aliasMetrics>,
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
  const { all: measures, aliasOf } = planMeasures(metrics, (alias) => needsOf(alias).has('quality'));
  const sources = [...new Set(measures.map(({ measure }) => measure.source))]
    .sort()
    .map((name) => factSource(catalog, name));
  const { sliceBy, slices, maturity } = first!;
  const scope = createScope(catalog, dialect, populations, {
    facts: sources,
    dimensions: [...sliceBy, ...filterDimensions(first!.population.where)],
  });
  const marked = first!.population.where !== null && readsWholePopulation(metrics);
  const asked = metrics.map((metric) => ({
    metric,
    needs: needsOf(metric.alias),
    pivots: of(metric.alias).find(({ pivots }) => pivots !== null)?.pivots ?? metric.metric.variables.map(() => 0),
    measures: metric.metric.variables.map(
      (variable) => measures.find(({ alias }) => alias === aliasOf(metric, variable))!,
    ),
    everyUnitCounts:
      (maturity === 'ALL' || maturesAfter(metric.metric) === null) && !metric.metric.variables.some(leavesUnitsOut),
  }));
  const idleAreNull = ({ alias, metric }: AliasedMetric) => {
    const { everyUnitCounts, pivots } = asked.find((one) => one.metric.alias === alias)!;
    return everyUnitCounts && metric.cap === null && pivots.every((pivot) => pivot === 0);
  };
  const matureOnly = maturity === 'REQUIRED';
  // Where the exposures would be computed for each of their readers, the first facts carry them along.
  const carrier = dialect.reuse.kind === 'inlined' ? sources[0]!.name : null;
  const input: UnitsInput = { metrics, measures, aliasOf, matureOnly, idleAreNull, sliceBy, slices, marked, carrier };
  const units = unitColumns(scope, input);
  const wanted: readonly WantedMoments[] = asked.map((one) => ({
    ...one,
    columns: one.metric.metric.variables.map((variable) => units.nameOf(one.metric, variable)),
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
    unitsStep(scope, input, units.columns),
    ...momentsSteps(scope, wanted, { sliced: sliceBy.length > 0, marked }),
  ];
  const select = withVariantNames(scope, 'moments', { orderBy: sliceBy.length > 0 ? ['arm', 'slice'] : ['arm'] });
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
      return own.map((row) => decodeArm(row, one));
    },
  };
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
