import type { Catalog } from '../../catalog/catalog.ts';
import type { SqlDialectName } from '../../core/vocabulary.ts';
import { DIALECTS } from '../../sql/dialects/index.ts';
import { textOf } from '../../sql/literal.ts';
import { withHorizon } from '../as-of.ts';
import type { Model } from '../model.ts';
import { jinjaComment } from './header.ts';
import { AS_OF_MARK, type Filling, refMark, templateOf, withMarkedSources } from './marks.ts';

/** The file of one model: what it is, how it is built, and its select for DuckDB and for Trino, of which dbt takes one. */
export function modelFile(model: Model, catalog: Catalog, sourceOf: Filling['source']): string {
  const marked = withMarkedSources(catalog);
  const select = (name: SqlDialectName): string => {
    const dialect = withHorizon(DIALECTS[name], AS_OF_MARK);
    return templateOf(
      textOf(model.select({ catalog: marked, dialect, ref: refMark })),
      fillingFor(name, model, sourceOf),
    );
  };
  const [onDuckDb, onTrino] = [select('DUCKDB'), select('TRINO')];
  const body =
    onDuckDb === onTrino
      ? onDuckDb
      : `{% if target.type == 'trino' %}\n${onTrino}\n{% else %}\n${onDuckDb}\n{% endif %}`;
  return `${jinjaComment(catalog)}\n{#- ${model.description.replaceAll('#}', '# }')} -#}
{{ config(materialized='${model.materialization}') }}\n${body}\n`;
}

function fillingFor(dialect: SqlDialectName, model: Model, source: Filling['source']): Filling {
  // A view that names its database ceases to work when the file is attached under another name.
  const within = dialect === 'DUCKDB' && model.materialization === 'view' ? '.include(database=false)' : '';
  return { ref: (name) => `{{ ref('${name}')${within} }}`, source, asOf: '{{ liftql_as_of() }}' };
}
