import type { Lists } from '../sql/dialect.ts';
import { ident, join, type Sql, sql } from '../sql/sql.ts';
import { as, list, type Step } from '../sql/statement.ts';
import { capName, hasPercentile, isCapped, SIDES, tellsRange, type WantedMoments } from './capping.ts';
import {
  asColumns,
  type Column,
  cappedColumns,
  extremeOfColumn,
  plainColumns,
  type SumOverUnits,
  sumOfColumns,
  toldColumns,
} from './moment-columns.ts';
import { gatheredValues } from './order-statistics.ts';
import type { Scope } from './scope.ts';

/** The values of capped metrics' units, kept as a list; metrics over the same values share one. */
interface Kept {
  readonly name: string;
  readonly columns: readonly string[];
  /** Units with 0 in all columns are counted, not kept. */
  readonly zeros: 'kept' | 'counted';
}

const none = (_: string): never => {
  throw new Error('A cap by value has no threshold from the data.');
};

/**
 * Sums over `units` where a cap needs a second look at them and the engine would compute `units` anew for it. In the one pass
 * there is, the values of the metrics with thresholds from the data are gathered by arm; the thresholds follow from the lists of
 * all arms together, and the lists are summed. A list holds the values of an arm's units that are not 0.
 */
export function momentsInLists(
  scope: Scope,
  lists: Lists,
  wanted: readonly WantedMoments[],
  { group, marked }: { readonly group: readonly string[]; readonly marked: boolean },
): readonly Step[] {
  const inUnits = (name: string) => ident('u', name);
  const named = (columns: readonly Column[]): readonly Column[] =>
    columns.map(({ name }) => ({ name, value: ident(name) }));
  const ranged = wanted.filter((one) => tellsRange(one, 0));
  const fromData = wanted.filter(({ metric }) => hasPercentile(metric.metric));
  const kept = [...new Map(fromData.map((one) => [keptOf(one).name, keptOf(one)])).values()];
  const sortedLists = new Map(fromData.flatMap((one) => sortedOf(lists, one)).map((column) => [column.name, column]));
  const keys = scope.keys.map((key) => ident(key));
  const partition = keys.length === 0 ? sql`` : sql`partition by ${join(keys, ', ')}`;

  const summed: readonly Column[] = [
    { name: 'exposed', value: sql`count(*)` },
    ...wanted.flatMap((one) => plainColumns(scope, one)),
    ...wanted
      .filter((one) => !fromData.includes(one))
      .flatMap((one) =>
        cappedColumns(scope, one, {
          sum: sumOfColumns(one),
          extreme: extremeOfColumn(one),
          threshold: none,
        }),
      ),
    ...gatheredValues(wanted),
  ];
  const gathered: readonly Column[] = kept.flatMap((one) => [
    { name: one.name, value: lists.collect(one.columns.map(inUnits), isKept(one)) },
    { name: `${one.name}.counted`, value: sql`count(${inUnits(one.columns[0]!)})` },
  ]);
  const extremes = (['minimum', 'maximum'] as const).flatMap((of) =>
    ranged.map((one) => ({
      name: capName(one, 0, of),
      aggregate: of === 'minimum' ? sql`min` : sql`max`,
      column: inUnits(one.columns[0]!),
    })),
  );
  // A cap keeps the order of values: the least of the cut values is the least value, cut.
  const least = fromData.filter(({ needs }) => needs.has('shape'));
  const extremesOf = (one: WantedMoments) =>
    (['min', 'max'] as const).map((of) =>
      as(
        extremeOfColumn(one)(of, (value) => value),
        extremeName(one, of),
      ),
    );
  const by = [...group, ...(marked ? ['in_scope'] : [])].map(inUnits);
  const steps: Step[] = [
    {
      name: 'gathered',
      comment: 'sums over the units of each arm, and the values that are yet to be capped',
      query: sql`select\n  ${list([
        ...by,
        ...asColumns([...summed, ...gathered]),
        ...least.flatMap(extremesOf),
        ...extremes.map(({ name, aggregate, column }) => as(sql`${aggregate}(${column})`, `${name} of the arm`)),
      ])}\nfrom units as u\ngroup by ${join(by, ', ')}`,
    },
    {
      name: 'pooled',
      comment: 'all arms together',
      query: sql`select *,\n  ${list([
        ...kept.map(({ name }) => as(lists.pool(ident(name), partition), `${name}.pool`)),
        ...extremes.map(({ name, aggregate }) =>
          as(sql`${aggregate}(${ident(`${name} of the arm`)}) over (${partition})`, name),
        ),
      ])}\nfrom gathered`,
    },
  ];
  if (fromData.length > 0) {
    steps.push(
      {
        name: 'sorted',
        comment: 'the values that thresholds are taken of, ascending',
        query: sql`select *,\n  ${list(asColumns([...sortedLists.values()]))}\nfrom pooled`,
      },
      {
        name: 'caps',
        comment: 'thresholds over the analysed units of all arms',
        query: sql`select *,\n  ${list(asColumns(fromData.flatMap((one) => thresholdsOf(lists, one))))}\nfrom sorted`,
      },
    );
  }
  const last = steps.at(-1)!.name;
  const answered: readonly Column[] = [
    ...named([...group.map((name) => ({ name, value: sql`` })), ...summed]),
    ...fromData.flatMap((one) =>
      cappedColumns(scope, one, {
        sum: sumOfList(lists, one),
        extreme: (of, cut) => cut(ident(extremeName(one, of))),
        threshold: (name) => ident(name),
      }),
    ),
    ...ranged.flatMap((one) => toldColumns(one, (name) => ident(name))),
  ];
  steps.push({
    name: 'moments',
    comment: 'sums over the values as they are analysed',
    query: sql`select\n  ${list(asColumns(answered))}\nfrom ${ident(last)}${marked ? sql`\nwhere "in_scope"` : sql``}`,
  });
  return steps;
}

