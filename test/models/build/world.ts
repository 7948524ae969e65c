import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Catalog } from '../../../src/catalog/catalog.ts';
import { openDuckDb } from '../../../src/engine/duckdb/duckdb.ts';
import { openDuckDbWarehouse } from '../../../src/engine/duckdb/warehouse.ts';
import type { Engine, Row } from '../../../src/engine/engine.ts';
import { TRINO_DEFAULTS } from '../../../src/engine/trino/options.ts';
import { openTrino } from '../../../src/engine/trino/trino.ts';
import { openTrinoWarehouse } from '../../../src/engine/trino/warehouse.ts';
import type { OnStep, Warehouse } from '../../../src/engine/warehouse.ts';
import { type BuildOptions, type BuildReport, build } from '../../../src/models/build/build.ts';
import type { Model, ModelColumn } from '../../../src/models/model.ts';
import { ident, type Sql, sql, trusted } from '../../../src/sql/sql.ts';

/**
 * A warehouse of one raw table `numbers`: n from 1 to COUNT, the n-th at n minutes after 2026-01-01, and four models of it whose
 * contents are known in closed form. Imports nothing of the test runner: a process that is killed uses it as well.
 */
export type Place =
  | { readonly engine: 'DuckDB'; readonly directory: string }
  | { readonly engine: 'Trino'; readonly server: string; readonly raw: string; readonly schema: string };

export const COUNT = 100_000;
/** Before these 119 and 179 numbers have come: n minutes are less than 2 and 3 hours. */
export const OLD = '2026-01-01T02:00:00.000000Z';
export const NEW = '2026-01-01T03:00:00.000000Z';

export const NUMBERS = `select i as n, timestamp '2026-01-01' + to_minutes(i) as came from range(1, ${COUNT + 1}) as r (i)`;

export async function makeRaw(directory: string): Promise<void> {
  const instance = await DuckDBInstance.create(join(directory, 'raw.duckdb'));
  const connection = await instance.connect();
  await connection.run(`create table numbers as ${NUMBERS}`);
  connection.closeSync();
  instance.closeSync();
}

export const modelsFile = (directory: string): string => join(directory, 'models.duckdb');

export function openPlace(place: Place, onStep: OnStep = () => {}): Promise<Warehouse> {
  if (place.engine === 'DuckDB') {
    const { directory } = place;
    const path = join(directory, 'raw.duckdb');
    return openDuckDbWarehouse({ path, target: modelsFile(directory), schema: 'liftql', onStep });
  }
  const { server, schema } = place;
  return openTrino({ ...TRINO_DEFAULTS, server }).then((engine) =>
    openTrinoWarehouse({ engine, catalog: 'iceberg', schema, user: 'liftql' }),
  );
}

export function catalogOf(place: Place): Catalog {
  return {
    hash: 'catalog',
    directory: '/catalog',
    clock: null,
    engine:
      place.engine === 'DuckDB'
        ? { kind: 'duckdb', path: '/catalog/raw.duckdb', threads: null, memoryLimit: null }
        : {
            ...TRINO_DEFAULTS,
            kind: 'trino',
            server: place.server,
            auth: { kind: 'none' },
            impersonate: null,
            scanBudget: null,
          },
    sources: new Map(),
    metrics: new Map(),
    experiments: new Map(),
    warnings: [],
  };
}

export interface StubOptions {
  /** Numbers are multiplied by it: another one is another definition. */
  readonly factor?: number;
  /** The source of the second model is not there. */
  readonly broken?: boolean;
  readonly summary?: Model['materialization'];
}

const number = (name: string): ModelColumn => ({ name, type: 'INTEGER', description: 'A number.' });
const asOf: ModelColumn = { name: 'as_of', type: 'DATETIME', description: 'When.' };

