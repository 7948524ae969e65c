import { groupBy } from '../../core/group-by.ts';
import { maturesAfter, measuresOf, type Seconds } from '../../metric-types/metric-type.ts';
import { productName, sumName } from '../../plan/moment-columns.ts';
import { momentsParts, type SharedMoments } from '../../plan/plan-moments.ts';
import { periodOfMaturity, runningParts } from '../../plan/plan-series.ts';
import type { MomentsQuestion, SeriesQuestion } from '../../plan/question.ts';
import { assignmentSource, factSource, type Scope } from '../../plan/scope.ts';
import { needsThresholds, seriesForm, seriesRefusal } from '../../plan/series-form.ts';
import { seriesColumn } from '../../plan/series-steps.ts';
import type { Step } from '../../sql/statement.ts';
import { populationUntilHorizon } from '../as-of.ts';
import { type DeclaredMetric, declaredMetrics, modelledExperiments } from '../declared.ts';
import type { ModelContext } from '../model.ts';
import { withLittleWaste } from './calculated-metrics.ts';
import { isPhased } from './shared-scopes.ts';

/** Steps to what each day adds to each arm: a row an (experiment,) arm and `period`, null for units of no day yet. */
export interface SeriesRows {
  readonly scope: Scope;
  readonly steps: readonly Step[];
  /** The step that has the rows. */
  readonly from: string;
  readonly metrics: readonly SeriesColumns[];
}

/** The columns of a metric. */
export interface SeriesColumns {
  readonly metric: string;
  readonly version: number;
  /** The experiments that have it, by key. */
  readonly experiments: readonly string[];
  readonly units: string;
  readonly sums: readonly string[];
  /** Lower triangle. */
  readonly products: readonly (readonly string[])[];
}

/**
 * The statements to all series by day of the metrics' experiments. Left out are metrics that have no series, those whose cap is a
 * percentile of values so far, sources without timestamps, and, as in timelines, clusters and allocations that changed.
 */
export function seriesRows(context: ModelContext): readonly SeriesRows[] {
  const { catalog } = context;
  const declared = modelledExperiments(catalog)
    .filter((experiment) => {
      const { timestamp, cluster } = assignmentSource(catalog, experiment);
      return timestamp !== null && cluster == null && !isPhased(experiment);
    })
    .flatMap((experiment) => declaredMetrics(catalog, experiment))
    .filter(({ metric }) => {
      const form = seriesForm({ ...BY_DAY, metric });
      const isTimed = measuresOf(metric).every(({ source }) => factSource(catalog, source).timestamp !== null);
      return isTimed && seriesRefusal(metric, form) === null && !needsThresholds(metric, form);
    });
  const isMatured = ({ metric }: DeclaredMetric) => seriesForm({ ...BY_DAY, metric }) === 'MATURED';
  const running = groupBy(
    declared.filter((one) => !isMatured(one)),
    ({ experiment }) => experiment.timezone,
  );
  const matured = groupBy(declared.filter(isMatured), ({ experiment, metric }) =>
    JSON.stringify([maturesAfter(metric), experiment.timezone]),
  );
  return [
    ...[...matured.values()].flatMap((group) => maturedRows(context, group)),
    ...[...running.values()].flatMap((group) => runningRows(context, group)),
  ];
}

const BY_DAY = { axis: 'CALENDAR', maturity: 'REQUIRED', grain: 'DAY' } as const;
const UNSLICED = { sliceBy: [], slices: [], pivots: null } as const;

/** Whole values, each on the day on which its unit is mature: equally late after the exposure for all metrics, in one zone. */
function maturedRows(context: ModelContext, group: readonly DeclaredMetric[]): readonly SeriesRows[] {
  const { catalog, dialect } = context;
  const [first] = group;
  const after: Seconds = maturesAfter(first!.metric)!; // matured metrics have a window
  const { timezone } = first!.experiment;
  return withLittleWaste(context, questionsOf(group)).map(({ served, metrics }) => {
    const period = (scope: Scope) => periodOfMaturity(scope, after, { grain: 'DAY', timezone });
    const { scope, steps, wanted } = momentsParts(catalog, dialect, served, metrics, null, period, context.facts);
    const columns = wanted.map((one): SeriesColumns => {
      const variables = one.metric.metric.variables;
      return {
        ...named(one.metric.metric, served),
        units: `${one.metric.alias}.units`,
        sums: variables.map((_, i) => sumName(one, i, '')),
        products: variables.map((_, i) => variables.slice(0, i + 1).map((__, j) => productName(one, i, j, ''))),
      };
    });
    return { scope, steps, from: 'moments', metrics: columns };
  });
}

/** Values so far, each row on the day of one zone on which it happened. */
function runningRows(context: ModelContext, group: readonly DeclaredMetric[]): readonly SeriesRows[] {
  return withLittleWaste(context, questionsOf(group)).map(({ served }) => {
    const questions = served.map(
      ({ population, metric }): SeriesQuestion => ({
        ...{ kind: 'series', population, metric, days: null, thresholds: null, ...BY_DAY, ...UNSLICED },
      }),
    );
    const { scope, steps, metrics } = runningParts(context.catalog, context.dialect, questions, context.keptDays);
    const columns = metrics.map(({ metric }): SeriesColumns => {
      const { variables } = metric.metric;
      const of = (what: string) => seriesColumn(metric, 'added', what);
      return {
        ...named(metric.metric, served),
        units: of('units'),
        sums: variables.map((_, i) => of(`sum${i}`)),
        products: variables.map((_, i) => variables.slice(0, i + 1).map((__, j) => of(`product${i}${j}`))),
      };
    });
    return { scope, steps, from: 'series', metrics: columns };
  });
}

const questionsOf = (group: readonly DeclaredMetric[]): readonly MomentsQuestion[] =>
  group.map(
    ({ experiment, metric }): MomentsQuestion => ({
      ...{ kind: 'moments', metric, maturity: 'REQUIRED', needs: ['products'], ...UNSLICED },
      population: populationUntilHorizon(experiment),
    }),
  );

function named(
  { metric, number }: { readonly metric: string; readonly number: number },
  served: SharedMoments['served'],
): Pick<SeriesColumns, 'metric' | 'version' | 'experiments'> {
  const own = served.filter((question) => question.metric.metric === metric && question.metric.number === number);
  return { metric, version: number, experiments: own.map(({ population }) => population.experiment.key) };
}
