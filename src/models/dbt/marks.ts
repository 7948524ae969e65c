import type { Catalog, Source } from '../../catalog/catalog.ts';
import { type Sql, trusted } from '../../sql/sql.ts';
import { MODEL_NAMES, type ModelName } from '../model.ts';

/**
 * What dbt fills in stands in the SQL of a model as a mark until all other text has been made safe for Jinja. Marks are between
 * code points that Unicode keeps out of text.
 */
const OPEN = '\uFDD0';
const CLOSE = '\uFDD1';
const markOf = (kind: 'ref' | 'source' | 'as_of', name = ''): string => `${OPEN}${kind} ${name}${CLOSE}`;

/** The folder of the catalog, in the path of a file. */
export const DIRECTORY_MARK = `${OPEN}catalog_directory${CLOSE}`;

/** The instant that models are built as of. */
export const AS_OF_MARK: Sql = trusted(markOf('as_of'));

/** A model as it stands after `from`. */
export const refMark = (model: ModelName): Sql => trusted(markOf('ref', model));

/** The catalog with marks where its sources' rows are. */
export function withMarkedSources(catalog: Catalog): Catalog {
  const marked = (source: Source): Source => ({
    ...source,
    // Text of a query cannot be told to dbt as a table: it stays in the models.
    relation:
      source.relation.kind === 'sql' ? source.relation : { kind: 'table', name: [markOf('source', source.name)] },
  });
  return { ...catalog, sources: new Map([...catalog.sources].map(([name, source]) => [name, marked(source)])) };
}

/** What stands for each mark, as Jinja. */
export interface Filling {
  ref(model: ModelName): string;
  source(name: string): string;
  readonly asOf: string;
}

/** Text in which Jinja sees nothing of its own. */
export const plainForJinja = (text: string): string => text.replaceAll(BRACE, "{{ '{' }}");
const BRACE = /\{(?=[{%#\uFDD0])/g;

/** SQL with marks as a template of dbt's; whatever else looks like Jinja in it is text. */
export function templateOf(text: string, filling: Filling): string {
  const marks = new Map<string, string>([[markOf('as_of'), filling.asOf]]);
  for (const model of MODEL_NAMES) marks.set(markOf('ref', model), filling.ref(model));
  return plainForJinja(text).replaceAll(MARK, (whole, name: string | undefined) => {
    if (name !== undefined) return filling.source(name);
    return marks.get(whole) ?? whole;
  });
}
const MARK = /"\uFDD0source ([a-z0-9_]+)\uFDD1"|\uFDD0[a-z_]+ [a-z_]*\uFDD1/g;
