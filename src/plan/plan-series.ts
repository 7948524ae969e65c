import type { Catalog } from '../catalog/catalog.ts';
import { groupBy } from '../core/group-by.ts';
import type { TimeGrain } from '../core/vocabulary.ts';
import { maturesAfter, type Seconds } from '../metric-types/metric-type.ts';
import type { Dialect } from '../sql/dialect.ts';
import { compile, ident, type Sql, sql } from '../sql/sql.ts';
import { type Step, statement } from '../sql/statement.ts';
import type { MomentsAnswer } from './answer.ts';
import { withVariantNames } from './assignment-rows.ts';
import { decodePoint } from './decode-series.ts';
import { exposureSteps, observedUntil } from './exposures.ts';
import { filterDimensions } from './filter.ts';
import { aliasMetrics, planMeasures } from './measures.ts';
import { chunks, MOST_METRICS, momentsStatement } from './plan-moments.ts';
import type { PlannedStatement } from './planned.ts';
import type { MomentsQuestion, SeriesQuestion } from './question.ts';
import { populationKey } from './question.ts';
import { createScope, factSource, type Scope } from './scope.ts';
import { seriesForm, seriesRefusal } from './series-form.ts';
import { type KeptDays, type RunningMetric, runningSteps } from './series-steps.ts';

/**
 * Questions that one statement may answer. Values as of their maturity: those whose units are mature equally late. On
 * DAYS_SINCE_EXPOSURE: those whose cohorts are the same.
 */
function groupKey(question: SeriesQuestion): string {
  const { population, axis, grain, days, sliceBy, slices, metric } = question;
  const form = seriesForm(question);
  const after = maturesAfter(metric);
  const cohort = form === 'MATURED' ? after : axis === 'CALENDAR' ? null : after === null;
  return JSON.stringify([populationKey(population), form, cohort, axis, grain, days, sliceBy, slices]);
}

