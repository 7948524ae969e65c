import { ident, join, type Sql, sql } from '../sql/sql.ts';
import { and, as, list, type Step } from '../sql/statement.ts';
import { capsStep, type WantedMoments } from './capping.ts';
import { clusterColumns } from './cluster-columns.ts';
import {
  asColumns,
  type Column,
  cappedColumns,
  extremeOfColumn,
  plainColumns,
  sumOfColumns,
  toldColumns,
} from './moment-columns.ts';
import { momentsInLists } from './moments-in-lists.ts';
import { gatheredValues, orderSteps } from './order-statistics.ts';
import { bucketSteps, isBucketed } from './order-statistics-buckets.ts';
import type { Scope } from './scope.ts';

export interface MomentsOptions {
  readonly sliced: boolean;
  /** `units` tells which units were asked for; the others only shape the thresholds. */
  readonly marked: boolean;
  /** Clusters were randomised: their products are told, too. */
  readonly clustered?: boolean;
  /** By the periods of the units, too. */
  readonly byPeriod?: boolean;
}

/** Sums over `units`: one row an (experiment,) arm (and slice). */
export function momentsSteps(scope: Scope, wanted: readonly WantedMoments[], options: MomentsOptions): readonly Step[] {
  if (options.clustered) return clusteredMoments(scope, wanted, options);
  const names = [...scope.keys, 'arm', ...(options.sliced ? ['slice'] : []), ...(options.byPeriod ? ['period'] : [])];
  if (isBucketed(wanted[0]!.metric.metric)) return bucketSteps(scope, wanted[0]!, names);
  const caps = capsStep(scope, wanted);
  const group = names.map((name) => ident('u', name));
  const columns = wanted.flatMap((one) => [
    ...plainColumns(scope, one),
    ...cappedColumns(scope, one, {
      sum: sumOfColumns(one),
      extreme: extremeOfColumn(one),
      threshold: (name) => ident('c', name),
    }),
    ...toldColumns(one, (name) => sql`max(${ident('c', name)})`),
  ]);
  const ordered = (steps: readonly Step[]) =>
    orderSteps(scope.dialect, wanted, steps, [...names, 'exposed', ...columns.map(({ name }) => name)]);
  if (caps !== null && scope.dialect.reuse.kind === 'inlined')
    return ordered(momentsInLists(scope, scope.dialect.reuse.lists, wanted, { group: names, marked: options.marked }));
  const where = options.marked ? sql`\nwhere ${ident('u', 'in_scope')}` : sql``;
  return ordered([
    ...(caps === null ? [] : [caps]),
    {
      name: 'moments',
      comment: 'sums over the units of each arm',
      query: sql`select\n  ${list([...group, as(sql`count(*)`, 'exposed'), ...asColumns([...columns, ...gatheredValues(wanted)])])}\nfrom units as u${caps === null ? sql`` : joinCaps(scope)}${where}\ngroup by ${join(group, ', ')}`,
    },
  ]);
}

/** As `momentsSteps`, over clusters: the sums of each cluster first, then the sums of those and of their products. */
function clusteredMoments(scope: Scope, wanted: readonly WantedMoments[], options: MomentsOptions): readonly Step[] {
  const caps = capsStep(scope, wanted);
  const names = [...scope.keys, 'arm', ...(options.sliced ? ['slice'] : [])];
  const summed: readonly Column[] = [
    { name: 'exposed', value: sql`count(*)` },
    ...wanted.flatMap((one) => [
      ...plainColumns(scope, one),
      ...cappedColumns(scope, one, {
        sum: sumOfColumns(one),
        extreme: extremeOfColumn(one),
        threshold: (name) => ident('c', name),
      }),
    ]),
  ];
  const told = wanted.flatMap((one) => toldColumns(one, (name) => sql`max(${ident('c', name)})`));
  const known = new Set(summed.map(({ name }) => name));
  const group = (alias: string) => names.map((name) => ident(alias, name));
  const where = options.marked ? sql`\nwhere ${ident('u', 'in_scope')}` : sql``;
  const key = join([...group('u'), ident('u', 'cluster')], ', ');
  const ofArm = (name: string) =>
    name.endsWith('.smallest') ? sql`min` : name.endsWith('.largest') ? sql`max` : sql`sum`;
  return [
    ...(caps === null ? [] : [caps]),
    {
      name: 'clusters',
      comment: 'sums over the units of each cluster',
      query: sql`select\n  ${list([...group('u'), ident('u', 'cluster'), ...asColumns([...summed, ...told])])}\nfrom units as u${caps === null ? sql`` : joinCaps(scope)}${where}\ngroup by ${key}`,
    },
    {
      name: 'moments',
      comment: 'sums over the clusters of each arm',
      query: sql`select\n  ${list([
        ...group('k'),
        ...summed.map(({ name }) => as(sql`${ofArm(name)}(${ident('k', name)})`, name)),
        ...told.map(({ name }) => as(sql`max(${ident('k', name)})`, name)),
        ...asColumns(wanted.flatMap((one) => clusterColumns(scope, one, known))),
      ])}\nfrom clusters as k\ngroup by ${join(group('k'), ', ')}`,
    },
  ];
}

function joinCaps({ keys }: Scope): Sql {
  if (keys.length === 0) return sql`\ncross join caps as c`;
  return sql`\njoin caps as c on ${and(keys.map((key) => sql`${ident('u', key)} = ${ident('c', key)}`))}`;
}
