import type { FactSource } from '../catalog/catalog.ts';
import { maturesAfter, type UnitVariable } from '../metric-types/metric-type.ts';
import type { Dialect } from '../sql/dialect.ts';
import { ident, join, type Sql, sql, trusted } from '../sql/sql.ts';
import { and, as, list, type Step } from '../sql/statement.ts';
import { observedUntil } from './exposures.ts';
import { dayOf, factsName, matching, scan } from './facts.ts';
import type { AliasedMetric, PlannedMeasure } from './measures.ts';
import type { SeriesQuestion } from './question.ts';
import { BOUND_COLUMNS, boundSql, factSource, type Scope } from './scope.ts';
import { type PeriodMeasure, type Partial as PeriodPartial, periodMeasure } from './series-partials.ts';
import { cutValue, unitValue } from './series-values.ts';
import { sliceIndex } from './strata.ts';

/** One metric of a statement for series of values so far. */
export interface RunningMetric {
  readonly metric: AliasedMetric;
  readonly thresholds: SeriesQuestion['thresholds'];
  readonly pivots: readonly number[];
}

export interface RunningInput {
  readonly metrics: readonly RunningMetric[];
  readonly measures: readonly PlannedMeasure[];
  aliasOf(metric: AliasedMetric, variable: UnitVariable, part?: number): string;
  /** What the questions of the statement share. */
  readonly question: SeriesQuestion;
  /** Days that are kept elsewhere; null: rows are read. */
  readonly kept: KeptDays | null;
}

/**
 * What each unit did in a source, as a relation of the keys of the exposures, the UTC `day`, and a column for each measure, of its
 * name; null: not all of them are kept.
 */
export type KeptDays = (scope: Scope, source: FactSource, measures: readonly PlannedMeasure[]) => Sql | null;

/** Columns of the answer. */
export const seriesColumn = ({ alias }: AliasedMetric, of: 'added' | 'alone', what: string): string =>
  `${alias}.${of}.${what}`;

/** The pairs of variables whose products are summed. */
export const pairsOf = ({ metric }: AliasedMetric): readonly (readonly [number, number])[] =>
  metric.variables.flatMap((_, i) => metric.variables.slice(0, i + 1).map((__, j) => [i, j] as const));

const UNIT_KEY = ['unit', 'arm', 'slice', 'period'] as const;
const named = (names: readonly string[], from?: string): readonly Sql[] =>
  names.map((name) => (from === undefined ? ident(name) : ident(from, name)));

/**
 * From `exposures` to one row a(n experiment,) period, arm (and slice): what the period's rows came to by themselves, and by how much they
 * moved the sums and products of the units' values so far. Only units and periods that something happened in are held: a unit
 * has a row for the period that it entered in, and for each that it did something in.
 */
