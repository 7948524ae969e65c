import type { Catalog } from '../../catalog/catalog.ts';
import { hashOf } from '../../catalog/hash.ts';
import type { BuiltModel } from '../../core/built-model.ts';
import { addSeconds, type CanonicalInstant, canonicalInstant, sqlTimestamp, startOfDay } from '../../core/instant.ts';
import type { Warehouse } from '../../engine/warehouse.ts';
import { textOf } from '../../sql/literal.ts';
import { bind, ident, type Sql, sql, trusted } from '../../sql/sql.ts';
import { unionAll } from '../../sql/statement.ts';
import type { ModelContext } from '../model.ts';
import { calculatedTogether } from '../tables/calculated-metrics.ts';
import { experimentAssignments } from '../tables/experiment-assignments.ts';
import { changedUnits } from './changed-units.ts';
import { assignmentDayColumns, assignmentDays, compactedSources, withCompacted } from './compacted-assignments.ts';
import { SOURCE_DAY_COLUMNS, sourceDays, timedSources } from './source-days.ts';
import { type DailyMeasure, dailyMeasures, fromDays, markOf, UNIT_DAY_COLUMNS, valuesOf } from './unit-days.ts';
import { type KeptDays, marksIn, unitDaysUpdate } from './unit-days-update.ts';

/** A table of days before it is written. */
export interface NewDays {
  readonly name: string;
  readonly description: string;
  readonly select: Sql;
  readonly columns: readonly string[];
  readonly hash: string;
  /** Whether days of it are kept. */
  readonly incremental: boolean;
}

export interface DaysInput {
  readonly context: ModelContext;
  readonly warehouse: Pick<Warehouse, 'nameOf' | 'query'>;
  /** As SQL: `context.dialect.horizon`. */
  readonly asOf: CanonicalInstant;
  /** How far back rows may come late, in seconds. */
  readonly lookback: number;
  /** What stands in the warehouse, by name; empty for a build from nothing. */
  readonly standing: ReadonlyMap<string, BuiltModel>;
  write(days: NewDays): Promise<void>;
}

const UNIT_DAYS = 'liftql_unit_days';
const assignmentTable = (source: string): string => `liftql_assignment_days_${source}`;
const sourceTable = (source: string): string => `liftql_source_days_${source}`;

/**
 * Brings the tables of days up to date: what raw rows come to day by day, so that a build reads the days that are new or may have
 * changed and no others. Returns what the models are made with then. They give the same rows as over the raw sources.
 */
export async function bringDaysUpToDate(input: DaysInput): Promise<ModelContext> {
  const { context, warehouse } = input;
  const relation = (name: string) => ident(...warehouse.nameOf(name, 'table'));
  const kept = async ({ name, description, columns, select }: KeptTable) => {
    const hash = definitionOf(context, (own) => select(own, null));
    const since = sinceOf(input, name, hash);
    const before =
      since === null ? [] : [sql`select * from ${relation(name)} where "day" < ${instant(context, since)}`];
    const all = unionAll(columns, [...before, select(context, since)]);
    await input.write({ name, description, select: all, columns, hash, incremental: since !== null });
    return relation(name);
  };
  const sources = new Map<string, Sql>();
  for (const source of timedSources(context.catalog))
    sources.set(
      source.name,
      await kept({
        name: sourceTable(source.name),
        description: `Rows of ${source.name} by UTC day.`,
        columns: SOURCE_DAY_COLUMNS,
        select: (own, since) => sourceDays(own, source, since),
      }),
    );
  const tables = new Map<string, Sql>();
  for (const source of compactedSources(context.catalog))
    tables.set(
      source.name,
      await kept({
        name: assignmentTable(source.name),
        description: `Rows of ${source.name} that are alike, by UTC day.`,
        columns: assignmentDayColumns(source),
        select: (own, since) => assignmentDays(own, source, since),
      }),
    );
  const instantType = context.dialect.name === 'TRINO' ? 'timestamp(6)' : 'TIMESTAMP';
  const compacted: ModelContext = { ...context, catalog: withCompacted(context.catalog, tables, instantType) };
  const units = await keptDays(input, compacted);
  await input.write({
    name: UNIT_DAYS,
    description: 'What each unit came to by UTC day, measure by measure.',
    select: unitDaysUpdate(compacted, units),
    columns: UNIT_DAY_COLUMNS,
    hash: UNIT_DAYS,
    incremental: units !== null,
  });
  const marks = new Set(measuresOf(compacted).map(({ experiment, id }) => markOf(experiment.key, id)));
  return { ...compacted, sourceDays: sources, ...fromDays(relation(UNIT_DAYS), compacted.catalog, marks) };
}

