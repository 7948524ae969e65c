import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { generateDemo } from '../demo/generate.ts';
import { print } from './output.ts';

/** Makes demo.duckdb in a folder; the same data every time. */
export async function demo(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'demo.duckdb');
  await generateDemo(path, { onProgress: (step) => process.stderr.write(`${step}\n`) });
  print(path);
}
