import { expect, test } from 'vitest';
import { estimateOf } from '../../../src/engine/trino/estimate.ts';

const table = (outputRowCount: unknown, outputSizeInBytes: unknown) => ({
  estimate: { outputRowCount, outputSizeInBytes },
});
const plan = (...tables: readonly unknown[]) => JSON.stringify({ inputTableColumnInfos: tables });

test.each<[string, unknown, { rows: number | null; bytes: number | null }]>([
  ['one table', plan(table(10, 80)), { rows: 10, bytes: 80 }],
  ['two tables', plan(table(10, 80), table(5, 1)), { rows: 15, bytes: 81 }],
  ['no table', plan(), { rows: 0, bytes: 0 }],
  ['a table of unknown size', plan(table(10, 'NaN'), table(5, 1)), { rows: 15, bytes: null }],
  ['a table without an estimate', plan({}), { rows: null, bytes: null }],
  ['null for a table', plan(null), { rows: null, bytes: null }],
  ['no list of tables', '{}', { rows: null, bytes: null }],
  ['null', 'null', { rows: null, bytes: null }],
  ['no JSON', 'Fragment 0', { rows: null, bytes: null }],
  ['nothing', undefined, { rows: null, bytes: null }],
])('%s', (_, text, expected) => {
  expect(estimateOf(text)).toStrictEqual(expected);
});
