import type { Catalog, Experiment, FactSource } from '../../catalog/catalog.ts';
import { hashOf } from '../../catalog/hash.ts';
import { measureKey } from '../../metric-types/measure-key.ts';
import { settledSum } from '../../plan/arithmetic-sql.ts';
import { type Daily, factStep } from '../../plan/facts.ts';
import type { PlannedMeasure } from '../../plan/measures.ts';
import type { SharedMoments } from '../../plan/plan-moments.ts';
import { assignmentSource, factSource, type Scope } from '../../plan/scope.ts';
import { type UnitValues, unitValues } from '../../plan/unit-values.ts';
import { bind, ident, join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { and, as, list, type Step, statement } from '../../sql/statement.ts';
import type { ModelContext } from '../model.ts';
import { overDays } from './over-days.ts';

/** Columns of the table of units by day, in order. */
export const UNIT_DAY_COLUMNS = ['experiment', 'unit', 'measure', 'day', 'value'] as const;

/** One measure of one experiment, by what its days are known under in the table. */
export interface DailyMeasure {
  readonly experiment: Experiment;
  readonly measure: PlannedMeasure;
  readonly id: string;
}

/** The values of metrics of experiments that share a scan, as `metric_calculations` plans them. */
export function valuesOf({ catalog, dialect }: ModelContext, { served, metrics }: SharedMoments): UnitValues {
  const populations = [...new Map(served.map(({ population }) => [population.experiment.key, population])).values()];
  const no = () => false;
  return unitValues(catalog, dialect, {
    ...{ populations, metrics, maturity: 'ALL', sliceBy: [], slices: [], strata: null },
    ...{ quality: no, capping: no, idleAreNull: no, covariates: () => true },
  });
}

/** The measures of each experiment that are kept by day. */
export function dailyMeasures(catalog: Catalog, { scope, measures }: UnitValues): readonly DailyMeasure[] {
  return scope.populations.flatMap(({ experiment }) =>
    measures
      .filter((measure) => isDaily(catalog, scope, measure))
      .map((measure) => ({ experiment, measure, id: idOf(catalog, experiment, measure) })),
  );
}

/** Whether a measure is kept by day: assignments and rows tell when, and its days can be put together. */
function isDaily(catalog: Catalog, { source }: Scope, { measure }: PlannedMeasure): boolean {
  const timed = source.timestamp !== null && factSource(catalog, measure.source).timestamp !== null;
  return timed && overDays(measure) !== null;
}

/** The same for what gives the same days: a changed definition of the measure, its source, or who counts from when, is another. */
function idOf(catalog: Catalog, experiment: Experiment, { measure, window }: PlannedMeasure): string {
  const { start, end, treatmentEnd, multiExposure, activation, variants } = experiment;
  const { columns: _, ...assignments } = assignmentSource(catalog, experiment);
  const { columns: __, ...facts } = factSource(catalog, measure.source);
  return hashOf([
    measureKey(measure),
    window === null ? null : [window.delay, window.length],
    { start, end, treatmentEnd, multiExposure, activation, variants: variants.map(({ key }) => key) },
    { unit: assignments.unit, timestamp: assignments.timestamp, experiment: assignments.experiment },
    facts,
  ]).slice(0, ID_LENGTH);
}

const ID_LENGTH = 16;

/** The days of some measures of experiments that share a scan: a row for each unit, measure and UTC day with a value. */
export function unitDays(
  context: ModelContext,
  values: UnitValues,
  wanted: readonly DailyMeasure[],
  daily: Daily,
): readonly Sql[] {
  const { catalog } = context;
  const sources = [...new Set(wanted.map(({ measure }) => measure.measure.source))].sort();
  return sources.map((name) => {
    const own = wanted.filter(({ measure }) => measure.measure.source === name);
    return daysOfSource(context, values, factSource(catalog, name), own, daily);
  });
}

function daysOfSource(
  { dialect }: ModelContext,
  { scope, before }: UnitValues,
  source: FactSource,
  wanted: readonly DailyMeasure[],
  daily: Daily,
): Sql {
  // A day whose amounts take each other away is none of a residue, for whichever metric it is summed.
  const settled = (measure: PlannedMeasure) => ({ ...measure, settles: measure.measure.aggregate === 'sum' });
  const measures = [...new Map(wanted.map(({ measure }) => [measure.alias, settled(measure)])).values()];
  const facts: Step = { ...factStep(scope, source, measures, null, daily), name: 'days' };
  // The steps to the exposures come first, then one a source.
  const exposures = before.slice(0, before.findIndex(({ name }) => name === 'exposures') + 1);
  // A day without a row says as much as one that counts none.
  const values = measures.map(({ alias, measure }) => {
    const value = sql`cast(${ident('d', alias)} as double)`;
    return measure.aggregate === 'count' ? sql`nullif(${value}, 0e0)` : value;
  });
  const gathered: Step = {
    name: 'gathered',
    comment: "each day's numbers as a list, one item a measure",
    query: sql`select\n  ${list([
      as(scope.keys.length > 0 ? ident('d', 'experiment') : keyOf(scope), 'experiment'),
      as(dialect.text(ident('d', 'unit')), 'unit'),
      ident('d', 'day'),
      as(sql`array[${join(values, ', ')}]`, 'values'),
    ])}\nfrom days as d`,
  };
  const names = measures.map(({ alias }) => alias);
  const ids = wanted.map(
    ({ experiment, measure, id }) =>
      sql`(${join([dialect.text(bind(experiment.key)), trusted(String(names.indexOf(measure.alias) + 1)), dialect.text(bind(id))], ', ')})`,
  );
  const known: Step = {
    name: 'measures',
    comment: 'what each item is kept under',
    query: sql`select * from (values\n  ${list(ids)}\n) as m ("experiment", "place", "measure")`,
  };
  const item = sql`${ident('g', 'values')}[${ident('m', 'place')}]`;
  return statement(
    [...exposures, facts, gathered, known],
    sql`select\n  ${list([
      ident('g', 'experiment'),
      ident('g', 'unit'),
      ident('m', 'measure'),
      ident('g', 'day'),
      as(item, 'value'),
    ])}\nfrom gathered as g\njoin measures as m on ${ident('m', 'experiment')} = ${ident('g', 'experiment')}\nwhere ${item} is not null`,
    dialect.reuse,
  );
}

const keyOf = ({ dialect, populations }: Scope): Sql => dialect.text(bind(populations[0]!.experiment.key));

/** What models read in place of the rows of sources that are kept by day. */
export type FromDays = Required<Pick<ModelContext, 'facts' | 'keptDays'>>;

/** That of a table of units' days; `marks`: `markOf` of each measure that it holds. */
export function fromDays(table: Sql, catalog: Catalog, marks: ReadonlySet<string>): FromDays {
  return { facts: factsFromDays(table, catalog, marks), keptDays: daysOf(table, catalog, marks) };
}

/** What tells that a measure of an experiment is in the table, even if no unit has a value. */
export const markOf = (experiment: string, id: string): string => `${experiment} ${id}`;

/**
 * The facts of a source from its units' days, the rest of its measures from its rows: every exposed unit, with the columns of the
 * exposures that are to be carried along.
 */
function factsFromDays(table: Sql, catalog: Catalog, marks: ReadonlySet<string>): FromDays['facts'] {
  return (scope, source, measures, carried) => {
    const daily = measures.filter((measure) => isDaily(catalog, scope, measure));
    const others = measures.filter((measure) => !daily.includes(measure));
    const raw = others.length === 0 ? null : factStep(scope, source, others, null);
    const step = factStep(scope, source, measures, carried);
    const key = [...scope.keys, 'unit'];
    const on = (alias: string) => and(key.map((name) => sql`${ident(alias, name)} = ${ident('x', name)}`));
    const totals = rowsOfDays(table, catalog, marks, { scope, daily, key });
    const told = (carried ?? key).filter((name) => !key.includes(name));
    return {
      name: step.name,
      comment: `what each exposed unit did in ${source.name}, from its days`,
      query: sql`select\n  ${list([
        ...key.map((name) => ident('x', name)),
        ...told.map((name) => ident('x', name)),
        ...daily.map(({ alias }) => ident('d', alias)),
        ...others.map(({ alias }) => ident('r', alias)),
      ])}\nfrom exposures as x${daily.length === 0 ? sql`` : sql`\nleft join ${totals} as d on ${on('d')}`}${
        raw === null ? sql`` : sql`\nleft join (\n${raw.query}\n) as r on ${on('r')}`
      }`,
    };
  };
}

/** The days of a source, where all of its measures are kept. */
function daysOf(table: Sql, catalog: Catalog, marks: ReadonlySet<string>): FromDays['keptDays'] {
  return (scope, _, measures) =>
    measures.every((measure) => isDaily(catalog, scope, measure))
      ? rowsOfDays(table, catalog, marks, { scope, daily: measures, key: [...scope.keys, 'unit', 'day'] })
      : null;
}

/** A row of each `key` of the table, with a column for each measure. Throws where the table holds none: it would read as 0. */
function rowsOfDays(
  table: Sql,
  catalog: Catalog,
  marks: ReadonlySet<string>,
  {
    scope,
    daily,
    key,
  }: { readonly scope: Scope; readonly daily: readonly PlannedMeasure[]; readonly key: readonly string[] },
): Sql {
  // Experiments of one statement need not all have the metric; one of them has.
  const idsOf = (measure: PlannedMeasure) => {
    const ids = scope.populations.flatMap(({ experiment }) => {
      const id = idOf(catalog, experiment, measure);
      return marks.has(markOf(experiment.key, id)) ? [id] : [];
    });
    if (ids.length === 0) throw new Error(`No days are kept of ${measure.alias}.`);
    return [...new Set(ids)];
  };
  const isOneOf = (ids: readonly string[]) => sql`"measure" in (${join([...new Set(ids)].map(bind), ', ')})`;
  const columns = daily.map((measure) => {
    const own = sql`case when ${isOneOf(idsOf(measure))} then "value" end`;
    const value = measure.settles ? settledSum(own) : sql`${trusted(overDays(measure.measure)!)}(${own})`;
    return as(value, measure.alias);
  });
  const experiments = join(
    scope.populations.map(({ experiment }) => bind(experiment.key)),
    ', ',
  );
  const group = join(
    key.map((name) => ident(name)),
    ', ',
  );
  return sql`(\n  select ${list([group, ...columns])}\n  from ${table}\n  where "experiment" in (${experiments}) and ${isOneOf(daily.flatMap(idsOf))} and "unit" is not null\n  group by ${group}\n)`;
}
