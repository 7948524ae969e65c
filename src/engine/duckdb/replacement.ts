import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { MetricLayerError } from '../../core/errors.ts';
import type { OnStep } from '../warehouse.ts';
import { lockFile } from './file-lock.ts';

/** A file that will take the place of a database file. */
export interface Replacement {
  /** Where it is written. */
  readonly path: string;
  /** Puts it in its place, in one, after it is safe on disk. DuckDB must have let go of it. */
  publish(): void;
  /** Lets the next run begin; what was not published is removed. */
  end(): void;
}

/**
 * A copy of a database file, or nothing where there is none, beside it: on the same file system, where a file takes another's
 * place in one. Throws MODELS_LOCKED while another run is at it, MODELS_UNWRITABLE where it cannot be written.
 */
export async function startReplacement(
  target: string,
  { reads, onStep }: { readonly reads: string | null; readonly onStep: OnStep },
): Promise<Replacement> {
  refuseSame(target, reads);
  onStep('lock');
  const unlock = await lockFile(`${target}.lock`);
  const path = `${target}.building`;
  const end = () => {
    discard(path);
    unlock();
  };
  try {
    refuseLog(target);
    // A run that was killed could not remove it.
    discard(path);
    onStep('copy');
    if (existsSync(target)) copyFileSync(target, path, constants.COPYFILE_FICLONE);
  } catch (error) {
    end();
    throw error;
  }
  return {
    path,
    publish() {
      onStep('sync file');
      sync(path);
      onStep('rename');
      renameSync(path, target);
      onStep('sync folder');
      sync(dirname(target));
      onStep('end');
    },
    end,
  };
}

function discard(path: string): void {
  for (const left of [path, `${path}.wal`]) rmSync(left, { force: true });
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function refuseSame(target: string, reads: string | null): void {
  const real = (path: string) => (existsSync(path) ? realpathSync(path) : path);
  if (reads === null || real(reads) !== real(target)) return;
  throw new MetricLayerError(
    'MODELS_UNWRITABLE',
    `The models cannot be built into ${target}, which is the warehouse that they are built from. Name another file in models.path.`,
  );
}

/** DuckDB would take the log for one of the file that takes the place. */
function refuseLog(target: string): void {
  if (!existsSync(`${target}.wal`)) return;
  throw new MetricLayerError(
    'MODELS_UNWRITABLE',
    `Somebody has ${target} open for writing, or had it and was stopped: there is ${target}.wal. Close it, or open and close it once more, and read it with read_only from then on.`,
  );
}
