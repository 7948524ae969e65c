import { Arg, Ctx, ID, Int, Query, Resolver } from 'type-graphql';
import { MetricLayerError } from '../core/errors.ts';
import { resolveAnalysis } from '../experiment/analysis.ts';
import { plannedPowerOf } from '../experiment/power-request.ts';
import { resultRows } from '../experiment/result-row.ts';
import { resultCells, resultColumns } from '../experiment/results-table.ts';
import { isTimed } from '../experiment/session.ts';
import { SUMMARY_COLUMNS, summaryCells, summaryRows } from '../experiment/summaries-table.ts';
import { anomalyByParts } from './anomaly-id.ts';
import { newTrace, type RequestContext } from './context.ts';
import { explainDocument } from './explain.ts';
import { AnalysisInput, ExperimentFilter, ExperimentOrder, MetricFilter, ResultFilter, toFilter } from './inputs.ts';
import { filterExperiments, filterMetrics } from './lists.ts';
import { decode } from './opaque.ts';
import { MOST_IN_CONNECTION, MOST_IN_TABLE, PAGE, pageOf, pinnedAsOf } from './paging.ts';
import { resultByParts } from './result-id.ts';
import { DateTime, JsonValue } from './scalars.ts';
import { type Connection, connectionType } from './types/connection.ts';
import { Experiment } from './types/experiment.ts';
import { Metric, Node } from './types/metric.ts';
import { checkPowerInput, PowerAnalysis, PowerInput } from './types/power.ts';
import { QueryPlan } from './types/provenance.ts';
import { Service } from './types/service.ts';
import { Table } from './types/table.ts';

const nullable = { nullable: true } as const;
const MetricConnection = connectionType<Metric>('Metric', () => Metric);
const ExperimentConnection = connectionType<Experiment>('Experiment', () => Experiment);

@Resolver()
export class RootQuery {
  @Query(() => Node, { nullable: true, description: 'Any object again, by its id.' })
  async node(@Ctx() { session }: RequestContext, @Arg('id', () => ID) id: string): Promise<Node | null> {
    const parts = decode(id);
    if (!Array.isArray(parts) || typeof parts[1] !== 'string')
      throw new MetricLayerError('BAD_USER_INPUT', 'The id is not one that this service gave.');
    const metric = parts[0] === 'Metric' ? session.catalog.metrics.get(parts[1]) : undefined;
    const experiment = parts[0] === 'Experiment' ? session.catalog.experiments.get(parts[1]) : undefined;
    if (parts[0] === 'MetricResult') return resultByParts(session, parts);
    if (parts[0] === 'MetricAnomaly') return anomalyByParts(session, parts);
    return metric !== undefined ? new Metric(metric) : experiment !== undefined ? new Experiment(experiment) : null;
  }

  @Query(() => Metric, nullable)
  metric(@Ctx() { session }: RequestContext, @Arg('name', () => String) name: string): Metric | null {
    const metric = session.catalog.metrics.get(name);
    return metric === undefined ? null : new Metric(metric);
  }

