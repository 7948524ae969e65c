import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MetricLayerError } from '../core/errors.ts';
import { generateDemo } from '../demo/generate.ts';

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

/** The folder of the demo's catalog; its data is made if it is not there yet. */
export async function prepareDemo(
  env: Readonly<Record<string, string | undefined>>,
  onProgress: (step: string) => void,
): Promise<string> {
  const directory = resolve(PACKAGE, 'metrics');
  // As the catalog itself reads the variable: relative to its folder.
  const path = resolve(directory, env.LIFTQL_DEMO_DB || '../.cache/demo/demo.duckdb');
  if (existsSync(path)) return directory;
  onProgress(`Making the demo's data, once, in ${path}`);
  try {
    mkdirSync(dirname(path), { recursive: true });
    await generateDemo(path, { onProgress: (step) => onProgress(`  ${step}`) });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new MetricLayerError(
      'DEMO_FAILED',
      `The demo's data could not be made in ${path}: ${reason}. Set LIFTQL_DEMO_DB to a file that may be written.`,
      { cause: error },
    );
  }
  return directory;
}