export function runningSteps(scope: Scope, input: RunningInput): readonly Step[] {
  const sliced = input.question.sliceBy.length > 0;
  const key = [...scope.keys, ...UNIT_KEY.filter((name) => sliced || name !== 'slice')];
  const ofUnit = sql`partition by ${join(named([...scope.keys, 'unit']), ', ')} order by "period"`;
  const sources = [...new Set(input.measures.map(({ measure }) => measure.source))].sort();
  const partials = new Map<string, PeriodMeasure>();
  const facts = sources.map((name, i) => {
    const step = periodFacts(scope, input, name, { key, carriesEntries: i === 0 });
    for (const [alias, measure] of step.measures) partials.set(alias, measure);
    return step;
  });
  const all = [...partials.values()].flatMap((measure) => measure.partials);
  const running = all.filter(({ runs }) => runs !== null);
  const soFar = (name: string) => `${name} so far`;
  const over = sql`over (${ofUnit} rows between unbounded preceding and current row)`;

  const columnsOf = ({ metric }: RunningMetric) => metric.metric.variables.map(({ name }) => `${metric.alias}.${name}`);
  const values = input.metrics.flatMap((one) =>
    columnsOf(one).flatMap((column, i) => {
      const { metric, thresholds } = one;
      const measureOf = (variable: UnitVariable, part: number) => partials.get(input.aliasOf(metric, variable, part))!;
      const cut = (value: Sql) => cutValue(scope.dialect, metric, i, value, thresholds);
      const total = unitValue(scope.dialect, metric, i, (variable, part) =>
        measureOf(variable, part).soFar((name) => ident(soFar(name))),
      );
      const readAlone = (variable: UnitVariable, part: number) =>
        measureOf(variable, part).alone((name) => ident(name));
      const active = metric.metric.variables.flatMap((variable) =>
        variable.measures.map((_, part) => sql`${readAlone(variable, part)} is not null`),
      );
      const alone = unitValue(scope.dialect, metric, i, readAlone);
      return [
        as(cut(total), column),
        as(sql`case when ${join(active, ' or ')} then ${cut(alone)} end`, `${column} alone`),
      ];
    }),
  );
  const before = input.metrics.flatMap((one) =>
    columnsOf(one).map((column) => as(sql`lag(${ident(column)}) over (${ofUnit})`, `${column} before`)),
  );
  const group = named(key.filter((name) => name !== 'unit'));
  return [
    ...facts.map(({ step }) => step),
    ...(facts.length === 1 ? [] : [merged(facts, key, all)]),
    {
      name: 'running',
      comment: "each unit's sums up to the end of each of its periods",
      query: sql`select\n  ${list([
        ...named(key),
        ...all.map(({ name }) => ident(name)),
        ...running.map(({ name, runs }) => as(sql`${runOver(ident(name), runs!)} ${over}`, soFar(name))),
      ])}\nfrom ${ident(facts.length === 1 ? facts[0]!.step.name : 'activity')}`,
    },
    {
      name: 'valued',
      comment: "each unit's value of each metric, so far and of the period alone",
      query: sql`select\n  ${list([...named(key), ...values])}\nfrom running`,
    },
    {
      name: 'stepped',
      comment: 'and so far at the end of the period before',
      query: sql`select *,\n  ${list(before)}\nfrom valued`,
    },
    {
      name: 'series',
      comment: 'what each period adds to each arm',
      query: sql`select\n  ${list([...group, ...input.metrics.flatMap((one) => sums(scope, one, columnsOf(one)))])}\nfrom stepped\ngroup by ${join(group, ', ')}`,
    },
  ];
}

/** How a partial of a unit's periods becomes one of all up to a period. */
function runOver(column: Sql, runs: NonNullable<PeriodPartial['runs']>): Sql {
  const known = sql`case when ${column} is not null then "period" end`;
  if (runs === 'first') return sql`min_by(${column}, ${known})`;
  if (runs === 'last') return sql`max_by(${column}, ${known})`;
  return sql`${trusted(runs)}(${column})`;
}

/** Sums over the units of a period: their values of it alone, and the change of their values so far. */
function sums(scope: Scope, { metric, pivots }: RunningMetric, columns: readonly string[]): readonly Sql[] {
  const at = (column: string, i: number) =>
    pivots[i] === 0 ? ident(column) : sql`(${ident(column)} - ${trusted(scope.dialect.number(pivots[i]!))})`;
  const product = (i: number, j: number, suffix: string) =>
    sql`${at(`${columns[i]!}${suffix}`, i)} * ${at(`${columns[j]!}${suffix}`, j)}`;
  const change = (value: (suffix: string) => Sql) =>
    sql`sum(coalesce(${value('')}, 0e0) - coalesce(${value(' before')}, 0e0))`;
  const counted = (column: string) => sql`case when ${ident(column)} is null then 0 else 1 end`;
  const name = (of: 'added' | 'alone', what: string) => seriesColumn(metric, of, what);
  return [
    as(sql`sum(${counted(columns[0]!)} - ${counted(`${columns[0]!} before`)})`, name('added', 'units')),
    as(sql`count(${ident(`${columns[0]!} alone`)})`, name('alone', 'units')),
    ...columns.flatMap((column, i) => [
      as(
        change((suffix) => at(`${column}${suffix}`, i)),
        name('added', `sum${i}`),
      ),
      as(sql`sum(${at(`${column} alone`, i)})`, name('alone', `sum${i}`)),
    ]),
    ...pairsOf(metric).flatMap(([i, j]) => [
      as(
        change((suffix) => product(i, j, suffix)),
        name('added', `product${i}${j}`),
      ),
      as(sql`sum(${product(i, j, ' alone')})`, name('alone', `product${i}${j}`)),
    ]),
  ];
}

