import type { FactSource } from '../catalog/catalog.ts';
import { ident, join, type Sql, sql, trusted } from '../sql/sql.ts';
import { and } from '../sql/statement.ts';
import type { PlannedMeasure } from './measures.ts';
import { cutRow } from './row-caps.ts';
import type { Scope } from './scope.ts';
import { usable } from './usable.ts';

/** One number of a unit and period that a measure's value is made from: of this period, and of all up to it. */
export interface Partial {
  readonly name: string;
  /** Of a row (`f`) of an exposure (`x`); null where the row does not count. */
  readonly ofRow: Sql;
  /** Of a unit's rows of a period, given the column that `ofRow` is in. */
  ofPeriod(column: Sql): Sql;
  /** How those of several periods become one: by an aggregate, or as the first or last of them; null: they do not. */
  readonly runs: 'sum' | 'min' | 'max' | 'first' | 'last' | null;
}

/** What a measure needs of each period, and its value made of that; null without rows that count. */
export interface PeriodMeasure {
  readonly partials: readonly Partial[];
  /** Of the rows of one period. */
  alone(read: (name: string) => Sql): Sql;
  /** Of all rows up to the end of a period. */
  soFar(read: (name: string) => Sql): Sql;
}

const MICROSECONDS = 1_000_000;
const double = (value: Sql): Sql => sql`cast(${value} as double)`;
const orNone = (count: Sql): Sql => sql`nullif(${count}, 0e0)`;

/** The partials of a measure over a source. `counts`: the conditions under which a row counts. */
export function periodMeasure(
  scope: Scope,
  source: FactSource,
  { alias, measure, exists }: PlannedMeasure,
  counts: readonly Sql[],
): PeriodMeasure {
  const { dialect } = scope;
  const conditions = [
    ...(measure.where === null ? [] : [sql`(${trusted(measure.where.text)})`]),
    ...(exists === undefined ? [] : [ident('f', exists)]),
    ...counts,
  ];
  const when = (value: Sql) => (conditions.length === 0 ? value : sql`case when ${and(conditions)} then ${value} end`);
  const raw = measure.column === null ? null : trusted(`(${measure.column.text})`);
  const at = ident('f', '__at');
  const exposedAt = ident('x', '__exposed_at');
  const simple = (name: string, ofRow: Sql, aggregate: string, runs: Partial['runs']): Partial => ({
    name,
    ofRow,
    ofPeriod: (column) => double(sql`${trusted(aggregate)}(${column})`),
    runs,
  });
  const one = (partial: Partial, value = (column: Sql) => column): PeriodMeasure => ({
    partials: [partial],
    alone: (read) => value(read(alias)),
    soFar: (read) => value(read(alias)),
  });
  const usual = () => usable(dialect, source, measure.column!.text);
  const cut = () => cutRow(dialect, usual(), measure.rowCap);
  const value = () => when(cut());
  /** How many different values: so far, those that no earlier row of the unit has. */
  const distinct = (of: Sql): PeriodMeasure => {
    const isNew = sql`case when ${of} is not null and row_number() over (partition by ${join([...scope.keys.map((name) => ident('x', `__${name}`)), ident('x', '__exposed_unit'), of], ', ')} order by ${at}) = 1 then 1 end`;
    return {
      partials: [
        { ...simple(alias, of, 'count', null), ofPeriod: (column) => double(sql`count(distinct ${column})`) },
        simple(`${alias}.new`, isNew, 'count', 'sum'),
      ],
      alone: (read) => orNone(read(alias)),
      soFar: (read) => orNone(read(`${alias}.new`)),
    };
  };
  /** The value of the earliest or latest row, the least of several at that time: the greatest of their negatives, of the latest. */
  const extreme = (which: 'first' | 'last'): Partial => {
    const of = which === 'first' ? cut() : sql`0e0 - ${cut()}`;
    const all = and([...conditions, sql`${usual()} is not null`]);
    return {
      name: alias,
      ofRow: sql`case when ${all} then row(${at}, ${of}) end`,
      ofPeriod: (column) =>
        which === 'first' ? double(sql`min(${column})[2]`) : double(sql`(0e0 - max(${column})[2])`),
      runs: which,
    };
  };
  switch (measure.aggregate) {
    case 'count':
      return one(simple(alias, when(raw ?? sql`1`), 'count', 'sum'), orNone);
    case 'sum':
    case 'min':
    case 'max':
      return one(simple(alias, value(), measure.aggregate, measure.aggregate));
    case 'avg': {
      const average = (read: (name: string) => Sql) => sql`${read(`${alias}.sum`)} / ${orNone(read(`${alias}.count`))}`;
      return {
        partials: [simple(`${alias}.sum`, value(), 'sum', 'sum'), simple(`${alias}.count`, value(), 'count', 'sum')],
        alone: average,
        soFar: average,
      };
    }
    case 'count_distinct':
      return distinct(when(raw!));
    case 'distinct_days':
      // A row of a day is of that day.
      return distinct(when(source.grain === 'day' ? at : dialect.elapsedDays(exposedAt, at)));
    case 'first':
    case 'last':
      return one(extreme(measure.aggregate));
    case 'time_to_first': {
      const elapsed = sql`(${dialect.microseconds(at)} - ${dialect.microseconds(exposedAt)})`;
      const told = sql`${elapsed} / ${trusted(dialect.number(MICROSECONDS * measure.timeUnit!))}`;
      return one(simple(alias, when(told), 'min', 'min'));
    }
    default:
      throw new Error(`${measure.aggregate} has no value so far.`);
  }
}