export function stubModels(
  place: Place,
  { factor = 1, broken = false, summary = 'view' }: StubOptions = {},
): readonly Model[] {
  const raw: Sql = place.engine === 'DuckDB' ? ident('numbers') : trusted(place.raw);
  const stub = (model: Pick<Model, 'name' | 'select'> & Partial<Model>): Model => ({
    materialization: 'table',
    description: `Stub's ${model.name}.`,
    columns: () => [number('n'), asOf],
    key: ['n'],
    uses: [],
    sources: () => [],
    ...model,
  });
  return [
    stub({
      name: 'metric_definitions',
      select: ({ dialect }) => sql`select 1 as n, ${dialect.horizon} as as_of`,
    }),
    stub({
      name: 'experiment_assignments',
      select: ({ dialect }) =>
        sql`-- numbers that have come\nselect n * ${trusted(String(factor))} as n, ${dialect.horizon} as as_of from ${broken ? ident('nothing') : raw} where came < ${dialect.horizon} -- the end`,
    }),
    stub({
      name: 'metric_moments',
      uses: ['experiment_assignments'],
      select: ({ ref }) =>
        sql`select sum(n) as n, count(*) as units, max(as_of) as as_of from ${ref('experiment_assignments')}`,
    }),
    stub({
      name: 'sample_ratio_mismatch',
      materialization: summary,
      uses: ['metric_moments', 'metric_definitions'],
      select: ({ ref }) =>
        sql`with m as (select * from ${ref('metric_moments')})\nselect m.n + d.n as n, m.as_of from m cross join ${ref('metric_definitions')} as d`,
    }),
  ];
}

export interface RunOptions extends StubOptions, Partial<Pick<BuildOptions, 'select' | 'fullRefresh' | 'onProgress'>> {
  readonly onStep?: OnStep;
  readonly warehouse?: Warehouse;
}

/** One run of the stubs, from opening the place to letting it go. */
export async function runAt(place: Place, instant: string, options: RunOptions = {}): Promise<BuildReport> {
  const { onStep = () => {}, select = null, fullRefresh = false, onProgress = () => {} } = options;
  const warehouse = options.warehouse ?? (await openPlace(place, onStep));
  try {
    return await build({
      catalog: catalogOf(place),
      warehouse,
      models: stubModels(place, options),
      asOf: instant,
      select,
      fullRefresh,
      version: '1.2.3',
      clock: () => new Date(),
      onProgress,
      onStep,
    });
  } finally {
    await warehouse.close();
  }
}

/** Reads as a user does: the file or the schema alone. */
export async function readPlace(
  place: Place,
  statement: (table: (name: string) => string) => string,
): Promise<readonly Row[]> {
  const engine: Engine =
    place.engine === 'DuckDB'
      ? await openDuckDb({ path: modelsFile(place.directory) })
      : await openTrino({ ...TRINO_DEFAULTS, server: place.server });
  const table = (name: string) => (place.engine === 'DuckDB' ? `liftql.${name}` : `iceberg.${place.schema}.${name}`);
  try {
    return (await engine.query({ sql: statement(table), parameters: [] })).rows;
  } finally {
    await engine.close();
  }
}

/** Rows, sum and asOf of each model that can be read; absent: it is not there. */
export async function contentsOf(place: Place): Promise<Readonly<Record<string, string>>> {
  if (place.engine === 'DuckDB' && !existsSync(modelsFile(place.directory))) return {};
  const found: Record<string, string> = {};
  for (const { name } of stubModels(place)) {
    const read = readPlace(
      place,
      (table) => `select count(*) as c, sum(n) as s, max(as_of) as t, min(as_of) as u from ${table(name)}`,
    );
    const rows = await read.catch((error: unknown) => {
      if (/does not exist/.test(String((error as { details?: { reason?: string } }).details?.reason))) return null;
      throw error;
    });
    if (rows === null) continue;
    const [{ c, s, t, u }] = rows as [Row];
    found[name] = `${c} rows, sum ${Number(s)}, ${String(t).slice(0, 16)}${t === u ? '' : ' and others'}`;
  }
  return found;
}

/** What the models hold as of an instant: n numbers from 1, times the factor. */
export function expectedContents(instant: string, factor = 1): Readonly<Record<string, string>> {
  const n = instant === OLD ? 119 : 179;
  const sum = (factor * n * (n + 1)) / 2;
  const at = instant.slice(0, 16);
  return {
    metric_definitions: `1 rows, sum 1, ${at}`,
    experiment_assignments: `${n} rows, sum ${sum}, ${at}`,
    metric_moments: `1 rows, sum ${sum}, ${at}`,
    sample_ratio_mismatch: `1 rows, sum ${sum + 1}, ${at}`,
  };
}

export function ledgerOf(place: Place): Promise<readonly Row[]> {
  return readPlace(place, (table) => `select * from ${table('liftql_builds')} order by started_at, model`);
}
