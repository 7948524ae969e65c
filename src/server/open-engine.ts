import type { Catalog, EngineConfig } from '../catalog/catalog.ts';
import type { TrinoConfig } from '../catalog/trino-config.ts';
import { MetricLayerError } from '../core/errors.ts';
import { openDuckDb } from '../engine/duckdb/duckdb.ts';
import type { SourceFile } from '../engine/duckdb/files.ts';
import type { Engine, QueryOptions } from '../engine/engine.ts';
import type { TrinoAuth, TrinoOptions } from '../engine/trino/options.ts';
import { openTrino } from '../engine/trino/trino.ts';

/** Opens the engine that a catalog asks for; one that cannot be reached is told so, with what to look at. */
export async function openEngine(catalog: Catalog): Promise<Engine> {
  const config = catalog.engine;
  if (config.kind === 'trino') return openAndTell(config);
  const { path, threads, memoryLimit } = config;
  return openDuckDb({ path, files: sourceFiles(catalog), threads, memoryLimit });
}

/** The sources that are files of the user's. */
export function sourceFiles(catalog: Catalog): readonly SourceFile[] {
  return [...catalog.sources.values()].flatMap((source): readonly SourceFile[] =>
    source.relation.kind === 'file'
      ? [{ name: source.name, path: source.relation.path, table: source.relation.table }]
      : [],
  );
}

/** For the service's own queries, which are no request's: as its own user. */
export function ownQuery(config: EngineConfig, purpose: string): QueryOptions {
  return { user: config.kind === 'trino' ? config.user : null, labels: { purpose } };
}

/** The adapter asks at once whether it answers, and as whom. */
async function openAndTell(config: TrinoConfig): Promise<Engine> {
  try {
    return await openTrino(trinoOptions(config));
  } catch (error) {
    const remedy = error instanceof MetricLayerError ? REMEDIES[error.code] : undefined;
    if (!(error instanceof MetricLayerError) || remedy === undefined) throw error;
    throw new MetricLayerError(error.code, `${error.message} ${remedy}`, {
      cause: error,
      details: { ...error.details },
    });
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENGINE_UNAVAILABLE: 'Check `engine.server` and `engine.ca`, and that this machine may reach it.',
  ENGINE_UNAUTHORIZED: 'Check `engine.user` and `engine.auth`, and what this user may do.',
};

/** As the adapter takes them. */
export function trinoOptions({ kind, auth, impersonate, scanBudget, ...options }: TrinoConfig): TrinoOptions {
  return { ...options, impersonate: impersonate !== null, auth: authOf(auth) };
}

function authOf(auth: TrinoConfig['auth']): TrinoAuth {
  if (auth.kind !== 'certificate') return auth;
  const { kind, certificate, key, passphrase } = auth;
  return { kind, certificate, key: key(), ...(passphrase === null ? {} : { passphrase: passphrase() }) };
}
