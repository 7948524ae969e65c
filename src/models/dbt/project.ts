import type { Catalog } from '../../catalog/catalog.ts';
import type { Model } from '../model.ts';
import { exposuresFile } from './exposures-file.ts';
import { jinjaComment } from './header.ts';
import { MACROS } from './macros.ts';
import { modelFile } from './model-file.ts';
import { profilesFile, projectFile } from './project-files.ts';
import { readmeFile } from './readme.ts';
import { schemaFile } from './schema-file.ts';
import { sourceGroups } from './source-groups.ts';
import { sourcesFile } from './sources-file.ts';

/**
 * A dbt project that builds the models on DuckDB or on Trino: its files by their paths in the project. The catalog is one that has
 * been compared with its warehouse, since the SQL follows from the types of columns.
 */
export function dbtProject(catalog: Catalog, models: readonly Model[]): ReadonlyMap<string, string> {
  const groups = sourceGroups(catalog, new Set(models.flatMap((model) => model.sources(catalog))));
  const groupOf = new Map(
    groups.flatMap(({ name, tables }) => tables.map(({ source }) => [source.name, name] as const)),
  );
  const sourceOf = (name: string): string => {
    const group = groupOf.get(name);
    if (group === undefined) throw new Error(`A model reads the source ${name}, which it does not list.`);
    return `{{ source('${group}', '${name}') }}`;
  };
  return new Map([
    ['dbt_project.yml', projectFile(catalog)],
    ['profiles.example.yml', profilesFile(catalog)],
    ['README.md', readmeFile(catalog, models)],
    ...Object.entries(MACROS).map(([name, text]) => [`macros/${name}`, `${jinjaComment(catalog)}\n${text}`] as const),
    ['models/sources.yml', sourcesFile(catalog, groups)],
    ['models/schema.yml', schemaFile(catalog, models)],
    ['models/exposures.yml', exposuresFile(catalog, models)],
    ...models.map((model) => [`models/${model.name}.sql`, modelFile(model, catalog, sourceOf)] as const),
  ]);
}
