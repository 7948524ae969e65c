import type { Catalog, Source } from '../../catalog/catalog.ts';
import { STALE_AFTER_SECONDS } from '../../experiment/freshness.ts';
import { columnOf } from '../../plan/relation.ts';
import { yamlFile } from './header.ts';
import { DIRECTORY_MARK, plainForJinja } from './marks.ts';
import { type DbtTable, type SourceGroup, WAREHOUSE } from './source-groups.ts';

/** models/sources.yml: where the raw rows are, and how fresh they should be. */
export function sourcesFile(catalog: Catalog, groups: readonly SourceGroup[]): string {
  const sources = groups.map((group) => ({
    name: group.name,
    description: 'Raw rows that the catalog of liftql names; `vars: sources` moves them.',
    database: elsewhere(group, 'database', databaseOf(group, catalog)),
    schema: elsewhere(group, 'schema', quoted(group.schema)),
    tables: group.tables.map(tableOf),
  }));
  return yamlFile(catalog, { version: 2, sources });
}

/** Jinja: what the variable `sources` says of a group, else its usual place. */
const elsewhere = ({ name }: SourceGroup, key: string, usual: string): string =>
  `{{ var('sources', {}).get('${name}', {}).get('${key}', ${usual}) }}`;

function databaseOf({ database }: SourceGroup, { engine }: Catalog): string {
  const own = database ?? (engine.kind === 'trino' || engine.path === null ? null : WAREHOUSE);
  return own === null ? 'target.database' : `${quoted(own)} if target.type == '${engine.kind}' else target.database`;
}

/** A text of Jinja. */
const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function tableOf({ source, identifier, reader }: DbtTable) {
  const loaded = loadedAtOf(source);
  const freshness = { warn_after: { count: STALE_AFTER_SECONDS / 3_600, period: 'hour' } };
  return {
    name: source.name,
    ...(identifier === source.name ? {} : { identifier: plainForJinja(identifier) }),
    description: `Source \`${source.name}\` of the catalog (${source.kind}).`,
    ...(loaded === null ? {} : { loaded_at_field: loaded }),
    ...(loaded === null && reader === null
      ? {}
      : {
          config: {
            ...(loaded === null ? {} : { freshness }),
            ...(reader === null ? {} : { meta: { external_location: locationOf(reader), formatter: 'template' } }),
          },
        }),
  };
}

/** Where dbt reads the newest row's time; null: a source without one, or whose times are text, which SQL reads in ways of its own. */
function loadedAtOf(source: Source): string | null {
  if (source.kind === 'experiments') return null;
  const name = source.loadedAt ?? source.timestamp;
  const type = name === null ? undefined : columnOf(source, name)?.type;
  if (name === null || (type !== 'DATETIME' && type !== 'DATE')) return null;
  const column = plainForJinja(`"${name.replaceAll('"', '""')}"`);
  return type === 'DATE' ? `cast(${column} as timestamp)` : column;
}

/** The reader of a file, as a template of Python's in a template of Jinja's. */
function locationOf(reader: string): string {
  const directory = `{{ var('catalog_directory') | replace("'", "''") | replace('$', '$$') }}`;
  return plainForJinja(reader.replaceAll('$', '$$$$')).replaceAll(DIRECTORY_MARK, () => directory);
}
