import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DuckDbOptions, openDuckDb } from '../../../src/engine/duckdb/duckdb.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import type { Parameter } from '../../../src/sql/sql.ts';
import { folderWith } from '../../support/service.ts';

const opened: Engine[] = [];
afterAll(async () => {
  for (const engine of opened) await engine.close();
});

async function open(options: Partial<DuckDbOptions> = {}): Promise<Engine> {
  const engine = await openDuckDb({ path: null, ...options });
  opened.push(engine);
  return engine;
}

const rowsOf = async (engine: Engine, sql: string, parameters: readonly Parameter[] = []) =>
  (await engine.query({ sql, parameters })).rows;

/** A query that does not end by itself. */
const ENDLESS = {
  sql: 'select count(*) as n from range(1000000000) a, range(1000000000) b where a.range * b.range = -1',
  parameters: [],
};

/** A database with a table `t` of one row. */
async function database(path: string, statement = "create table t as select 1 as one, 'x' as text"): Promise<string> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
  return path;
}

describe('cells', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open();
  });

  test.each<[string, unknown]>([
    ['1::bigint', 1],
    ['9007199254740991::bigint', 9007199254740991],
    ['9007199254740993::bigint', '9007199254740993'],
    ['(-9007199254740993)::bigint', '-9007199254740993'],
    ['170141183460469231731687303715884105727::hugeint', '170141183460469231731687303715884105727'],
    ['sum(x) from (values (1), (2)) as t (x)', 3],
    ['1.25::decimal(18,3)', 1.25],
    ['(-0.001)::decimal(38,10)', -0.001],
    ['0.1::double', 0.1],
    ["'NaN'::double", Number.NaN],
    ["'Infinity'::double", Number.POSITIVE_INFINITY],
    ["'-Infinity'::double", Number.NEGATIVE_INFINITY],
    ['true', true],
    ['null', null],
    ["''", ''],
    ["'Ü\"x'", 'Ü"x'],
    ["date '2026-03-29'", '2026-03-29'],
    ["timestamp '2026-03-29 01:02:03.123456'", '2026-03-29T01:02:03.123456Z'],
    ["timestamp '2026-03-29 00:00:00'", '2026-03-29T00:00:00Z'],
    ["timestamptz '2026-03-29 01:02:03.123456+02:00'", '2026-03-28T23:02:03.123456Z'],
    ["'2026-03-29 01:02:03'::timestamp_s", '2026-03-29T01:02:03Z'],
    ["'2026-03-29 01:02:03.123'::timestamp_ms", '2026-03-29T01:02:03.123Z'],
    ["'2026-03-29 01:02:03.123456789'::timestamp_ns", '2026-03-29T01:02:03.123456789Z'],
    ["timestamp 'infinity'", null],
    ["timestamp '1969-12-31 23:59:59.999999'", '1969-12-31T23:59:59.999999Z'],
  ])('%s', async (expression, expected) => {
    const [row] = await rowsOf(
      engine,
      expression.includes(' from ')
        ? `select ${expression.replace(' from', ' as v from')}`
        : `select ${expression} as v`,
    );
    expect(row!.v).toBe(expected);
  });

  test('bound values come back as they are', async () => {
    const values = ['it\'s "quoted"; drop table t; --', 'Ü', '', -0.5, 1e300, 9007199254740991, true, null];
    const [row] = await rowsOf(engine, `select ${values.map((_, i) => `$${i + 1} as v${i}`).join(', ')}`, values);
    expect(Object.values(row!)).toEqual(values);
  });

  test('columns are described without running anything', async () => {
    const columns = await engine.describe({
      sql: "select 1 as a, 'x' as b, 1.5::decimal(4,2) as c, now() as d, current_date as e, true as f, timestamp '2026-01-01' as g from range(1000000000), range(1000000000)",
      parameters: [],
    });
    expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'a INTEGER',
      'b STRING',
      'c FLOAT',
      'd DATETIME',
      'e DATE',
      'f BOOLEAN',
      'g DATETIME',
    ]);
    expect(columns[3]!.engineType).toMatch(/TIMESTAMP WITH TIME ZONE|TIMESTAMPTZ/);
  });

  test('the zone of the host decides nothing', async () => {
    expect(
      await rowsOf(
        engine,
        "select current_setting('TimeZone') as zone, cast(timestamptz '2026-03-29 00:30:00+02:00' as date) as day",
      ),
    ).toEqual([{ zone: 'UTC', day: '2026-03-28' }]);
  });
});

