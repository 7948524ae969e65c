import { isAbsolute, relative } from 'node:path';
import type { Catalog, Source } from '../../catalog/catalog.ts';
import { readerOf } from '../../engine/duckdb/file-reader.ts';
import { DIRECTORY_MARK } from './marks.ts';

/** Name of the raw database on DuckDB, as liftql itself attaches it. */
export const WAREHOUSE = 'warehouse';

/** A source as dbt finds it. */
export interface DbtTable {
  readonly source: Source;
  readonly identifier: string;
  /** On DuckDB: what reads the file; null: it is a table. */
  readonly reader: string | null;
}

/** Sources of one schema. */
export interface SourceGroup {
  readonly name: string;
  /** null: the raw database on DuckDB, the target's catalog on Trino. */
  readonly database: string | null;
  readonly schema: string;
  readonly tables: readonly DbtTable[];
}

/** The schemas that hold the catalog's sources; one that is the text of a query is in none. */
export function sourceGroups(catalog: Catalog, used: ReadonlySet<string>): readonly SourceGroup[] {
  const groups = new Map<string, { database: string | null; schema: string; tables: DbtTable[] }>();
  for (const source of [...catalog.sources.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const placed = used.has(source.name) ? placeOf(source, catalog) : null;
    if (placed === null) continue;
    const { database, schema, ...table } = placed;
    const key = JSON.stringify([database, schema]);
    const group = groups.get(key) ?? { database, schema, tables: [] };
    groups.set(key, group);
    group.tables.push({ source, ...table });
  }
  const taken = new Set<string>();
  return [...groups.values()].map((group) => {
    const base = [group.database, group.schema]
      .filter((part) => part !== null)
      .join('_')
      .replaceAll(/\W+/g, '_');
    let name = base;
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${base}_${n}`;
    taken.add(name.toLowerCase());
    return { name, ...group };
  });
}

type Placed = Pick<SourceGroup, 'database' | 'schema'> & Omit<DbtTable, 'source'>;

function placeOf(source: Source, { engine, directory }: Catalog): Placed | null {
  const { relation, name } = source;
  if (relation.kind === 'sql') return null;
  if (relation.kind === 'table' || relation.table !== null) {
    const parts = relation.kind === 'table' ? relation.name : relation.table!;
    const own = relation.kind === 'file' ? attachedAs(source) : engine.kind === 'trino' ? engine.catalog : null;
    const usual = engine.kind === 'trino' ? (engine.schema ?? 'default') : 'main';
    return {
      database: parts.at(-3) ?? own,
      schema: parts.at(-2) ?? usual,
      identifier: parts.at(-1)!,
      reader: null,
    };
  }
  const inside = relative(directory, relation.path);
  const path = inside.startsWith('..') || isAbsolute(inside) ? relation.path : `${DIRECTORY_MARK}/${inside}`;
  const types = [...source.columns].map(([column, { engineType }]) => [column, engineType] as const);
  return { database: null, schema: 'files', identifier: name, reader: readerOf(path, types) };
}

/** Name under which the database file of a source is attached. */
export const attachedAs = ({ name }: Source): string => `file_${name}`;
