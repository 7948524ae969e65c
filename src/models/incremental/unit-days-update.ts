import type { Catalog } from '../../catalog/catalog.ts';
import type { CanonicalInstant } from '../../core/instant.ts';
import { sqlTimestamp } from '../../core/instant.ts';
import type { Daily } from '../../plan/facts.ts';
import type { SharedMoments } from '../../plan/plan-moments.ts';
import { textOf } from '../../sql/literal.ts';
import { bind, ident, join, type Sql, sql } from '../../sql/sql.ts';
import { as, list, unionAll } from '../../sql/statement.ts';
import type { ModelContext } from '../model.ts';
import { calculatedTogether } from '../tables/calculated-metrics.ts';
import { type DailyMeasure, dailyMeasures, markOf, UNIT_DAY_COLUMNS, unitDays, valuesOf } from './unit-days.ts';

/** What a table of units by day holds, and from when on it is read anew. */
export interface KeptDays {
  readonly table: Sql;
  /** Start of a UTC day: days from then on are read anew. */
  readonly since: CanonicalInstant;
  /** `markOf` of the measures that it holds. */
  readonly known: ReadonlySet<string>;
  /** Units whose exposure changed, and the earliest row that may matter to them; null: none did. */
  readonly changed: { readonly table: Sql; readonly from: CanonicalInstant } | null;
}

/** The marks of a table. */
export const marksIn = (table: Sql): Sql =>
  sql`select distinct "experiment", "measure" from ${table} where "unit" is null`;

/**
 * All rows of the table as of the horizon: the days that are kept, those read anew, and all days of what is new or defined anew.
 * The catalog's assignments are those by day.
 */
export function unitDaysUpdate(context: ModelContext, kept: KeptDays | null): Sql {
  const isKept = (key: string) => [...(kept?.known ?? [])].some((mark) => mark.startsWith(markOf(key, '')));
  const shares = calculatedTogether(context).flatMap((shared) => apartWhere(shared, isKept));
  const groups = shares.map((shared) => {
    const values = valuesOf(context, shared);
    const wanted = dailyMeasures(context.catalog, values);
    const isFresh = ({ measure }: DailyMeasure) =>
      wanted.some(
        (one) => one.measure.alias === measure.alias && !(kept?.known.has(markOf(one.experiment.key, one.id)) ?? false),
      );
    const fresh = wanted.filter(isFresh);
    return { shared, values, fresh, known: wanted.filter((one) => !fresh.includes(one)) };
  });
  const all: Daily = { since: null, until: null };
  const parts = groups.flatMap(({ shared, values, fresh, known }) => [
    ...unitDays(context, values, fresh, all),
    ...(kept === null ? [] : unitDays(context, values, known, { since: kept.since, until: null })),
    ...(kept?.changed == null
      ? []
      : unitDays(
          context,
          valuesOf({ ...context, catalog: ofChanged(context.catalog, kept.changed.table) }, shared),
          known,
          { since: kept.changed.from, until: kept.since },
        )),
  ]);
  const wanted = groups.flatMap(({ fresh, known }) => [...fresh, ...known]);
  const stays = groups.flatMap(({ known }) => known);
  return unionAll(UNIT_DAY_COLUMNS, [
    ...(kept === null || stays.length === 0 ? [] : [keptRows(context, kept, stays)]),
    ...parts,
    ...(wanted.length === 0 ? [nothing(context)] : [marks(context, wanted)]),
  ]);
}

/** Experiments that are new apart from the others: theirs are all days, which the others need not read. */
function apartWhere({ served, metrics }: SharedMoments, isKept: (key: string) => boolean): readonly SharedMoments[] {
  const parts = [true, false].map((kept) =>
    served.filter(({ population }) => isKept(population.experiment.key) === kept),
  );
  return parts
    .filter((part) => part.length > 0)
    .map((part) => ({
      served: part,
      metrics: metrics.filter(({ metric }) =>
        part.some((one) => one.metric.metric === metric.metric && one.metric.number === metric.number),
      ),
    }));
}

function keptRows({ dialect }: ModelContext, { table, since, changed }: KeptDays, stays: readonly DailyMeasure[]): Sql {
  const measures = list(
    [...new Map(stays.map(({ experiment, id }) => [markOf(experiment.key, id), [experiment.key, id]])).values()].map(
      (pair) =>
        sql`(${join(
          pair.map((text) => dialect.text(bind(text))),
          ', ',
        )})`,
    ),
  );
  const until = dialect.timestamp(bind(sqlTimestamp(since)));
  const isOther =
    changed === null
      ? sql``
      : sql`\nleft join ${changed.table} as c on ${ident('c', 'experiment')} = ${ident('u', 'experiment')} and ${ident('c', 'unit')} = ${ident('u', 'unit')}`;
  const unchanged = changed === null ? sql`` : sql` and ${ident('c', 'unit')} is null`;
  return sql`select ${join(
    UNIT_DAY_COLUMNS.map((name) => ident('u', name)),
    ', ',
  )}
from ${table} as u
join (values
  ${measures}
) as m ("experiment", "measure") on ${ident('m', 'experiment')} = ${ident('u', 'experiment')} and ${ident('m', 'measure')} = ${ident('u', 'measure')}${isOther}
where ${ident('u', 'day')} < ${until}${unchanged}`;
}

function marks({ dialect }: ModelContext, wanted: readonly DailyMeasure[]): Sql {
  const distinct = new Map(wanted.map(({ experiment, id }) => [markOf(experiment.key, id), [experiment.key, id]]));
  const rows = [...distinct.values()].map(
    (pair) =>
      sql`(${join(
        pair.map((text) => dialect.text(bind(text))),
        ', ',
      )})`,
  );
  return sql`select ${list([
    ident('m', 'experiment'),
    as(dialect.text(sql`null`), 'unit'),
    ident('m', 'measure'),
    as(dialect.timestamp(sql`null`), 'day'),
    as(sql`cast(null as double)`, 'value'),
  ])}\nfrom (values\n  ${list(rows)}\n) as m ("experiment", "measure")`;
}

function nothing({ dialect }: ModelContext): Sql {
  const text = dialect.text(sql`null`);
  const columns = [text, text, text, dialect.timestamp(sql`null`), sql`cast(null as double)`];
  return sql`select ${list(columns.map((value, i) => as(value, UNIT_DAY_COLUMNS[i]!)))} where false`;
}

/** The catalog with the assignments of changed units alone. */
function ofChanged(catalog: Catalog, changed: Sql): Catalog {
  const sources = [...catalog.sources].map(([name, source]) => {
    if (source.kind !== 'assignments' || source.weight === undefined || source.relation.kind !== 'sql')
      return [name, source] as const;
    const { place, text } = source.relation.query;
    const narrowed = `select a.* from (${text}) as a join ${textOf(changed)} as c on c."experiment" = a."experiment" and c."unit" = a."unit"`;
    return [name, { ...source, relation: { kind: 'sql' as const, query: { text: narrowed, place } } }] as const;
  });
  return { ...catalog, sources: new Map(sources) };
}
