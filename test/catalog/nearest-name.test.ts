import { expect, test } from 'vitest';
import { nearestName } from '../../src/catalog/nearest-name.ts';

test.each([
  ['agregation', ['column', 'aggregate', 'where'], 'aggregate'],
  ['Revenue', ['revenue', 'visits'], 'revenue'],
  ['hwere', ['where', 'column'], 'where'],
  ['x', ['where'], null],
  ['latency', [], null],
])('%s among %j is %s', (name, known, nearest) => {
  expect(nearestName(name, known)).toBe(nearest);
});
