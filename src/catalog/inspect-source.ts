import { MetricLayerError } from '../core/errors.ts';
import type { DescribedColumn, Engine } from '../engine/engine.ts';
import { compile, type Sql, sql } from '../sql/sql.ts';
import type { Source, WarehouseColumn } from './catalog.ts';
import type { FaultList } from './fault.ts';

/** A source whose columns are known, and what should be said of it. */
export interface InspectedSource {
  readonly source: Source;
  readonly warnings: readonly string[];
}

/** Describes a select; the engine's own sentence when it refuses it. Whatever else goes wrong is thrown. */
export async function describe(
  engine: Engine,
  query: Sql,
): Promise<readonly DescribedColumn[] | { readonly reason: string }> {
  try {
    return await engine.describe(compile(query, (index) => (engine.dialect === 'DUCKDB' ? `$${index}` : '?')));
  } catch (error) {
    if (!(error instanceof MetricLayerError)) throw error;
    const { reason } = error.details;
    // A table that may not be read is a fault of its source; a service that is not let in at all has no reason to give.
    if (error.code === 'ENGINE_UNAUTHORIZED' && typeof reason === 'string') return { reason };
    if (error.code !== 'ENGINE_FAILED') throw error;
    return { reason: typeof reason === 'string' ? reason : error.message };
  }
}

/** Reads the columns of a source and checks those that its fields name; null when it cannot be read at all. */
export async function inspectSource(
  source: Source,
  { engine, relation, faults }: { readonly engine: Engine; readonly relation: Sql; readonly faults: FaultList },
): Promise<InspectedSource | null> {
  const subject = `Source \`${source.name}\``;
  const described = await describe(engine, sql`select * from ${relation} as s`);
  if ('reason' in described) {
    const query = source.relation.kind === 'sql' ? source.relation.query.place : undefined;
    const place = query ?? source.fieldPlaces?.get('table') ?? source.fieldPlaces?.get('file') ?? source.place;
    faults.add('CAT_NO_TABLE', place, { subject, reason: described.reason });
    return null;
  }
  const columns = new Map<string, WarehouseColumn>(
    described.map(({ name, type, engineType }) => [name, { type, engineType }]),
  );
  const folded = new Map([...columns].map(([name, column]) => [name.toLowerCase(), column]));
  const warnings: string[] = [];
  for (const { field, column, isTime } of namedColumns(source)) {
    const found = folded.get(column.toLowerCase());
    const place = source.fieldPlaces?.get(field) ?? source.place;
    const named = `${subject}: \`${field}\``;
    if (found === undefined) {
      faults.add('CAT_NO_COLUMN', place, {
        subject: named,
        column,
        suggestion: faults.suggest(column, columns.keys()),
      });
    } else if (isTime && !['DATE', 'DATETIME', 'STRING'].includes(found.type)) {
      const rule = `must be a time, but the column \`${column}\` is of type ${found.engineType}; convert it in \`sql:\`, such as \`select *, ${conversion(engine, column)} as at from …\``;
      faults.add('CAT_TYPE', place, { subject: named, rule });
    } else if (field === 'loadedAt' && found.type !== 'DATETIME') {
      const rule = `must be the time at which a row arrived, but the column \`${column}\` is of type ${found.engineType}, which does not tell when on its day; convert it in \`sql:\``;
      faults.add('CAT_TYPE', place, { subject: named, rule });
    } else if (isTime && found.type === 'DATE' && !isDaily(source)) {
      warnings.push(
        `${subject}: the timestamp \`${column}\` is a date, so that all of its rows count as of midnight UTC; rows of the day of exposure come before the exposure.`,
      );
    }
  }
  return { source: { ...source, columns }, warnings };
}

const isDaily = (source: Source): boolean => source.kind === 'facts' && source.grain === 'day';

function conversion({ dialect }: Engine, column: string): string {
  return dialect === 'DUCKDB' ? `to_timestamp(${column})` : `from_unixtime(${column})`;
}

interface NamedColumn {
  /** As in YAML. */
  readonly field: string;
  readonly column: string;
  readonly isTime?: boolean;
}

function namedColumns(source: Source): readonly NamedColumn[] {
  if (source.kind === 'experiments')
    return [...source.fields].map(([field, column]) => ({ field: `columns.${field}`, column }));
  const time = source.timestamp === null ? [] : [{ field: 'timestamp', column: source.timestamp, isTime: true }];
  const unit = { field: 'unit', column: source.unit };
  const arrival = source.loadedAt == null ? [] : [{ field: 'loadedAt', column: source.loadedAt }];
  if (source.kind === 'facts')
    return [
      unit,
      ...time,
      ...arrival,
      ...(source.id === null ? [] : [{ field: 'id.column', column: source.id.column }]),
    ];
  return [
    unit,
    ...(source.experiment === null ? [] : [{ field: 'experiment', column: source.experiment }]),
    ...(source.cluster == null ? [] : [{ field: 'cluster', column: source.cluster }]),
    { field: 'variant', column: source.variant },
    ...time,
    ...arrival,
    ...source.dimensions.map(({ name, column }) => ({ field: `dimensions.${name}`, column })),
  ];
}
