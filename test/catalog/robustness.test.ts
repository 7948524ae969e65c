import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { FaultList } from '../../src/catalog/fault.ts';
import { mergeFiles } from '../../src/catalog/merge-files.ts';
import { good, load } from './catalog-folder.ts';

const reference = readFileSync(new URL('../../docs/catalog.md', import.meta.url), 'utf8');
const TEXT = /```yaml\n([\s\S]*?)```/.exec(reference)![1]!;

/** A catalog is loaded or has faults with places inside of its text; nothing is thrown. */
function loads(text: string): void {
  const loaded = load(text);
  if (loaded.ok) return;
  expect(loaded.faults.length).toBeGreaterThan(0);
  const lines = text.split('\n').length;
  for (const { message, place } of loaded.faults) {
    expect(place.line).toBeGreaterThanOrEqual(1);
    expect(place.line).toBeLessThanOrEqual(lines);
    expect(place.column).toBeGreaterThanOrEqual(1);
    expect(message).toMatch(/[.?]$/);
    expect(message).not.toMatch(/undefined|\[object|is not valid:/);
  }
}

test('text that is damaged anywhere never crashes the loader', () => {
  const damage = fc.record({
    at: fc.nat(TEXT.length),
    remove: fc.nat(20),
    insert: fc.constantFrom(
      '',
      ':',
      '{',
      '}',
      '[',
      '- ',
      '"',
      "'",
      '&a ',
      '*a',
      '!x ',
      '\n',
      '\t',
      '|',
      '? ',
      '%',
      '\0',
      '\uFEFF',
    ),
  });
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
      loads(
        damages.reduce((text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove), TEXT),
      );
    }),
    { numRuns: 500 },
  );
});

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Ways to every value of a tree. */
function paths(value: Json, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, child]) => paths(child, [...path, key]))];
}

test('a value of any type at any place never crashes the loader', () => {
  const faults = new FaultList();
  const { sections } = mergeFiles([{ name: 'catalog.yaml', text: TEXT }], faults);
  const tree = Object.fromEntries(
    Object.entries(sections).map(([name, members]) => [
      name,
      Object.fromEntries(members.map(([key, { value }]) => [key, value])),
    ]),
  ) as { [key: string]: Json };
  good(stringify(tree));
  const ways = paths(tree).filter((path) => path.length > 0);
  const odd = fc.constantFrom<Json>(
    null,
    true,
    0,
    -1,
    1e308,
    '',
    ' ',
    'x',
    '2%',
    '7d',
    [],
    ['x'],
    [[]],
    {},
    { x: 1 },
    { x: { y: null } },
    [null],
    '$' + '{X}',
    '\u0000',
  );
  fc.assert(
    fc.property(fc.constantFrom(...ways), odd, (path, value) => {
      const copy = structuredClone(tree);
      // Every way leads through maps and lists to a member that exists.
      const parent = path.slice(0, -1).reduce<Json>((here, key) => (here as { [key: string]: Json })[key]!, copy);
      (parent as { [key: string]: Json })[path.at(-1)!] = value;
      loads(stringify(copy));
    }),
    { numRuns: 1_500 },
  );
});
