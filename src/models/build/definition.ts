import { isAbsolute, relative } from 'node:path';
import type { Catalog } from '../../catalog/catalog.ts';
import { hashOf } from '../../catalog/hash.ts';
import { sqlTimestamp } from '../../core/instant.ts';
import type { Warehouse } from '../../engine/warehouse.ts';
import { DIALECTS } from '../../sql/dialects/index.ts';
import { textOf } from '../../sql/literal.ts';
import { bind, ident, type Sql, trusted } from '../../sql/sql.ts';
import { withHorizon } from '../as-of.ts';
import type { Model, ModelContext } from '../model.ts';

/** Where relations of the models are, as statements name them. */
export type Naming = Pick<Warehouse, 'dialect' | 'nameOf'>;

/** What models are written for as of an instant, over raw sources. */
export function contextAsOf(asOf: string, catalog: Catalog, naming: Naming): ModelContext {
  return contextWith(DIALECTS[naming.dialect].timestamp(bind(sqlTimestamp(asOf))), catalog, naming);
}

/** Text of a model's select. */
export function selectText(model: Model, context: ModelContext, naming: Naming): string {
  return textOf(model.select({ ...context, ref: (name) => ident(...naming.nameOf(name, model.materialization)) }));
}

/**
 * Hash over what a model is made by: its SQL whatever the asOf, its columns, and where its files are. Two builds with one hash, of one
 * asOf, over the same rows are the same.
 */
export function definitionHash(model: Model, catalog: Catalog, naming: Naming): string {
  const portable = (path: string | null) =>
    path !== null && isAbsolute(path) ? relative(catalog.directory, path) : path;
  const relations = model.sources(catalog).map((name) => catalog.sources.get(name)?.relation ?? null);
  return hashOf({
    materialization: model.materialization,
    columns: [...model.columns(catalog)].map(({ name, type }) => [name, type]),
    select: selectText(model, contextWith(trusted('as_of'), catalog, naming), naming),
    database: catalog.engine.kind === 'duckdb' ? portable(catalog.engine.path) : catalog.engine.server,
    files: relations.map((relation) =>
      relation?.kind === 'file' ? { path: portable(relation.path), table: relation.table } : null,
    ),
  });
}

function contextWith(horizon: Sql, catalog: Catalog, naming: Naming): ModelContext {
  return {
    catalog,
    dialect: withHorizon(DIALECTS[naming.dialect], horizon),
    ref: (name) => ident(...naming.nameOf(name, 'table')),
  };
}
