import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MetricLayerError } from '../core/errors.ts';

/**
 * Writes files by their paths in a folder. A file that is there and does not bear the mark in its first line is another's: then
 * nothing is written. What bears the mark and is generated no more goes.
 */
export function writeGenerated(directory: string, files: ReadonlyMap<string, string>, mark: string): void {
  const foreign = [...files.keys()].filter(
    (path) => existsSync(join(directory, path)) && !isMarked(join(directory, path), mark),
  );
  if (foreign.length > 0)
    throw new MetricLayerError(
      'FILE_EXISTS',
      `Nothing was written to ${directory}: ${foreign.join(', ')} ${foreign.length === 1 ? 'is' : 'are'} there already and not from liftql. Name another folder, or move what is there.`,
    );
  for (const folder of new Set([...files.keys()].map(dirname)))
    for (const entry of existsSync(join(directory, folder))
      ? readdirSync(join(directory, folder), { withFileTypes: true })
      : []) {
      const path = join(directory, folder, entry.name);
      if (entry.isFile() && !files.has(join(folder, entry.name)) && isMarked(path, mark)) rmSync(path);
    }
  for (const [path, text] of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
}

const isMarked = (path: string, mark: string): boolean => readFileSync(path, 'utf8').split('\n', 1)[0]!.includes(mark);
