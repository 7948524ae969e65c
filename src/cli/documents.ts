import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { MetricLayerError } from '../core/errors.ts';

/** A file named on the command line: in the working directory, else in the catalog's folder. */
export function readBeside(catalogDirectory: string, file: string): string {
  const candidates = [resolve(file), resolve(catalogDirectory, file)];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined)
    throw new MetricLayerError('NO_FILE', `There is no file ${file}, neither here nor in ${catalogDirectory}.`);
  return readFileSync(found, 'utf8');
}

export function readVariables(catalogDirectory: string, file: string | undefined): Record<string, unknown> | null {
  if (file === undefined) return null;
  try {
    return JSON.parse(readBeside(catalogDirectory, file)) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof MetricLayerError) throw error;
    throw new MetricLayerError(
      'BAD_USER_INPUT',
      `${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
