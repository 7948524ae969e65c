import type { Catalog, Relation, Source } from '../../catalog/catalog.ts';
import { isCsv, readerOf } from '../../engine/duckdb/file-reader.ts';

/**
 * The same catalog with sources that are files read by DuckDB's own calls, so that a statement over them runs anywhere. Tables
 * inside of `.duckdb` files stay under the names that the server gives them: they must be attached first.
 */
export function withReadFiles(catalog: Catalog): Catalog {
  const sources = new Map<string, Source>();
  for (const [name, source] of catalog.sources) sources.set(name, { ...source, relation: readRelation(source) });
  return { ...catalog, sources };
}

function readRelation({ relation, columns, place }: Source): Relation {
  if (relation.kind !== 'file' || relation.table !== null) return relation;
  const types = isCsv(relation.path) ? [...columns].map(([name, { engineType }]) => [name, engineType] as const) : [];
  return { kind: 'sql', query: { text: `select * from ${readerOf(relation.path, types)}`, place } };
}