describe('files', () => {
  const CSV = 'id,at,amount\n1,2026-03-28T23:00:00Z,1.5\n2,2026-03-29T01:00:00+02:00,\n3,2026-03-28T19:00:00-04:00,3\n';
  const JSON_LINES =
    '{"id":1,"at":"2026-03-28T23:00:00Z","amount":1.5}\n{"id":2,"at":"2026-03-29T01:00:00+02:00"}\n{"id":3,"at":"2026-03-28T19:00:00-04:00","amount":3}\n';
  let directory: string;
  beforeAll(async () => {
    directory = folderWith({
      'plain.csv': CSV,
      'packed.csv.gz': gzipSync(CSV),
      'tabs.tsv': CSV.replaceAll(',', '\t'),
      'lines.ndjson': JSON_LINES,
      'array.json': `[${JSON_LINES.trim().split('\n').join(',')}]`,
      'packed.json.gz': gzipSync(JSON_LINES),
      'parts/one.csv': CSV,
      'parts/two.csv': CSV.replace(/\n[12].*/g, ''),
      'late.csv': `id,amount\n${'1,2\n'.repeat(30_000)}3,4.5\n4,\n`,
      'secret.csv': 'word\nswordfish\n',
    });
    await database(
      join(directory, 'warehouse.duckdb'),
      `create table events as select * from read_csv('${join(directory, 'plain.csv')}')`,
    );
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(
      `copy (select * from read_csv('${join(directory, 'plain.csv')}')) to '${join(directory, 'rows.parquet')}' (format parquet)`,
    );
    connection.closeSync();
    instance.closeSync();
  });

  const openFile = (path: string, table: readonly string[] | null = null) =>
    open({ files: [{ name: 'events', path: join(directory, path), table }] });

  test.each(['plain.csv', 'packed.csv.gz', 'tabs.tsv', 'rows.parquet', 'parts/*.csv'])(
    '%s: instants of mixed offsets are one moment',
    async (path) => {
      const engine = await openFile(path);
      const rows = await rowsOf(engine, 'select distinct id, "at", amount from memory.files.events order by id');
      expect(rows).toEqual([1.5, null, 3].map((amount, i) => ({ id: i + 1, at: '2026-03-28T23:00:00Z', amount })));
    },
  );

  test.each(['lines.ndjson', 'array.json', 'packed.json.gz'])(
    '%s: instants of mixed offsets stay text, so that no offset is lost',
    async (path) => {
      const engine = await openFile(path);
      const rows = await rowsOf(
        engine,
        'select id, (try_cast("at" as timestamptz) at time zone \'UTC\') as "at", amount from memory.files.events order by id',
      );
      expect(rows).toEqual([1.5, null, 3].map((amount, i) => ({ id: i + 1, at: '2026-03-28T23:00:00Z', amount })));
    },
  );

  test('a table of a .duckdb file', async () => {
    const engine = await openFile('warehouse.duckdb', ['events']);
    expect(await rowsOf(engine, 'select count(*) as n from memory.files.events')).toEqual([{ n: 3 }]);
  });

  test('the type of a column follows all of its rows, not a sample', async () => {
    const engine = await openFile('late.csv');
    expect(
      await rowsOf(engine, 'select sum(amount) as total, typeof(any_value(amount)) as type from memory.files.events'),
    ).toEqual([{ total: 60_004.5, type: 'DOUBLE' }]);
  });

  test.each([
    ['missing.csv', /No files found|missing\.csv/i],
    ['notes.docx', /Only \.parquet, \.csv/],
  ])('%s: the reason is told when its columns are asked for', async (path, reason) => {
    const engine = await openFile(path);
    await expect(
      engine.describe({ sql: 'select * from "memory"."files"."events"', parameters: [] }),
    ).rejects.toMatchObject({ code: 'ENGINE_FAILED', details: { reason: expect.stringMatching(reason) } });
  });

  describe('once open', () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await openFile('plain.csv');
    });

    test.each([
      "select * from read_text('/etc/passwd')",
      "select * from read_csv('SECRET')",
      "select * from 'SECRET'",
      "select * from glob('/etc/*')",
      "attach '/tmp/other.duckdb' as other",
      "copy (select 1) to '/tmp/liftql-should-not-exist.csv'",
      'set enable_external_access = true',
      'set global lock_configuration = false',
      "set memory_limit = '1GB'",
      'pragma threads = 8',
      'install httpfs',
      'load httpfs',
      "export database '/tmp/liftql-should-not-exist'",
    ])('%s is refused', async (sql) => {
      await expect(rowsOf(engine, sql.replace('SECRET', join(directory, 'secret.csv')))).rejects.toMatchObject({
        code: 'ENGINE_FAILED',
      });
    });

    test('the file that was configured can be read still', async () => {
      expect(await rowsOf(engine, 'select count(*) as n from memory.files.events')).toEqual([{ n: 3 }]);
    });

    test('one statement at a time', async () => {
      await expect(rowsOf(engine, 'select 1; select 2')).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
    });
  });
});