/** Series of metrics over time: the fewest statements, each for the daily and the cumulative series of its metrics. */
export function planSeries(
  catalog: Catalog,
  dialect: Dialect,
  questions: readonly SeriesQuestion[],
): readonly PlannedStatement[] {
  for (const question of questions) {
    const refusal = seriesRefusal(question.metric, seriesForm(question));
    if (refusal !== null) throw new Error(`${question.metric.metric} ${refusal}.`);
  }
  const groups = [...groupBy(questions, groupKey).entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return groups.flatMap(([, group]) =>
    rounds(group).flatMap((round) => {
      const statementOf = seriesForm(round[0]!) === 'MATURED' ? maturedStatement : runningStatement;
      const ordered = round.toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
      return chunks(ordered, MOST_METRICS).map((part) => statementOf(catalog, dialect, part));
    }),
  );
}

const name = ({ metric }: SeriesQuestion): string => `${metric.metric} ${metric.number}`;

/** A metric has one set of thresholds and pivots a statement. */
function rounds(questions: readonly SeriesQuestion[]): readonly (readonly SeriesQuestion[])[] {
  const sets: SeriesQuestion[][] = [];
  for (const question of questions) {
    const free = sets.find((set) => !set.some((one) => name(one) === name(question)));
    if (free === undefined) sets.push([question]);
    else free.push(question);
  }
  return sets;
}

const isOf =
  ({ metric }: SeriesQuestion) =>
  (one: { readonly metric: SeriesQuestion['metric'] }): boolean =>
    one.metric.metric === metric.metric && one.metric.number === metric.number;

/** A statement for series of values so far before it is written; its last step, `series`, has a row a period and arm (and slice). */
export interface RunningParts {
  readonly scope: Scope;
  readonly steps: readonly Step[];
  readonly metrics: readonly RunningMetric[];
}

/** The steps to series of metrics; experiments that share them share their zone, too. */
export function runningParts(
  catalog: Catalog,
  dialect: Dialect,
  questions: readonly SeriesQuestion[],
  kept: KeptDays | null = null,
): RunningParts {
  const [question] = questions as readonly [SeriesQuestion, ...SeriesQuestion[]]; // a group has one
  const populations = [...new Map(questions.map((one) => [one.population.experiment.key, one.population])).values()];
  const aliases = aliasMetrics(questions.map(({ metric }) => metric));
  const { all: measures, aliasOf } = planMeasures(aliases, () => false);
  const sources = [...new Set(measures.map(({ measure }) => measure.source))].sort();
  const { population, sliceBy } = question;
  const scope = createScope(catalog, dialect, populations, {
    facts: sources.map((source) => factSource(catalog, source)),
    dimensions: [...sliceBy, ...filterDimensions(population.where)],
    activated: true,
  });
  const metrics: readonly RunningMetric[] = aliases.map((metric) => {
    const { thresholds, pivots } = questions.find((one) => isOf(one)(metric))!;
    return { metric, thresholds, pivots: pivots ?? metric.metric.variables.map(() => 0) };
  });
  const steps = [...exposureSteps(scope), ...runningSteps(scope, { metrics, measures, aliasOf, question, kept })];
  return { scope, steps, metrics };
}

/** Values so far: every row in the period that it happened in. */
function runningStatement(catalog: Catalog, dialect: Dialect, questions: readonly SeriesQuestion[]): PlannedStatement {
  const { scope, steps, metrics } = runningParts(catalog, dialect, questions);
  const orderBy = ['period', 'arm', ...(questions[0]!.sliceBy.length > 0 ? ['slice'] : [])];
  return {
    purpose: 'series',
    compiled: compile(
      statement(steps, withVariantNames(scope, 'series', { orderBy }), dialect.reuse),
      dialect.placeholder,
    ),
    questions,
    answer: (asked, rows) => {
      if (asked.kind !== 'series') throw new Error('Not a question for a series.');
      const one = metrics.find(({ metric }) => isOf(asked)(metric))!;
      return rows.flatMap((row) => decodePoint(row, one) ?? []);
    },
  };
}

/** Whole values, each in the period in which its unit is mature: the moments, told by that period. */
function maturedStatement(catalog: Catalog, dialect: Dialect, questions: readonly SeriesQuestion[]): PlannedStatement {
  const [first] = questions as readonly [SeriesQuestion, ...SeriesQuestion[]]; // a group has one
  const moments = questions.map(
    ({ population, metric, maturity, sliceBy, slices, pivots }): MomentsQuestion => ({
      ...{ kind: 'moments', population, metric, maturity, sliceBy, slices, pivots },
      needs: ['products'],
    }),
  );
  const aliases = aliasMetrics(questions.map(({ metric }) => metric));
  const { grain, population } = first;
  const { timezone } = population.experiment;
  const period = (scope: Scope) => periodOfMaturity(scope, maturesAfter(first.metric)!, { grain, timezone });
  const planned = momentsStatement(catalog, dialect, moments, aliases, null, period);
  return {
    ...planned,
    purpose: 'series',
    questions,
    answer: (asked, rows) => {
      if (asked.kind !== 'series') throw new Error('Not a question for a series.');
      const asMoments = moments.find(isOf(asked))!;
      return rows.flatMap((row) => {
        if (row.period == null) return [];
        const [arm] = planned.answer(asMoments, [row]) as MomentsAnswer; // a question for moments is answered with them
        const { variant, slice, moments: added } = arm!;
        if (added.units === 0) return [];
        return [{ period: String(row.period), variant, slice, entered: added.units, alone: added, added }];
      });
    },
  };
}

/**
 * The period at the end of which a unit (`x`) has become mature; null: it has not yet. What is over exactly at the end of a
 * period is over in it; periods begin at whole seconds.
 */
export function periodOfMaturity(
  scope: Scope,
  after: Seconds,
  { grain, timezone }: { readonly grain: TimeGrain; readonly timezone: string },
): Sql {
  const { dialect } = scope;
  const mature = dialect.plusSeconds(ident('x', 'exposed_at'), after);
  const last = sql`case when date_trunc('second', ${mature}) = ${mature} then ${dialect.plusSeconds(ident('x', 'exposed_at'), after - 1)} else ${mature} end`;
  return sql`case when ${mature} <= ${observedUntil(scope)} then ${dialect.period(last, grain, timezone)} end`;
}
