import { expect, test } from 'vitest';
import { catalogJsonSchema } from '../../src/catalog/json-schema.ts';

test('the JSON schema of a catalog file is closed and knows every kind', () => {
  const schema = catalogJsonSchema() as { additionalProperties: unknown; properties: Record<string, unknown> };
  expect(schema.additionalProperties).toBe(false);
  expect(Object.keys(schema.properties)).toEqual([
    'clock',
    'engine',
    'analysis',
    'models',
    'sources',
    'metrics',
    'experiments',
  ]);
  const text = JSON.stringify(schema);
  for (const word of [
    '"mean"',
    '"proportion"',
    '"ratio"',
    '"assignments"',
    '"facts"',
    '"whenMissing"',
    '"benjaminiHochberg"',
    '"validFrom"',
    '"covariate"',
    '"among"',
    '"combine"',
    '"loadedAt"',
  ]) {
    expect(text).toContain(word);
  }
  expect(text).not.toContain('joins');
});
