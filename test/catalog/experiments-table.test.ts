import { describe, expect, test } from 'vitest';
import { mergeExperimentsTable } from '../../src/catalog/experiments-table.ts';
import type { Row } from '../../src/engine/engine.ts';
import { good, SOURCES } from './catalog-folder.ts';

const FLAGS = `  flags:
    kind: experiments
    table: raw.experiments
    columns: { key: exp_key, name: name, start: start_at, end: end_at, status: status, variants: variants_json, owner: owner }
`;
const YAML = `${SOURCES}${FLAGS}metrics:
  m: { type: mean, source: events }
experiments:
  checkout: { name: Checkout, start: 2026-03-20T00:00:00Z, variants: { control: {}, b: {} }, goals: [m] }
  partial: { goals: [m] }
analysis: { alpha: 0.1 }
`;
const VARIANTS = '[{"key": "control"}, {"key": "b", "name": "New"}]';
const row = (fields: Row): Row => ({
  exp_key: null,
  name: null,
  start_at: null,
  end_at: null,
  status: null,
  variants_json: null,
  owner: null,
  ...fields,
});

function merge(rows: readonly Row[], yaml = YAML) {
  const catalog = good(yaml);
  const merged = mergeExperimentsTable(catalog, 'flags', rows);
  return { catalog, merged, warnings: merged.warnings, experiment: (key: string) => merged.experiments.get(key) };
}

describe('mergeExperimentsTable', () => {
  test('completes what YAML leaves open, in silence', () => {
    const { experiment, warnings, merged, catalog } = merge([
      row({
        exp_key: 'partial',
        name: 'From the table',
        start_at: '2026-03-01 00:00:00',
        end_at: '2026-04-01T02:00:00+02:00',
        status: 'Running',
        variants_json: VARIANTS,
        owner: 'me',
      }),
    ]);
    expect(experiment('partial')).toMatchObject({
      name: 'From the table',
      start: '2026-03-01T00:00:00Z',
      end: '2026-04-01T00:00:00Z',
      status: 'RUNNING',
      owner: 'me',
      variants: [
        { key: 'control', isControl: true, weight: 0.5 },
        { key: 'b', name: 'New', weight: 0.5 },
      ],
      metrics: [{ metric: 'm' }],
    });
    expect(warnings).toEqual([]);
    expect(merged.hash).not.toBe(catalog.hash);
    expect(catalog.experiments.get('partial')?.variants).toEqual([]);
  });

  test('lets YAML win field by field, with a warning for each conflict', () => {
    const { experiment, warnings } = merge([
      row({
        exp_key: 'checkout',
        name: 'Other',
        start_at: '2026-03-20T00:00:00.000Z',
        variants_json: '{"control": 0.9, "b": 0.1}',
      }),
      row({ exp_key: 'partial', variants_json: VARIANTS }),
    ]);
    expect(experiment('checkout')).toMatchObject({ name: 'Checkout', variants: [{ weight: 0.5 }, { weight: 0.5 }] });
    expect(warnings).toEqual([
      'Source `flags`: experiment `checkout`: YAML and table differ in `name`; YAML wins.',
      'Source `flags`: experiment `checkout`: YAML and table differ in `variants`; YAML wins.',
    ]);
  });

  test('leaves an experiment out that has variants nowhere', () => {
    const { experiment, warnings } = merge([]);
    expect(experiment('partial')).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('`partial` has no variants')]);
  });

  test('makes an experiment without metrics of a row alone', () => {
    const { experiment } = merge([
      row({ exp_key: 'alone', variants_json: '{"a": {"weight": 0.25, "control": true}, "b": {"weight": 0.75}}' }),
    ]);
    expect(experiment('alone')).toMatchObject({
      name: 'alone',
      assignments: 'assignments',
      unit: 'user_id',
      metrics: [],
      analysis: { alpha: 0.1 },
      variants: [{ key: 'a', isControl: true, weight: 0.25 }, { key: 'b' }],
    });
  });

  test('leaves a row alone out when its assignments cannot be told', () => {
    const two = YAML.replace(
      '  events:',
      '  more: { kind: assignments, table: t, unit: u, variant: v, experiment: e }\n  events:',
    ).replace(/ {2}(checkout|partial): \{/g, '$&assignments: assignments, ');
    expect(merge([row({ exp_key: 'alone', variants_json: VARIANTS })], two).warnings).toContainEqual(
      expect.stringMatching(/`alone` is left out: the catalog has 2 sources of assignments/),
    );
    const sole = YAML.replace('    experiment: experiment_id\n', '').replace('  partial: { goals: [m] }\n', '');
    expect(merge([row({ exp_key: 'alone', variants_json: VARIANTS })], sole).warnings).toEqual([
      expect.stringContaining('no `experiment` column'),
    ]);
  });

  test.each([
    ['no JSON', '{', /not JSON/],
    ['JSON of another shape', '"a"', /neither a list/],
    ['one variant', '["a"]', /neither a list/],
    ['one variant in a list', '[{"key": "control"}]', /two or more/],
    ['weights that do not sum to 1', '{"control": 0.5, "b": 0.6}', /sum to 1\.1/],
    ['a weight of 0', '{"control": 1, "b": 0}', /above 0/],
    ['no control', '{"a": 0.5, "b": 0.5}', /no control/],
    ['a variant twice', '[{"key": "control"}, {"key": "control"}]', /twice/],
    ['a key that cannot be shown', '[{"key": "control"}, {"key": "\\u0000"}]', /printable/],
  ])('bad variants give a warning that names the experiment: %s', (_, json, reason) => {
    const { experiment, warnings } = merge([
      row({ exp_key: 'partial', variants_json: VARIANTS }),
      row({ exp_key: 'alone', variants_json: json }),
    ]);
    expect(experiment('alone')).toBeUndefined();
    expect(warnings[0]).toMatch(/^Source `flags`: experiment `alone`: its variants/);
    expect(warnings[0]).toMatch(reason);
  });

  test('bad rows never crash', () => {
    const { warnings, experiment } = merge([
      row({ exp_key: 'partial', variants_json: VARIANTS, start_at: 'yesterday', status: 'sleeping' }),
      row({ exp_key: 'partial', variants_json: VARIANTS }),
      row({ exp_key: 'checkout', end_at: '2026-01-01T00:00:00Z' }),
      row({}),
      row({ exp_key: ' ' }),
      row({ exp_key: 'a\u0000b' }),
      {},
    ]);
    expect(experiment('partial')).toMatchObject({ start: null, status: null });
    expect(experiment('checkout')).toMatchObject({ start: '2026-03-20T00:00:00Z', end: null });
    expect(warnings.join('\n')).toMatch(
      /yesterday[\s\S]*sleeping[\s\S]*twice[\s\S]*without a key[\s\S]*printable[\s\S]*end before they start/,
    );
  });
});
