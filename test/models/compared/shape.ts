import { expect } from 'vitest';
import type { Catalog } from '../../../src/catalog/catalog.ts';
import { canonicalInstant } from '../../../src/core/instant.ts';
import type { Row } from '../../../src/engine/engine.ts';
import type { Model } from '../../../src/models/model.ts';

/** That rows have the columns that a model says, with the values that it says, and that its key tells them apart. */
export function checkShape(rows: readonly Row[], model: Model, catalog: Catalog, asOf: string): void {
  const declared = model.columns(catalog);
  // Of what is seldom, there may be nothing; a table is never empty.
  if (model.materialization === 'table') expect(rows.length).toBeGreaterThan(0);
  if (rows.length === 0) return;
  expect(Object.keys(rows[0]!)).toEqual(declared.map((column) => column.name));
  const keys = rows.map((row) => JSON.stringify(model.key.map((column) => row[column])));
  expect(new Set(keys).size).toBe(keys.length);
  for (const { name: column, nullable = false, values } of declared) {
    if (!nullable) expect(rows.filter((row) => row[column] === null)).toEqual([]);
    if (values !== undefined)
      expect(values).toEqual(
        expect.arrayContaining([...new Set(rows.map((row) => row[column]))].filter((value) => value !== null)),
      );
  }
  expect(new Set(rows.map((row) => row.as_of)).size).toBe(1);
  expect(canonicalInstant(String(rows[0]!.as_of))).toBe(canonicalInstant(asOf));
}
