import { expect, test } from 'vitest';
import { MetricLayerError } from '../../../src/core/errors.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { openTrinoWarehouse } from '../../../src/engine/trino/warehouse.ts';

const failure = (errorName: string) =>
  new MetricLayerError('ENGINE_UNAVAILABLE', 'The statement failed.', { details: { errorName } });

/** An engine that fails a replacement so many times. */
async function warehouseThat(fails: number, errorName: string) {
  const statements: string[] = [];
  const pauses: number[] = [];
  let left = fails;
  const engine = {
    query: async ({ sql }: { readonly sql: string }) => {
      statements.push(sql);
      if (sql.startsWith('create or replace') && left > 0) {
        left -= 1;
        throw failure(errorName);
      }
      return { rows: [{ rows: 3 }], elapsedMs: 0, engineQueryId: null, scannedRows: null, scannedBytes: null };
    },
  } as Partial<Engine> as Engine; // the rest is not used
  const pause = async (ms: number) => {
    pauses.push(ms);
  };
  const warehouse = await openTrinoWarehouse({ engine, catalog: 'c', schema: 's', user: 'u', pause });
  const replace = () =>
    warehouse.replace({ name: 't', kind: 'table', select: 'select 1', comment: "it's", replaces: null });
  return { replace, statements, pauses };
}

test('a statement that met another writer is repeated whole', async () => {
  const { replace, statements, pauses } = await warehouseThat(3, 'ICEBERG_COMMIT_ERROR');
  expect(await replace()).toBe(3);
  const text = `create or replace table "c"."s"."t" comment 'it''s' as\nselect 1`;
  expect(statements).toEqual(['create schema if not exists "c"."s"', text, text, text, text]);
  expect(pauses).toHaveLength(3);
});

test('but not for ever', async () => {
  const { replace, pauses } = await warehouseThat(1000, 'ICEBERG_COMMIT_ERROR');
  await expect(replace()).rejects.toMatchObject({ details: { errorName: 'ICEBERG_COMMIT_ERROR' } });
  expect(pauses).toHaveLength(7);
});

test('and not for any other reason', async () => {
  const { replace, pauses } = await warehouseThat(1, 'SYNTAX_ERROR');
  await expect(replace()).rejects.toMatchObject({ details: { errorName: 'SYNTAX_ERROR' } });
  expect(pauses).toEqual([]);
});
