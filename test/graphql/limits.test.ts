import { buildSchema, parse, specifiedRules, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { limitRules, MAX_ALIASES, MAX_DEPTH, MAX_DIRECTIVES, MAX_VALUE_DEPTH } from '../../src/graphql/limits.ts';

const schema = buildSchema(`
  input Tree { below: [Tree!] }
  type Query { it(tree: Tree): Query name: String }
`);

/** What the limits say of a document that is otherwise valid. */
function said(document: string): readonly string[] {
  const parsed = parse(document);
  expect(validate(schema, parsed, specifiedRules)).toEqual([]);
  return validate(schema, parsed, [...limitRules]).map(({ message }) => message);
}

const nest = (levels: number, inner: string) => `${'{ it '.repeat(levels)}{ ${inner} }${' }'.repeat(levels)}`;

describe('depth', () => {
  test.each([
    [MAX_DEPTH, []],
    [MAX_DEPTH + 1, [`The document has ${MAX_DEPTH + 1} levels; at most ${MAX_DEPTH} are allowed.`]],
  ])('%i levels', (depth, expected) => {
    expect(said(nest(depth - 1, 'name'))).toEqual(expected);
  });

  test('counts through fragments', () => {
    const document = `${nest(6, '...A')} fragment A on Query ${nest(6, 'name')}`;
    expect(said(document)).toEqual([`The document has 13 levels; at most ${MAX_DEPTH} are allowed.`]);
  });

  test('is that of the deepest operation', () => {
    expect(said(`query A ${nest(1, 'name')} query B ${nest(12, 'name')}`)).toHaveLength(1);
  });

  test('does not count introspection', () => {
    const document = `{ __schema { types { ofType ${'{ ofType '.repeat(12)}{ name }${' }'.repeat(12)} } } }`;
    expect(said(document)).toEqual([]);
  });
});

describe('aliases', () => {
  const aliases = (count: number) => Array.from({ length: count }, (_, i) => `a${i}: name`).join(' ');
  test('count each time that their fragment is spread', () => {
    const half = MAX_ALIASES / 2;
    const spread = (times: number) =>
      `{ it { ...A } ${times > 1 ? 'again: it { ...A }' : ''} } fragment A on Query { ${aliases(half)} }`;
    expect(said(spread(1))).toEqual([]);
    expect(said(spread(2))).toEqual([
      `The document has ${MAX_ALIASES + 1} aliases; at most ${MAX_ALIASES} are allowed.`,
    ]);
  });

  test('of fragments that double at every level are counted without spreading them all', () => {
    const last = 40;
    const fragments = Array.from(
      { length: last },
      (_, i) => `fragment F${i} on Query { a: it { name } ${i + 1 < last ? `...F${i + 1} it { ...F${i + 1} }` : ''} }`,
    );
    expect(said(`{ ...F0 } ${fragments.join(' ')}`).length).toBeGreaterThan(0);
  });
});

test('directives count', () => {
  const document = (count: number) =>
    `{ it { ${Array.from({ length: count }, () => '... @skip(if: false) { name }').join(' ')} } }`;
  expect(said(document(MAX_DIRECTIVES))).toEqual([]);
  expect(said(document(MAX_DIRECTIVES + 1))).toHaveLength(1);
});

test('a value may nest only so deep', () => {
  const tree = (levels: number) =>
    `{ it(tree: ${'{ below: ['.repeat(levels / 2)}${'] }'.repeat(levels / 2)}) { name } }`;
  expect(said(tree(MAX_VALUE_DEPTH))).toEqual([]);
  expect(said(tree(MAX_VALUE_DEPTH + 2))).toEqual([
    `The document has ${MAX_VALUE_DEPTH + 2} levels in one value; at most ${MAX_VALUE_DEPTH} are allowed.`,
  ]);
});
