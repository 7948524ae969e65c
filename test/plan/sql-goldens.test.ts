import { beforeAll, describe, expect, test } from 'vitest';
import type { Catalog, Source } from '../../src/catalog/catalog.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import { FILTER_OPERATORS } from '../../src/plan/filter.ts';
import { plan } from '../../src/plan/plan.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import { folderWith } from '../support/service.ts';
import { GOLDEN_CASES, OPERATORS_TESTED } from './cases.ts';
import { columnsOf, WORLD_CATALOG } from './world/catalog.ts';

/** The catalog as an engine's inspection would leave it: with the types of its tables' columns. */
function inspected(catalog: Catalog, dialect: keyof typeof DIALECTS): Catalog {
  const tableOf = ({ relation }: Source) => (relation.kind === 'table' ? relation.name.at(-1)! : '');
  return {
    ...catalog,
    sources: new Map(
      [...catalog.sources].map(([name, source]) => [name, { ...source, columns: columnsOf(tableOf(source), dialect) }]),
    ),
  };
}

const fileOf = (name: string) => name.replaceAll(/[ ,]+/g, '-');

describe.each(Object.values(DIALECTS))('statements for $name', (dialect) => {
  let catalog: Catalog;
  beforeAll(() => {
    const loaded = loadCatalog(folderWith(WORLD_CATALOG), { env: {} });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
    catalog = inspected(loaded.catalog, dialect.name);
  });

  test.each(GOLDEN_CASES)('$name', async ({ name, questions }) => {
    const statements = plan(catalog, dialect, questions(catalog));
    const text = statements
      .map(({ compiled }) => `${compiled.sql}\n-- parameters: ${JSON.stringify(compiled.parameters)}\n`)
      .join('\n');
    await expect(text).toMatchFileSnapshot(`__sql__/${fileOf(name)}.${dialect.name.toLowerCase()}.sql`);
  });

  test.each(GOLDEN_CASES)('$name: the same bytes whatever the order of asking', ({ questions }) => {
    const asked = questions(catalog);
    const bytes = (of: typeof asked) => plan(catalog, dialect, of).map(({ compiled }) => compiled);
    expect(bytes([...asked, ...asked].reverse())).toEqual(bytes(asked));
  });
});

test('every operator of the filter is in a case', () => {
  expect(OPERATORS_TESTED).toEqual(FILTER_OPERATORS);
});