/** A table of days whose rows hang on nothing but those of its source. */
interface KeptTable {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly string[];
  /** Days from `since` on; null: all. */
  select(context: ModelContext, since: CanonicalInstant | null): Sql;
}

/** From when on a table of days is read anew; null: all of it, as it is not there, is of another definition, or is later. */
function sinceOf({ standing, asOf, lookback }: DaysInput, name: string, hash: string): CanonicalInstant | null {
  const built = standing.get(name);
  if (built === undefined || built.hash !== hash || built.asOf > asOf) return null;
  return startOfDay(addSeconds(built.asOf, -lookback));
}

async function keptDays(input: DaysInput, compacted: ModelContext): Promise<KeptDays | null> {
  const { warehouse, standing } = input;
  const since = sinceOf(input, UNIT_DAYS, UNIT_DAYS);
  const assigned = standing.get(experimentAssignments.name);
  // Units that changed are told by the exposures that the days were made with, or by earlier ones.
  if (since === null || assigned === undefined || assigned.asOf > standing.get(UNIT_DAYS)!.asOf) return null;
  const table = ident(...warehouse.nameOf(UNIT_DAYS, 'table'));
  const marks = await warehouse.query(textOf(marksIn(table)));
  const known = new Set(marks.map(({ experiment, measure }) => markOf(String(experiment), String(measure))));
  const before = ident(...warehouse.nameOf(experimentAssignments.name, 'table'));
  const changed = sql`(\n${changedUnits({ before, now: experimentAssignments.select(compacted) })}\n)`;
  const earliest = earliestDelay(compacted);
  const until = instant(compacted, addSeconds(since, -earliest));
  const [first] = await warehouse.query(
    textOf(
      sql`select cast(min("assigned_at") as varchar) as "assigned_at" from ${changed} as c where "assigned_at" < ${until}`,
    ),
  );
  const from = first?.assigned_at == null ? null : instantOf(String(first.assigned_at));
  return { table, since, known, changed: from === null ? null : { table: changed, from: addSeconds(from, earliest) } };
}

/** Seconds from the assignment to the earliest row that some measure reads; 0: none lies before it. */
function earliestDelay(context: ModelContext): number {
  return Math.min(0, ...measuresOf(context).map(({ measure }) => measure.window?.delay ?? 0));
}

/** All measures that are kept by day. */
const measuresOf = (context: ModelContext): readonly DailyMeasure[] =>
  calculatedTogether(context).flatMap((shared) => dailyMeasures(context.catalog, valuesOf(context, shared)));

/** Hash over SQL whatever the asOf. */
function definitionOf(context: ModelContext, write: (context: ModelContext) => Sql): string {
  const dialect = { ...context.dialect, horizon: trusted('as_of') };
  return hashOf(textOf(write({ ...context, dialect })));
}

const instant = ({ dialect }: ModelContext, value: CanonicalInstant): Sql =>
  dialect.timestamp(bind(sqlTimestamp(value)));

/** As engines write a timestamp as text. */
const instantOf = (text: string): CanonicalInstant => canonicalInstant(`${text.replace(' ', 'T')}Z`);

/** Whether the models of a catalog have anything that is kept by day. */
export const hasDays = (catalog: Catalog): boolean => compactedSources(catalog).length > 0;