interface PeriodFacts {
  readonly step: Step;
  readonly measures: ReadonlyMap<string, PeriodMeasure>;
}

/**
 * One source's rows by unit and period: one scan. `carriesEntries`: every exposed unit has a row for the period that it entered
 * in, too; its exposure is there twice, and one of the two meets no rows.
 */
function periodFacts(
  scope: Scope,
  { measures, question, kept }: RunningInput,
  name: string,
  { key, carriesEntries }: { readonly key: readonly string[]; readonly carriesEntries: boolean },
): PeriodFacts {
  const { dialect } = scope;
  const source = factSource(scope.catalog, name);
  const own = measures.filter(({ measure }) => measure.source === name);
  const { on, windowOf } = matching(scope, source, own);
  const found = carriesEntries ? [sql`${ident('f', '__unit')} is not null`] : [];
  const columns = new Map(
    own.map((planned) => [planned.alias, periodMeasure(scope, source, planned, [...found, ...windowOf(planned)])]),
  );
  const partials = [...columns.values()].flatMap((measure) => measure.partials);
  const at = ident('f', '__at');
  const exposedAt = ident('x', '__exposed_at');
  const { days, axis, grain, population, sliceBy } = question;
  const { timezone } = population.experiment;
  const comment = carriesEntries
    ? `what each unit did in ${name}, period by period, and the period that it entered in`
    : `what each unit did in ${name}, period by period`;
  const ofDays = axis === 'CALENDAR' && grain === 'DAY' && timezone === 'UTC' && sliceBy.length === 0;
  const from = ofDays && kept !== null ? kept(scope, source, own) : null;
  if (from !== null) {
    const query = keptPeriods(scope, { from, key, partials, timezone, carriesEntries });
    return { measures: columns, step: { name: factsName(name), comment, query } };
  }
  const [entry, happened] =
    axis === 'CALENDAR'
      ? [dialect.period(exposedAt, grain, timezone), dialect.period(happenedAt(dialect, source), grain, timezone)]
      : [sql`cast(0 as bigint)`, dialect.elapsedDays(source.grain === 'day' ? dayOf(exposedAt) : exposedAt, at)];
  const period = carriesEntries
    ? sql`case when ${ident('f', '__unit')} is null then ${entry} else ${happened} end`
    : happened;
  const exposed = list([
    ...scope.keys.map((name) => as(ident('x', name), `__${name}`)),
    ...(scope.keys.length === 0
      ? []
      : [BOUND_COLUMNS.observedUntil, BOUND_COLUMNS.measuredUntil].map((name) => as(ident('x', name), `__${name}`))),
    as(ident('x', 'unit'), '__exposed_unit'),
    as(ident('x', 'arm'), '__arm'),
    ...(sliceBy.length === 0 ? [] : [as(sliceIndex(scope, question), '__slice')]),
    as(ident('x', 'exposed_at'), '__exposed_at'),
    as(
      carriesEntries ? sql`case when ${ident('e', 'entry')} = 0 then ${ident('x', 'unit')} end` : ident('x', 'unit'),
      '__met',
    ),
  ]);
  const entries = carriesEntries ? sql`\n  cross join (values (0), (1)) as e ("entry")` : sql``;
  const whole =
    axis === 'CALENDAR'
      ? []
      : [sql`${dialect.plusSeconds(ident('x', 'exposed_at'), days! * DAY)} <= ${cohortUntil(scope, question)}`];
  const where = whole.length === 0 ? sql`` : sql`\n  where ${and(whole)}`;
  const units = sql`(\n  select\n  ${exposed}\n  from exposures as x${entries}${where}\n) as x`;
  const within = axis === 'CALENDAR' ? [] : [sql`${at} < ${dialect.plusSeconds(exposedAt, days! * DAY)}`];
  const match = and([sql`${ident('f', '__unit')} = ${ident('x', '__met')}`, ...on, ...within]);
  const rows = list([
    ...key.map((column) =>
      as(column === 'period' ? period : ident('x', column === 'unit' ? '__exposed_unit' : `__${column}`), column),
    ),
    ...partials.map((partial) => as(partial.ofRow, partial.name)),
  ]);
  return {
    measures: columns,
    step: {
      name: factsName(name),
      comment,
      query: sql`select\n  ${list([
        ...named(key),
        ...partials.map((partial) => as(partial.ofPeriod(ident(partial.name)), partial.name)),
      ])}\nfrom (\n  select\n  ${rows}\n  from (\n  ${scan(scope, source, own)}\n) as f\n  ${trusted(carriesEntries ? 'right join' : 'join')} ${units} on ${match}\n) as r\ngroup by ${join(named(key), ', ')}`,
    },
  };
}