const extremeName = ({ metric }: WantedMoments, of: 'min' | 'max'): string => `${metric.alias}.${of} of the arm`;

function keptOf({ metric, columns }: WantedMoments): Kept {
  const zeros = metric.metric.cap!.zeros === 'include' ? 'kept' : 'counted';
  return { name: `${columns.join(', ')}${zeros === 'kept' ? ', zeros' : ''} values`, columns, zeros };
}

const isKept = ({ columns, zeros }: Kept): Sql =>
  zeros === 'kept'
    ? sql`${ident('u', columns[0]!)} is not null`
    : join(
        columns.map((name) => sql`${ident('u', name)} <> 0e0`),
        ' or ',
      );

/** The summed variables of a metric whose thresholds come from the data. */
const cutVariables = (one: WantedMoments): readonly number[] =>
  one.columns.flatMap((_, i) => (isCapped(one, i) ? [i] : []));

const sortedName = (one: WantedMoments, i: number): string => `${one.columns[i]!} of ${keptOf(one).name}.sorted`;

function sortedOf(lists: Lists, one: WantedMoments): readonly Column[] {
  const { name, columns, zeros } = keptOf(one);
  const keep = (number: Sql) => (zeros === 'kept' ? sql`true` : sql`${number} <> 0e0`);
  return cutVariables(one).map((i) => ({
    name: sortedName(one, i),
    value: lists.sorted(ident(`${name}.pool`), i, columns.length, keep),
  }));
}

function thresholdsOf(lists: Lists, one: WantedMoments): readonly Column[] {
  return cutVariables(one).flatMap((i) =>
    SIDES.flatMap((side) => {
      const threshold = one.metric.metric.cap![side];
      if (threshold?.kind !== 'percentile') return [];
      const value = lists.quantile(ident(sortedName(one, i)), threshold.percentile);
      return [{ name: capName(one, i, side), value }];
    }),
  );
}

/** A sum over the units of an arm: those in its list, and those that were only counted. */
function sumOfList(lists: Lists, one: WantedMoments): SumOverUnits {
  const { name, columns, zeros } = keptOf(one);
  const values = ident(name);
  return (ofUnit) => {
    const listed = lists.sum(values, (row) => ofUnit((i) => lists.item(row, i, columns.length)));
    if (zeros === 'kept') return listed;
    return sql`${listed} + (${ident(`${name}.counted`)} - ${lists.size(values)}) * (${ofUnit(() => sql`0e0`)})`;
  };
}
