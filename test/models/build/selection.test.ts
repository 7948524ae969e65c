import { describe, expect, test } from 'vitest';
import { inOrder } from '../../../src/models/build/in-order.ts';
import { type Mark, markedComment, markOf } from '../../../src/models/build/mark.ts';
import { selectModels } from '../../../src/models/build/selection.ts';
import type { Model, ModelName } from '../../../src/models/model.ts';
import { MODELS } from '../../../src/models/registry.ts';
import { stubModels } from './world.ts';

const models = stubModels({ engine: 'DuckDB', directory: '/nowhere' });
const ALL = ['metric_definitions', 'experiment_assignments', 'metric_moments', 'sample_ratio_mismatch'];
const named = (some: readonly Model[]) => some.map(({ name }) => name);

describe('--select', () => {
  test.each([
    [null, ALL],
    ['metric_moments', ['metric_moments']],
    ['+metric_moments', ['experiment_assignments', 'metric_moments']],
    ['metric_moments+', ['metric_moments', 'sample_ratio_mismatch']],
    ['experiment_assignments+', ['experiment_assignments', 'metric_moments', 'sample_ratio_mismatch']],
    ['+sample_ratio_mismatch', ALL],
    ['+metric_moments+', ['experiment_assignments', 'metric_moments', 'sample_ratio_mismatch']],
    ['sample_ratio_mismatch, metric_definitions', ['metric_definitions', 'sample_ratio_mismatch']],
  ])('%s', (select, expected) => {
    expect(named(selectModels(models, select))).toEqual(expected);
  });

  test.each(['', 'metric_momments', 'metric_moments,', '++metric_moments', 'metric_moments + metric_definitions'])(
    '"%s" is refused by name',
    (select) => {
      expect(() => selectModels(models, select)).toThrow(/is no model\. Name some of metric_definitions, /);
    },
  );
});

test('models come after those that they read, however they are listed', () => {
  expect(named(inOrder([...models].reverse()))).toEqual([
    'experiment_assignments',
    'metric_moments',
    'metric_definitions',
    'sample_ratio_mismatch',
  ]);
  expect(named(inOrder(MODELS))).toEqual(named(MODELS));
});

test('a model that is made from itself, or from none that there is, is a bug', () => {
  const using = (uses: readonly ModelName[]) => inOrder([{ ...models[0]!, uses }]);
  expect(() => using(['metric_definitions'])).toThrow('made from itself');
  expect(() => using(['metric_timeline'])).toThrow('which is no model');
});

describe('the mark of a relation', () => {
  const mark: Mark = {
    asOf: '2026-01-01T02:00:00.000000Z',
    previousAsOf: null,
    hash: 'ab',
    build: 'b1',
    startedAt: '2026-01-02T00:00:00.123000Z',
    catalogHash: 'cd',
    version: '1.2.3',
    inputs: { metric_definitions: 'b0' },
  };

  test('reads back', () => {
    const comment = markedComment("What it is [it's].", mark);
    expect(comment).toContain("What it is [it's]. [liftql {");
    expect(markOf(comment)).toEqual(mark);
  });

  test.each([
    null,
    '',
    'A table.',
    'A [liftql {}]',
    'A [liftql {"asOf":]',
    'A [liftql null]',
    markedComment('A', mark).slice(0, -1),
  ])('is not in %s', (comment) => {
    expect(markOf(comment)).toBeNull();
  });
});
