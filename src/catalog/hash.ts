import { createHash } from 'node:crypto';
import { isAbsolute, relative } from 'node:path';
import type { Catalog } from './catalog.ts';
import type { TrinoConfig } from './trino-config.ts';

/** Where something was written and what was found in the warehouse, which do not change a definition. */
const IGNORED: ReadonlySet<string> = new Set(['place', 'fieldPlaces', 'folded', 'columns', 'definition']);

/** JSON with sorted keys; maps become objects; places are left out. */
export function canonicalJson(value: unknown): string {
  if (value instanceof Map) return canonicalJson(Object.fromEntries(value));
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([key, member]) => !IGNORED.has(key) && member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}

/** SHA-256 over canonical JSON, in hexadecimal. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** Hash over every definition; the same wherever the folder lies and however its files are cut. */
export function catalogHash({
  directory,
  clock,
  engine,
  sources,
  metrics,
  experiments,
}: Omit<Catalog, 'hash' | 'warnings'>): string {
  const portable = (path: string | null) => (path !== null && isAbsolute(path) ? relative(directory, path) : path);
  return hashOf({
    clock,
    engine: engine.kind === 'duckdb' ? { ...engine, path: portable(engine.path) } : dataOf(engine),
    sources: [...sources.values()]
      .map((source) =>
        source.relation.kind === 'file'
          ? { ...source, relation: { ...source.relation, path: portable(source.relation.path) } }
          : source,
      )
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    metrics: [...metrics.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    experiments: [...experiments.values()].sort((a, b) => (a.key < b.key ? -1 : 1)),
  });
}

/** What says which rows a statement sees; how Trino is spoken to, and by which proof, changes no number. */
function dataOf({ kind, server, catalog, schema, user, impersonate, session }: TrinoConfig) {
  return { kind, server, catalog, schema, user, impersonates: impersonate !== null, session };
}
