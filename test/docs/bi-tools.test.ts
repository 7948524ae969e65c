import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MODELS } from '../../src/models/registry.ts';
import { experimentResults } from '../../src/models/results/experiment-results.ts';
import { serve } from '../support/service.ts';

const guide = readFileSync('docs/bi-tools.md', 'utf8');
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text]) => text!);

describe('the guide for BI tools', () => {
  test('has a view of Looker whose dimensions are columns', async () => {
    const service = await serve('test/fixtures/shop', '2026-06-01T00:00:00Z');
    const columns = new Set(experimentResults.columns(service.catalog()).map(({ name }) => name));
    const [view] = blocks('lookml');
    const named = [
      ...[...view!.matchAll(/dimension(?:_group)?: (\w+)/g)].map(([, name]) => name!).filter((name) => name !== 'line'),
      ...[...view!.matchAll(/\$\{TABLE\}\.(\w+)/g)].map(([, name]) => name!),
    ];
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !columns.has(name))).toEqual([]);
    expect([...view!.matchAll(/\$\{TABLE\}\.(\w+)/g)].map(([, name]) => name)).toEqual(experimentResults.key);
  });

  test('says of models what to filter them by, in columns that they have', async () => {
    const service = await serve('test/fixtures/shop', '2026-06-01T00:00:00Z');
    const rows = guide
      .split('## What never to do')[0]!
      .split('\n')
      .filter((line) => /^\| [^|]+ \| `/.test(line));
    expect(rows.length).toBeGreaterThan(5);
    const unknown = rows.flatMap((row) => {
      const [, , names, filters] = row.split('|');
      const columns = MODELS.filter(({ name }) => names!.includes(`\`${name}\``)).map(
        (model) => new Set(model.columns(service.catalog()).map(({ name }) => name)),
      );
      expect(columns, row).toHaveLength(names!.split(',').length);
      const texts = [...filters!.matchAll(/`([^`]+)`/g)].map(([, text]) => text!.replaceAll(/'.*?'|is null/g, ''));
      const named = texts.flatMap((text) => text.match(/[a-z]\w*/g) ?? []);
      expect(named, row).not.toEqual([]);
      return named.filter((name) => !columns.every((one) => one.has(name))).map((name) => `${names}: ${name}`);
    });
    expect(unknown).toEqual([]);
  });

  test('names models that there are', () => {
    const models = new Set<string>(MODELS.map(({ name }) => name));
    const named = [...guide.matchAll(/liftql\.(\w+)/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !models.has(name))).toEqual([]);
  });
});