describe('queries', () => {
  test('a fault of the statement keeps the engine’s sentence for the operator, not for the message', async () => {
    const engine = await open();
    const error = await rowsOf(engine, 'select nothing from nowhere').catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: 'ENGINE_FAILED',
      message: 'The engine could not run the query.',
      details: { reason: expect.stringContaining('nowhere') },
    });
    expect(error.cause).toBeInstanceOf(Error);
  });

  test('a query past its time is stopped, and the engine goes on', async () => {
    const engine = await open();
    await expect(engine.query(ENDLESS, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
    expect(await rowsOf(engine, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test.each(['before', 'at once', 'in a microtask', 'in a macrotask'])(
    'a query whose caller leaves %s is cancelled, and the engine goes on',
    async (when) => {
      const engine = await open({ concurrency: 1 });
      const leaving = new AbortController();
      if (when === 'before') leaving.abort();
      const query = engine.query(ENDLESS, { signal: leaving.signal });
      const cancelled = expect(query).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
      if (when === 'in a microtask') await null;
      if (when === 'in a macrotask') await new Promise((resolve) => setImmediate(resolve));
      leaving.abort();
      await cancelled;
      expect(await rowsOf(engine, 'select 1 as one')).toEqual([{ one: 1 }]);
    },
  );

  test('cancelling one query leaves the others alone', async () => {
    const engine = await open({ concurrency: 2 });
    const leaving = new AbortController();
    const endless = engine.query(ENDLESS, { signal: leaving.signal });
    const other = rowsOf(engine, 'select count(*) as n from range(1000)');
    const cancelled = expect(endless).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
    expect(await other).toEqual([{ n: 1000 }]);
    leaving.abort();
    await cancelled;
  });
});

describe('the queue', () => {
  test('more than may wait are refused at once; those who wait run', async () => {
    const engine = await open({ concurrency: 1, queue: 2 });
    const leaving = new AbortController();
    const running = engine.query(ENDLESS, { signal: leaving.signal });
    const waiting = [rowsOf(engine, 'select 1 as n'), rowsOf(engine, 'select 2 as n')];
    await expect(rowsOf(engine, 'select 3 as n')).rejects.toMatchObject({ code: 'ENGINE_OVERLOADED' });
    const cancelled = expect(running).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
    leaving.abort();
    await cancelled;
    expect((await Promise.all(waiting)).flat()).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test('one who leaves the queue makes room', async () => {
    const engine = await open({ concurrency: 1, queue: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const running = engine.query(ENDLESS, { signal: first.signal });
    const waiting = engine.query(ENDLESS, { signal: second.signal });
    const left = expect(waiting).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
    second.abort();
    await left;
    const next = rowsOf(engine, 'select 1 as n');
    const cancelled = expect(running).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
    first.abort();
    await cancelled;
    expect(await next).toEqual([{ n: 1 }]);
  });

  test('one whose time is over while it waits is told so', async () => {
    const engine = await open({ concurrency: 1 });
    const leaving = new AbortController();
    const running = engine.query(ENDLESS, { signal: leaving.signal });
    await expect(engine.query({ sql: 'select 1', parameters: [] }, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'ENGINE_TIMEOUT',
    });
    const cancelled = expect(running).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
    leaving.abort();
    await cancelled;
  });
});

describe('a database', () => {
  test('is read, never written', async () => {
    const engine = await open({ path: await database(join(folderWith({}), 'w.duckdb')) });
    expect(await rowsOf(engine, 'select one, text from t')).toEqual([{ one: 1, text: 'x' }]);
    await expect(rowsOf(engine, 'insert into t values (2, $1)', ['y'])).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
    });
    await expect(rowsOf(engine, 'drop table t')).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
  });

  test('that is missing is named, with what to do', async () => {
    await expect(open({ path: '/nowhere/w.duckdb' })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringMatching(/^The database \/nowhere\/w\.duckdb cannot be opened: .*Check engine\.path/),
    });
  });

  test('that is corrupt is named, with what to do', async () => {
    const path = join(folderWith({}), 'w.duckdb');
    writeFileSync(path, 'this is no database, however long it may be. '.repeat(500));
    await expect(open({ path })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringMatching(/cannot be opened: .*a DuckDB database/),
    });
  });

  test('that another process writes is named, with what to do', async () => {
    const path = await database(join(folderWith({}), 'w.duckdb'));
    const holder = `const { DuckDBInstance } = await import('@duckdb/node-api'); const held = await DuckDBInstance.create(${JSON.stringify(path)}); process.stdout.write('held'); process.stdin.on('data', () => { held.closeSync(); process.exit(0); });`;
    const process_ = spawn(process.execPath, ['--input-type=module', '-e', holder], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(process_.stdout, 'data');
    try {
      await expect(open({ path })).rejects.toMatchObject({
        code: 'ENGINE_UNAVAILABLE',
        message: expect.stringContaining('Another process has it open for writing'),
      });
    } finally {
      process_.stdin.end('done');
      await once(process_, 'exit');
    }
  });
});