  @Query(() => MetricConnection.type)
  metrics(
    @Ctx() { session }: RequestContext,
    @Arg('filter', () => MetricFilter, nullable) filter: MetricFilter | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: PAGE.metrics }) first: number | null,
    @Arg('after', () => String, nullable) after: string | null,
  ): Connection<Metric> {
    const found = filterMetrics(session.catalog.metrics.values(), filter).map((metric) => new Metric(metric));
    return MetricConnection.of(
      pageOf(
        found,
        { first: first ?? PAGE.metrics, after, most: MOST_IN_CONNECTION },
        { of: ['metrics', filter, session.catalog.hash], asOf: '' },
      ),
    );
  }

  @Query(() => Experiment, nullable)
  experiment(@Ctx() { session }: RequestContext, @Arg('key', () => String) key: string): Experiment | null {
    const experiment = session.catalog.experiments.get(key);
    return experiment === undefined ? null : new Experiment(experiment);
  }

  @Query(() => ExperimentConnection.type)
  experiments(
    @Ctx() { session }: RequestContext,
    @Arg('filter', () => ExperimentFilter, nullable) filter: ExperimentFilter | null,
    @Arg('orderBy', () => ExperimentOrder, nullable) orderBy: ExperimentOrder | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: PAGE.experiments }) first: number | null,
    @Arg('after', () => String, nullable) after: string | null,
  ): Connection<Experiment> {
    // Which experiments run is read at a moment, and later pages at the moment of the first.
    const asOf = pinnedAsOf(after) ?? session.now;
    const found = filterExperiments(session.catalog.experiments.values(), filter, asOf, orderBy).map(
      (one) => new Experiment(one),
    );
    return ExperimentConnection.of(
      pageOf(
        found,
        { first: first ?? PAGE.experiments, after, most: MOST_IN_CONNECTION },
        { of: ['experiments', filter, orderBy, session.catalog.hash], asOf },
      ),
    );
  }

  @Query(() => Table, { nullable: true, description: 'Flat, for BI: the rows of experiment_results.' })
  async experimentResults(
    @Ctx() { session }: RequestContext,
    @Arg('experiments', () => [String]) keys: string[],
    @Arg('filter', () => ResultFilter, nullable) filter: ResultFilter | null,
    @Arg('analysis', () => AnalysisInput, nullable) analysis: AnalysisInput | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: PAGE.table }) first: number | null,
    @Arg('after', () => String, nullable) after: string | null,
  ): Promise<Table> {
    const trace = newTrace();
    const asOf = analysis?.asOf ?? pinnedAsOf(after) ?? session.now;
    const lines = { ...filter, where: toFilter(filter?.where) };
    const rows = await Promise.all(
      [...new Set(keys)].map((key) => {
        const experiment = session.catalog.experiments.get(key);
        if (experiment === undefined)
          throw new MetricLayerError('UNKNOWN_EXPERIMENT', `There is no experiment "${key.slice(0, 80)}".`);
        const now = asOf === session.now || (analysis?.asOf == null && !isTimed(session, experiment));
        const applied = resolveAnalysis(session, experiment, { ...analysis, asOf: now ? null : asOf });
        return resultRows(session, experiment, applied, lines, trace);
      }),
    );
    const page = pageOf(
      rows.flat(),
      { first: first ?? PAGE.table, after, most: MOST_IN_TABLE },
      { of: ['experimentResults', keys, lines, { ...analysis, asOf: null }, session.catalog.hash], asOf },
    );
    return Table.of({
      columns: resultColumns(filter?.sliceBy ?? []),
      page,
      cells: (row) => resultCells(session, row, trace),
      trace,
      asOf,
    });
  }

  @Query(() => Table, {
    nullable: true,
    description: 'One row an experiment × treatment: gates, goals, guardrails, verdict.',
  })
  experimentSummaries(
    @Ctx() { session }: RequestContext,
    @Arg('filter', () => ExperimentFilter, nullable) filter: ExperimentFilter | null,
    @Arg('asOf', () => DateTime, nullable) asked: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: PAGE.table }) first: number | null,
    @Arg('after', () => String, nullable) after: string | null,
  ): Table {
    const trace = newTrace();
    const asOf = asked ?? pinnedAsOf(after) ?? session.now;
    const rows = filterExperiments(session.catalog.experiments.values(), filter, asOf, null).flatMap((experiment) => {
      const ownAsOf = asOf === session.now || (asked == null && !isTimed(session, experiment)) ? null : asOf;
      return summaryRows(experiment, resolveAnalysis(session, experiment, { asOf: ownAsOf }));
    });
    const page = pageOf(
      rows,
      { first: first ?? PAGE.table, after, most: MOST_IN_TABLE },
      { of: ['experimentSummaries', filter, session.catalog.hash], asOf },
    );
    return Table.of({ columns: SUMMARY_COLUMNS, page, cells: (row) => summaryCells(session, row, trace), trace, asOf });
  }

  @Query(() => PowerAnalysis, {
    nullable: true,
    description: 'Plans an experiment from the history of a metric’s source: its traffic, mean and variance.',
  })
  async powerAnalysis(
    @Ctx() { session }: RequestContext,
    @Arg('input', () => PowerInput) input: PowerInput,
  ): Promise<PowerAnalysis> {
    checkPowerInput(input);
    const trace = newTrace();
    const request = {
      metric: input.metric,
      minimumDetectableEffect: input.minimumDetectableEffect ?? null,
      margin: input.margin ?? null,
      alpha: input.alpha ?? 0.05,
      power: input.power ?? 0.8,
      variants: input.variants ?? 2,
      unitsPerDay: input.unitsPerDay ?? null,
      lookbackDays: input.lookbackDays ?? 28,
      cuped: input.cuped ?? false,
      continuous: input.continuous ?? false,
      asOf: input.asOf ?? null,
    };
    return new PowerAnalysis(await plannedPowerOf(session, request, trace), trace);
  }

  @Query(() => QueryPlan, {
    description:
      'Compile only: the statements that a document would run. Those that depend on data are shown as templates.',
  })
  async explain(
    @Ctx() context: RequestContext,
    @Arg('document', () => String) document: string,
    @Arg('variables', () => JsonValue, nullable) variables: Record<string, unknown> | null,
    @Arg('operationName', () => String, nullable) operationName: string | null,
  ): Promise<QueryPlan> {
    if (context.dry) throw new MetricLayerError('BAD_USER_INPUT', 'explain cannot be explained.');
    // JSON may be anything; graphql-js takes only a map.
    if (variables != null && (typeof variables !== 'object' || Array.isArray(variables))) {
      throw new MetricLayerError('BAD_USER_INPUT', 'variables must be a map from names to values.');
    }
    const request = { document, variables, operationName };
    return new QueryPlan(await explainDocument(context.service, request, context.options));
  }

  @Query(() => Service)
  service(): Service {
    return new Service();
  }
}
