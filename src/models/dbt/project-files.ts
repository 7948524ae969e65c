import type { Catalog } from '../../catalog/catalog.ts';
import type { TrinoConfig } from '../../catalog/trino-config.ts';
import { yamlFile } from './header.ts';
import { plainForJinja } from './marks.ts';
import { attachedAs, WAREHOUSE } from './source-groups.ts';

/** Name of the project and of its profile. */
const NAME = 'liftql';
/** Not that of `liftql build`, whose tables say how they were built. */
const SCHEMA = 'liftql_dbt';
const THREADS = 4;

/** dbt_project.yml. */
export function projectFile(catalog: Catalog): string {
  return yamlFile(catalog, {
    name: NAME,
    'config-version': 2,
    profile: NAME,
    'model-paths': ['models'],
    'macro-paths': ['macros'],
    flags: {
      require_generic_test_arguments_property: true,
      require_certificate_validation: true,
      send_anonymous_usage_stats: false,
    },
    vars: {
      ...(catalog.clock === null ? {} : { as_of: catalog.clock }),
      catalog_directory: catalog.directory,
      // Where the schemas of the sources are, if elsewhere: raw: { database: …, schema: … }.
      sources: {},
    },
    models: {
      [NAME]: {
        '+persist_docs': { relation: true },
        // Trino: readers never see a table that is missing.
        '+on_table_exists': 'replace',
      },
    },
  });
}

/** profiles.example.yml: to be copied to profiles.yml and filled in. */
export function profilesFile(catalog: Catalog): string {
  const { engine } = catalog;
  const outputs = { duckdb: duckDbTarget(catalog), trino: trinoTarget(catalog) };
  return yamlFile(catalog, { [NAME]: { target: engine.kind, outputs } });
}

/** A setting that the environment may state. */
const setting = (variable: string, usual: string): string =>
  `{{ env_var('${variable}', '${usual.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}') }}`;

function duckDbTarget({ engine, sources }: Catalog) {
  const warehouse = engine.kind === 'duckdb' ? engine.path : null;
  const files = [...sources.values()].flatMap((source) =>
    source.relation.kind === 'file' && source.relation.table !== null
      ? [{ path: plainForJinja(source.relation.path), alias: attachedAs(source), read_only: true }]
      : [],
  );
  const attach = [
    ...(warehouse === null ? [] : [{ path: setting('LIFTQL_RAW_DB', warehouse), alias: WAREHOUSE, read_only: true }]),
    ...files,
  ];
  return {
    type: 'duckdb',
    path: setting('LIFTQL_MODELS_DB', 'models.duckdb'),
    schema: setting('LIFTQL_MODELS_SCHEMA', SCHEMA),
    threads: THREADS,
    settings: { TimeZone: 'UTC' },
    ...(attach.length === 0 ? {} : { attach }),
  };
}

/** How dbt proves who it is, as the catalog does; secrets come from the environment. */
const AUTHENTICATION: Readonly<Record<TrinoConfig['auth']['kind'], Readonly<Record<string, string>>>> = {
  none: { method: 'none' },
  password: { method: 'ldap', password: "{{ env_var('TRINO_PASSWORD') }}" },
  jwt: { method: 'jwt', jwt_token: "{{ env_var('TRINO_TOKEN') }}" },
  certificate: {
    method: 'certificate',
    client_certificate: "{{ env_var('TRINO_CERTIFICATE') }}",
    client_private_key: "{{ env_var('TRINO_PRIVATE_KEY') }}",
  },
};

function trinoTarget({ engine, models }: Catalog) {
  const trino = engine.kind === 'trino' ? engine : null;
  const server = new URL(trino?.server ?? 'http://127.0.0.1:8080');
  const scheme = server.protocol.replace(':', '');
  return {
    type: 'trino',
    ...AUTHENTICATION[trino?.auth.kind ?? 'none'],
    host: setting('TRINO_HOST', server.hostname),
    port: `{{ env_var('TRINO_PORT', '${server.port || (scheme === 'https' ? '443' : '80')}') | as_number }}`,
    http_scheme: scheme,
    user: setting('TRINO_USER', trino?.user ?? NAME),
    database: setting('LIFTQL_MODELS_CATALOG', models?.catalog ?? trino?.catalog ?? 'iceberg'),
    schema: setting('LIFTQL_MODELS_SCHEMA', SCHEMA),
    threads: THREADS,
    timezone: 'UTC',
  };
}
