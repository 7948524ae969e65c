import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/load.ts';
import { faultsOf, folderOf, good, load, messagesOf, SOURCES, unmark } from './catalog-folder.ts';

const DUCKDB = (models: string) => `${SOURCES}models: ${models}\n`;
const TRINO = (models: string) =>
  `${SOURCES}engine: { kind: trino, server: 'https://trino.example.com', catalog: lake, schema: raw, user: liftql }\nmodels: ${models}\n`;
const DAY = 86_400;

describe('where the models are built', () => {
  test('nowhere, unless the catalog says so', () => {
    expect(good(SOURCES).models).toBeNull();
    expect(good(`${SOURCES}models:\n`).models).toBeNull();
  });

  test.each<[string, string, Readonly<Record<string, string>>, object]>([
    [
      'DuckDB, by default: a file beside the catalog',
      DUCKDB('{}'),
      {},
      { path: 'models.duckdb', catalog: null, schema: 'liftql', lookback: 2 * DAY, maxAge: 0 },
    ],
    [
      'DuckDB, all stated',
      DUCKDB('{ path: out/m.duckdb, schema: reporting, lookback: 12h, maxAge: 1d }'),
      {},
      { path: 'out/m.duckdb', catalog: null, schema: 'reporting', lookback: DAY / 2, maxAge: DAY },
    ],
    [
      'no look back and no age',
      DUCKDB('{ lookback: 0d, maxAge: 0s }'),
      {},
      { path: 'models.duckdb', lookback: 0, maxAge: 0 },
    ],
    [
      'DuckDB, of the environment',
      DUCKDB(`{ path: '\${WHERE}', schema: '\${SCHEMA:-mart}' }`),
      { WHERE: 'there.duckdb' },
      { path: 'there.duckdb', schema: 'mart' },
    ],
    [
      'Trino, by default: the catalog of the engine',
      TRINO('{}'),
      {},
      { path: null, catalog: 'lake', schema: 'liftql', lookback: 2 * DAY, maxAge: 0 },
    ],
    [
      'Trino, all stated',
      TRINO('{ catalog: mart, schema: experiments, lookback: 1w, maxAge: 6h }'),
      {},
      { path: null, catalog: 'mart', schema: 'experiments', lookback: 7 * DAY, maxAge: DAY / 4 },
    ],
    ['Trino, of the environment', TRINO(`{ catalog: '\${MART}' }`), { MART: 'mart' }, { catalog: 'mart' }],
  ])('%s', (_, text, env, expected) => {
    const { models, directory } = good(text, env);
    const path =
      'path' in expected && typeof expected.path === 'string' ? { path: join(directory, expected.path) } : {};
    expect(models).toMatchObject({ ...expected, ...path });
  });

  test('an earlier state of a catalog that lies elsewhere is built where the catalog is', () => {
    const loaded = loadCatalog(folderOf(DUCKDB('{}')), { env: {}, pathsFrom: '/srv/catalog' });
    expect(loaded).toMatchObject({ ok: true, catalog: { models: { path: '/srv/catalog/models.duckdb' } } });
  });

  test('is no part of what the numbers are made from', () => {
    expect(good(DUCKDB('{ schema: reporting, lookback: 9d }')).hash).toBe(good(SOURCES).hash);
  });
});

describe('faults stand where they are', () => {
  test.each<[string, string, string, Readonly<Record<string, string>>]>([
    ['CAT_TYPE', 'must be a map of fields', DUCKDB('▸mart'), {}],
    ['CAT_TYPE', 'must be a map of fields', DUCKDB('▸[mart]'), {}],
    ['CAT_UNKNOWN_FIELD', 'Did you mean `lookback`?', DUCKDB('{ ▸lookBack: 2d }'), {}],
    ['CAT_TYPE', 'must be text', DUCKDB('{ schema: ▸1 }'), {}],
    ['CAT_VALUE', '`schema` must name a schema', DUCKDB("{ schema: ▸'' }"), {}],
    ['CAT_VALUE', '`path` must name a file', DUCKDB("{ path: ▸'' }"), {}],
    ['CAT_VALUE', '`path` must name a file', DUCKDB(`{ path: ▸'\${NONE}' }`), { NONE: '' }],
    ['CAT_VALUE', '`catalog` must name a catalog', TRINO("{ catalog: ▸'' }"), {}],
    ['CAT_ENV', 'NOWHERE', DUCKDB(`{ path: ▸'\${NOWHERE}' }`), {}],
    ['CAT_ENV', 'NOWHERE', TRINO(`{ schema: ▸'\${NOWHERE}' }`), {}],
    ['CAT_VALUE', '`catalog` is for Trino; name `path`', DUCKDB('{ ▸catalog: lake }'), {}],
    ['CAT_VALUE', '`path` is for DuckDB; name `catalog` and `schema`', TRINO('{ ▸path: models.duckdb }'), {}],
    ['CAT_WINDOW', 'must be a duration', DUCKDB('{ lookback: ▸two days }'), {}],
    ['CAT_WINDOW', 'must be a duration', DUCKDB('{ lookback: ▸-1d }'), {}],
    ['CAT_WINDOW', 'must be a duration', DUCKDB('{ maxAge: ▸86400 }'), {}],
  ])('%s: %s', (code, words, text, env) => {
    const { files, marks } = unmark(text);
    expect(faultsOf(files, env)).toEqual([`${code} ${marks[0]}`]);
    expect(messagesOf(load(files, env))[0]).toContain(words);
  });

  test('stated in two files', () => {
    const files = { 'a.yaml': DUCKDB('{}'), 'b.yaml': 'models: {}\n' };
    expect(faultsOf(files)).toEqual(['CAT_DUPLICATE b.yaml:1:1']);
  });
});
