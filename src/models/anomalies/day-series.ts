import { groupBy } from '../../core/group-by.ts';
import { runningParts } from '../../plan/plan-series.ts';
import type { MomentsQuestion, SeriesQuestion } from '../../plan/question.ts';
import type { Scope } from '../../plan/scope.ts';
import { seriesColumn } from '../../plan/series-steps.ts';
import type { Step } from '../../sql/statement.ts';
import { populationUntilHorizon } from '../as-of.ts';
import type { DeclaredMetric } from '../declared.ts';
import type { ModelContext } from '../model.ts';
import { withLittleWaste } from '../tables/calculated-metrics.ts';
import { dailyMetrics, OF_DAYS } from './daily-metrics.ts';

/** Steps to what happened on each day alone: a row an (experiment,) arm and `period`. */
export interface DaySeries {
  readonly scope: Scope;
  readonly steps: readonly Step[];
  /** The step that has the rows. */
  readonly from: string;
  readonly timezone: string;
  /** The metrics that share the steps, each with its columns. */
  readonly metrics: readonly DayColumns[];
  /** The metrics in their roles in experiments, which have them or not. */
  readonly declared: readonly DeclaredMetric[];
}

/** The columns of a metric. */
export interface DayColumns {
  readonly metric: string;
  readonly version: number;
  readonly entered: string;
  readonly active: string;
  readonly sums: readonly string[];
  /** Lower triangle. */
  readonly products: readonly (readonly string[])[];
}

/** The statements to the days of all metrics that have them. */
export function daySeries(context: ModelContext): readonly DaySeries[] {
  const zones = groupBy(dailyMetrics(context.catalog), ({ experiment }) => experiment.timezone);
  return [...zones].flatMap(([timezone, declared]) =>
    withLittleWaste(context, declared.map(asMoments)).map(({ served }) =>
      seriesOf(context, timezone, declared, served),
    ),
  );
}

function seriesOf(
  context: ModelContext,
  timezone: string,
  all: readonly DeclaredMetric[],
  served: readonly MomentsQuestion[],
): DaySeries {
  const questions = served.map(
    ({ population, metric }): SeriesQuestion => ({
      ...{ kind: 'series', population, metric, days: null, thresholds: null, ...OF_DAYS, ...UNSLICED },
    }),
  );
  const { scope, steps, metrics } = runningParts(context.catalog, context.dialect, questions, context.keptDays);
  const columns = metrics.map(({ metric }): DayColumns => {
    const { variables } = metric.metric;
    const alone = (what: string) => seriesColumn(metric, 'alone', what);
    return {
      ...{ metric: metric.metric.metric, version: metric.metric.number },
      ...{ entered: seriesColumn(metric, 'added', 'units'), active: alone('units') },
      sums: variables.map((_, i) => alone(`sum${i}`)),
      products: variables.map((_, i) => variables.slice(0, i + 1).map((__, j) => alone(`product${i}${j}`))),
    };
  });
  const declared = all.filter((one) =>
    served.some(({ population, metric }) => population.experiment.key === one.experiment.key && metric === one.metric),
  );
  return { scope, steps, from: 'series', timezone, metrics: columns, declared };
}

const UNSLICED = { sliceBy: [], slices: [], pivots: null } as const;

/** What is shared out over statements; their own questions are for series. */
const asMoments = ({ experiment, metric }: DeclaredMetric): MomentsQuestion => ({
  ...{ kind: 'moments', metric, maturity: OF_DAYS.maturity, needs: ['products'], ...UNSLICED },
  population: populationUntilHorizon(experiment),
});
