import { GENERATED } from '../models/dbt/header.ts';
import { dbtProject } from '../models/dbt/project.ts';
import { MODELS } from '../models/registry.ts';
import { openService } from '../server/open-service.ts';
import { print } from './output.ts';
import { writeGenerated } from './write-generated.ts';

/** Writes a dbt project that builds the models of a catalog. */
export async function dbt(directory: string, to: string): Promise<void> {
  const service = await openService(directory, { env: process.env });
  const catalog = service.catalog();
  await service.close();
  const files = dbtProject(catalog, MODELS);
  writeGenerated(to, files, GENERATED);
  print(`${files.size} files in ${to}, from catalog ${catalog.hash.slice(0, 12)}`);
}
