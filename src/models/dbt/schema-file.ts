import type { Catalog } from '../../catalog/catalog.ts';
import type { Model, ModelColumn } from '../model.ts';
import { yamlFile } from './header.ts';
import { plainForJinja } from './marks.ts';

/** models/schema.yml: what each model and column is, and what must hold of it. */
export function schemaFile(catalog: Catalog, models: readonly Model[]): string {
  const described = models.map((model) => ({
    name: model.name,
    description: plainForJinja(model.description),
    data_tests: [{ liftql_unique_key: { arguments: { columns: [...model.key] } } }, ...notNull(model.columns(catalog))],
    columns: model.columns(catalog).map(columnOf),
  }));
  return yamlFile(catalog, { version: 2, models: described });
}

function notNull(columns: readonly ModelColumn[]) {
  const known = columns.filter(({ nullable }) => !nullable).map(({ name }) => name);
  return known.length === 0 ? [] : [{ liftql_not_null: { arguments: { columns: known } } }];
}

function columnOf({ name, description, values }: ModelColumn) {
  const tests =
    values === undefined ? {} : { data_tests: [{ accepted_values: { arguments: { values: [...values] } } }] };
  return { name, description: plainForJinja(description), ...tests };
}
