import { readFileSync, writeFileSync } from 'node:fs';
import { MetricLayerError } from '../core/errors.ts';
import { catalogOfDbt } from '../models/dbt/import/catalog-yaml.ts';
import { readManifest } from '../models/dbt/import/manifest.ts';
import { print } from './output.ts';

/** Makes sources and metrics of dbt's semantic models; what cannot be said goes to stderr, and into the file as comments. */
export function importDbt(
  file: string,
  { unit, out }: { readonly unit: string; readonly out?: string | undefined },
): void {
  const { yaml, metrics, remarks } = catalogOfDbt(readManifest(textOf(file)), unit);
  for (const remark of remarks) process.stderr.write(`${remark}\n`);
  if (out !== undefined) writeNew(out, yaml);
  print(out === undefined ? yaml : `${metrics} metrics in ${out}`);
}

function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    throw new MetricLayerError('FILE_EXISTS', `${path} cannot be written anew. Name another file.`, { cause: error });
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new MetricLayerError(
      'BAD_USER_INPUT',
      `${file} cannot be read. Name the semantic_manifest.json of a dbt project.`,
      {
        cause: error,
      },
    );
  }
}
