import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { buildShopFile } from './built-shop.ts';
import { toldByApi, wrongIn } from './told.ts';

const python = process.env.LIFTQL_PANDAS_PYTHON;
const TIMEOUT_MS = 120_000;

test.skipIf(!python)(
  "pandas reads the API's numbers from the file of DuckDB (LIFTQL_PANDAS_PYTHON, as scripts/bi-readers prints it)",
  async () => {
    const [{ path, schema }, told] = await Promise.all([buildShopFile(), toldByApi()]);
    const script = fileURLToPath(new URL('duckdb_reader.py', import.meta.url));
    const { stdout } = await promisify(execFile)(python!, ['-B', script, path, schema, 'experiment_results']);
    const { kinds, missing, rows } = JSON.parse(stdout);
    expect([kinds.metric_version, kinds.lift, kinds.metric]).toEqual(['int64', 'float64', 'object']);
    expect(kinds.as_of).toMatch(/^datetime64/);
    expect([missing.lift_lower, missing.unknown]).toEqual(['nan', 'None']);
    expect(wrongIn(rows, told)).toEqual([]);
    expect(wrongIn([{ ...rows[0], lift: rows[0].lift + 1e-6 }, ...rows.slice(1)], told)).toHaveLength(1);
  },
  TIMEOUT_MS,
);
