import type { Catalog } from '../../catalog/catalog.ts';
import type { Model } from '../model.ts';
import { markdownComment } from './header.ts';

/** README.md of the project. */
export function readmeFile(catalog: Catalog, models: readonly Model[]): string {
  const rows = models.map(
    ({ name, materialization, description }) =>
      `| ${name} | ${materialization} | ${description.replaceAll('|', '\\|')} |`,
  );
  return `${markdownComment(catalog)}
# The models of liftql in dbt

Made by \`liftql dbt\` from a catalog of experiments and metrics. Each model holds its SQL twice, for DuckDB and for Trino; dbt
takes the one of its target. Generate again when the catalog, the experiments or the types of raw columns change.

\`\`\`sh
cp profiles.example.yml profiles.yml    # and say where the raw rows and the models are
dbt build --profiles-dir .              # as of ${catalog.clock === null ? 'the start of the run, floored to the minute' : "the catalog's clock"}
dbt build --profiles-dir . --vars '{as_of: "2026-03-20T00:00:00Z"}'
dbt source freshness --profiles-dir .
\`\`\`

\`--vars '{sources: {raw: {database: hive, schema: raw_v2}}}'\` says where the rows of the source schema \`raw\` are, if not where the
catalog says; \`catalog_directory\` where its files are. A condition that the catalog states is SQL of the catalog's own engine: on the
other target it must mean the same.

| Model | Is a | |
|---|---|---|
${rows.join('\n')}
`;
}
