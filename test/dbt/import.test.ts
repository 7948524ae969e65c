import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import type { MetricVersion } from '../../src/catalog/catalog.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import { catalogOfDbt } from '../../src/models/dbt/import/catalog-yaml.ts';
import { readManifest } from '../../src/models/dbt/import/manifest.ts';
import { folderWith, serve } from '../support/service.ts';
import { artifact, DBT_TIMEOUT_MS, describeWithDbt, runDbt } from './support.ts';

/** A dbt project with semantic models, and what dbt 1.10 made of it. */
const PROJECT = 'test/fixtures/dbt-semantic';
const manifest = readManifest(readFileSync(`${PROJECT}/semantic_manifest.json`, 'utf8'));
const imported = catalogOfDbt(manifest, 'user');

function versions(): ReadonlyMap<string, MetricVersion> {
  const loaded = loadCatalog(folderWith(imported.yaml), { env: {} });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  return new Map([...loaded.catalog.metrics].map(([name, { versions }]) => [name, versions.at(-1)!]));
}

describe("dbt's semantic models as a catalog", () => {
  const metrics = versions();

  test('every metric is in the catalog or has a reason why not', () => {
    for (const { name } of manifest.metrics) {
      const isOut = imported.remarks.some((remark) => remark.startsWith(`Metric ${name} was left out: it `));
      expect([name, metrics.has(name)]).toEqual([name, !isOut]);
    }
    expect(imported.metrics).toBe(metrics.size);
    for (const remark of imported.remarks) expect(imported.yaml).toContain(`# ${remark}`);
  });

  test.each([
    ['revenue', 'MEAN', [['orders', 'sum', 'amount', null]]],
    ['orders', 'MEAN', [['orders', 'count', null, 'order_id is not null']]],
    [
      'german_large_orders',
      'MEAN',
      [['orders', 'count', null, "(order_id is not null) and (country = 'DE') and ((amount > 100))"]],
    ],
    ['first_orders', 'MEAN', [['orders', 'count', null, 'is_first']]],
    ['buyers', 'PROPORTION', [['orders', 'count', null, 'true']]],
    ['german_buyers', 'PROPORTION', [['orders', 'count', null, "country = 'DE' or user_id = 7"]]],
    ['categories', 'MEAN', [['orders', 'count_distinct', 'category', null]]],
    [
      'average_amount',
      'RATIO',
      [
        ['orders', 'sum', 'amount', null],
        ['orders', 'count', null, 'amount is not null'],
      ],
    ],
    ['largest', 'MEAN', [['orders', 'max', 'amount', null]]],
    ['median_amount', 'QUANTILE', [['orders', 'values', 'amount', null]]],
    ['paid', 'MEAN', [['orders_by_paid_on', 'sum', 'amount * 2', null]]],
    ['visits', 'MEAN', [['visits', 'count', null, null]]],
    [
      'order_value',
      'RATIO',
      [
        ['orders', 'sum', 'amount', null],
        ['orders', 'count', null, "(order_id is not null) and (country = 'DE')"],
      ],
    ],
    [
      'revenue_per_buyer',
      'RATIO',
      [
        ['orders', 'sum', 'amount', null],
        ['orders', 'count_distinct', 'user_id', null],
      ],
    ],
    [
      'net',
      'MEAN',
      [
        ['orders', 'sum', 'amount', null],
        ['orders_by_paid_on', 'sum', 'amount * 2', null],
      ],
    ],
    [
      'revenue_by_visits',
      'RATIO',
      [
        ['orders', 'sum', 'amount', null],
        ['visits', 'count', null, null],
      ],
    ],
  ])('%s is a %s of what each unit has', (name, type, expected) => {
    const version = metrics.get(name)!;
    expect(version.type).toBe(type);
    const measures = version.variables.flatMap((variable) => variable.measures);
    expect(
      measures.map(({ source, aggregate, column, where }) => [
        source,
        aggregate,
        column?.text ?? null,
        where?.text ?? null,
      ]),
    ).toEqual(expected);
  });

  test.each([
    ['balance', 'adds up over some dimensions only'],
    ['median_per_order', 'does not add up over units'],
    ['squared', 'neither a ratio of two nor a sum'],
    ['revenue_growth', 'shifts `revenue` in time'],
    ['revenue_so_far', 'running total'],
    ['visit_to_order', 'attributes each conversion'],
    ['after_march', 'no condition on one row'],
    ['of_old_users', 'joined to it'],
    ['area', 'has no entity `user`'],
  ])('%s is left out because it %s', (name, reason) => {
    expect(imported.remarks.find((remark) => remark.startsWith(`Metric ${name} `))).toContain(reason);
  });

  test('titles, descriptions and owners are kept', () => {
    const loaded = loadCatalog(folderWith(imported.yaml), { env: {} });
    if (!loaded.ok) throw new Error('does not load');
    const revenue = loaded.catalog.metrics.get('revenue')!;
    expect([revenue.title, revenue.description, revenue.owner]).toEqual([
      'Revenue',
      'Money: all of it',
      'finance@example.com',
    ]);
    expect(imported.yaml).toContain('# Orders as they were placed.');
  });

  test('runs over the tables that it names', async () => {
    const directory = folderWith({
      'dbt.yaml': imported.yaml,
      'engine.yaml': 'engine: { kind: duckdb, path: shop.duckdb }',
    });
    const instance = await DuckDBInstance.create(join(directory, 'shop.duckdb'));
    const connection = await instance.connect();
    for (const name of ['orders', 'visits'])
      await connection.run(`create table ${name} as ${readFileSync(`${PROJECT}/models/${name}.sql`, 'utf8')}`);
    connection.closeSync();
    instance.closeSync();
    const service = await serve(directory, '2026-06-01T00:00:00Z');
    expect(service.catalog().metrics.size).toBe(metrics.size);
  });

  test.each([
    ['nonsense', 'it is no JSON'],
    ['{}', 'semantic_models'],
  ])('%s is no manifest', (text, reason) => {
    expect(() => readManifest(text)).toThrow(reason);
  });
});

describeWithDbt("dbt's own reading of the semantic models", () => {
  test(
    'is the manifest that is tested with',
    async () => {
      const directory = folderWith({});
      cpSync(PROJECT, directory, { recursive: true });
      const { ok, output } = await runDbt(directory, ['parse']);
      expect(ok, output).toBe(true);
      expect(readManifest(JSON.stringify(artifact(directory, 'semantic_manifest.json')))).toEqual(manifest);
    },
    DBT_TIMEOUT_MS,
  );
});
