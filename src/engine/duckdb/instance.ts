import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { MetricLayerError } from '../../core/errors.ts';
import { quoted } from '../../sql/literal.ts';
import { allowances, mountFiles, type SourceFile } from './files.ts';

export interface InstanceOptions {
  /** Database file, opened read-only as `warehouse`; null: only the files given. */
  readonly path: string | null;
  readonly files?: readonly SourceFile[];
  readonly threads?: number | null;
  readonly memoryLimit?: string | null;
  /** A database file that is written to, under a name of its own; made if it is not there. */
  readonly writes?: { readonly path: string; readonly name: string };
}

/** DuckDB in memory with the user's data attached and everything else shut off. */
export interface OpenInstance {
  readonly instance: DuckDBInstance;
  /** Why a file cannot be read, by source. */
  readonly failures: ReadonlyMap<string, string>;
}

/** Attaches what is configured, then shuts off access to anything outside for good and locks the configuration. */
export async function openInstance(options: InstanceOptions): Promise<OpenInstance> {
  const instance = await DuckDBInstance.create(':memory:', {
    ...(options.threads ? { threads: String(options.threads) } : {}),
    ...(options.memoryLimit ? { memory_limit: options.memoryLimit } : {}),
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    // The host's zone must not decide what a day is; spills must have somewhere to go. DuckDB lets statements read and write
    // that folder, so it is one of this engine's own; it is made when it is needed.
    const spills = join(tmpdir(), `liftql-${randomUUID()}`);
    await connection.run(`set global TimeZone = 'UTC'; set global temp_directory = ${quoted(spills)}`);
    if (options.path !== null) await attach(connection, options.path);
    const { writes, files = [] } = options;
    if (writes !== undefined) await attachWritten(connection, writes);
    const failures = await mountFiles(connection, files);
    const { paths, directories } = allowances(files);
    const allowed = [...paths, ...(writes === undefined ? [] : [writes.path, `${writes.path}.wal`])];
    await connection.run(`set global allowed_paths = [${allowed.map(quoted).join(', ')}]`);
    await connection.run(`set global allowed_directories = [${directories.map(quoted).join(', ')}]`);
    await connection.run('set global enable_external_access = false; set global lock_configuration = true');
    return { instance, failures };
  } catch (error) {
    instance.closeSync();
    throw error;
  } finally {
    connection.closeSync();
  }
}

async function attach(connection: DuckDBConnection, path: string): Promise<void> {
  try {
    await connection.run(`attach ${quoted(path)} as warehouse (read_only)`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedy = /lock/i.test(reason)
      ? 'Another process has it open for writing; stop that process or give this one a copy.'
      : 'Check engine.path, and that the file is a DuckDB database of a version that this one can read.';
    throw new MetricLayerError(
      'ENGINE_UNAVAILABLE',
      `The database ${path} cannot be opened: ${reason.split('\n')[0]} ${remedy}`,
      { cause: error, details: { permanent: true } },
    );
  }
}

async function attachWritten(
  connection: DuckDBConnection,
  { path, name }: NonNullable<InstanceOptions['writes']>,
): Promise<void> {
  try {
    await connection.run(`attach ${quoted(path)} as ${name}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MetricLayerError(
      'MODELS_UNWRITABLE',
      `The database ${path} cannot be written: ${reason.split('\n')[0]} It is a copy of the last build: if that is no DuckDB database, or one of a later version, move it away and build anew.`,
      { cause: error },
    );
  }
}
