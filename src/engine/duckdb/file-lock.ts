import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { MetricLayerError } from '../../core/errors.ts';
import { quoted } from '../../sql/literal.ts';

/** The operating system's locks tell processes apart, not the runs of one: those that this one holds. */
const HELD = new Set<string>();

/** With what DuckDB may have put beside it. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\.wal)?$/;

/**
 * Locks a file that is made for it and stays. The lock is the operating system's, taken by way of DuckDB, which has one on each
 * database that it writes: it ends with the process, however that ends, so that none is ever left behind. Resolves to what lets go.
 * Throws MODELS_LOCKED where it is held.
 */
export async function lockFile(path: string): Promise<() => void> {
  if (HELD.has(path)) throw locked(path, 'this process');
  HELD.add(path);
  if (!existsSync(path)) await makeWhole(path);
  const instance = await DuckDBInstance.create(':memory:');
  const release = () => {
    instance.closeSync();
    HELD.delete(path);
  };
  try {
    const connection = await instance.connect();
    await connection.run(`attach ${quoted(path)} as lock`);
    connection.closeSync();
    removeUnfinished(path);
    return release;
  } catch (error) {
    release();
    const said = error instanceof Error ? error.message : String(error);
    if (/Could not set lock/.test(said)) throw locked(path, /PID \d+/.exec(said)?.[0] ?? 'another process', error);
    throw new MetricLayerError(
      'MODELS_UNWRITABLE',
      `The file ${path}, which keeps two builds apart, cannot be opened: ${said.split('\n')[0]} Check that its folder exists and may be written to; if it is no file of liftql, move it away.`,
      { cause: error },
    );
  }
}

/** A file whose making is cut off must not be taken for a lock: it gets its name when it is whole, and only if nobody was faster. */
async function makeWhole(path: string): Promise<void> {
  const beside = `${path}.${randomUUID()}`;
  try {
    (await DuckDBInstance.create(beside)).closeSync();
    linkSync(beside, path);
  } catch {
    // Somebody was faster, the folder knows no links, or it cannot be written to: the lock itself will tell.
  } finally {
    rmSync(beside, { force: true });
  }
}

/** What runs left that were killed while they made the file. One that is at it now does without: the file is there. */
function removeUnfinished(path: string): void {
  const beginning = `${basename(path)}.`;
  for (const name of readdirSync(dirname(path)))
    if (name.startsWith(beginning) && UUID.test(name.slice(beginning.length)))
      rmSync(join(dirname(path), name), { force: true });
}

function locked(path: string, holder: string, cause?: unknown): MetricLayerError {
  return new MetricLayerError(
    'MODELS_LOCKED',
    `Another build of these models is running (${holder} holds ${path}). Wait for it to end.`,
    cause === undefined ? {} : { cause },
  );
}