/** The same from days that are kept, of which a unit has one row each. */
function keptPeriods(
  scope: Scope,
  {
    from,
    key,
    partials,
    timezone,
    carriesEntries,
  }: {
    readonly from: Sql;
    readonly key: readonly string[];
    readonly partials: readonly PeriodPartial[];
    readonly timezone: string;
    readonly carriesEntries: boolean;
  },
): Sql {
  const names = partials.map(({ name }) => name);
  const periodOf = (instant: Sql) => scope.dialect.period(instant, 'DAY', timezone);
  const keysAt = (instant: Sql) =>
    key.map((name) => (name === 'period' ? as(periodOf(instant), name) : ident('x', name)));
  const entries = sql`select ${join([...keysAt(ident('x', 'exposed_at')), ...names.map((name) => as(sql`cast(null as double)`, name))], ', ')} from exposures as x`;
  const on = and([...scope.keys, 'unit'].map((name) => sql`${ident('d', name)} = ${ident('x', name)}`));
  const days = sql`select ${join([...keysAt(ident('d', 'day')), ...named(names, 'd')], ', ')} from exposures as x join ${from} as d on ${on}`;
  const rows = join(carriesEntries ? [entries, days] : [days], '\n  union all\n  ');
  const values = names.map((name) => as(sql`max(${ident(name)})`, name));
  return sql`select\n  ${list([...named(key), ...values])}\nfrom (\n  ${rows}\n) as r\ngroup by ${join(named(key), ', ')}`;
}

const DAY = 86_400;

/** When a row (`f`) counts: where it holds a day, once that is over; what is over at the end of a period is over in it. */
function happenedAt(dialect: Dialect, source: FactSource): Sql {
  const at = ident('f', '__at');
  return source.grain === 'day' ? sql`(${dialect.plusSeconds(at, DAY - 1)})` : at;
}

/** Until when all units of a cohort must have been observed: open metrics stop with the experiment. */
function cohortUntil(scope: Scope, { metric }: SeriesQuestion): Sql {
  return maturesAfter(metric) === null ? boundSql(scope, 'measuredUntil', sql``) : observedUntil(scope);
}

/** The facts of several sources in one row a unit and period. */
function merged(facts: readonly PeriodFacts[], key: readonly string[], all: readonly PeriodPartial[]): Step {
  const branches = facts.map(({ step, measures }) => {
    const own = new Set([...measures.values()].flatMap(({ partials }) => partials.map(({ name }) => name)));
    return sql`select ${join([...named(key), ...all.map(({ name }) => (own.has(name) ? ident(name) : as(sql`cast(null as double)`, name)))], ', ')} from ${ident(step.name)}`;
  });
  return {
    name: 'activity',
    comment: 'all sources together',
    query: sql`select\n  ${list([...named(key), ...all.map(({ name }) => as(sql`max(${ident(name)})`, name))])}\nfrom (\n  ${join(branches, '\n  union all\n  ')}\n) as a\ngroup by ${join(named(key), ', ')}`,
  };
}
