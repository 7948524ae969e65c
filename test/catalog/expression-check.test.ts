import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkExpression } from '../../src/catalog/expression-check.ts';

describe('checkExpression', () => {
  test.each([
    "event_name = 'purchase'",
    "name = 'it''s; -- not a comment (here) ?'",
    '"odd ""column""; name" > 1',
    "props['a'] in (1, 2) and (a - -b) / c > 0",
    "{'a': 1}['a'] = [1, 2][1]",
    "type = 'e' and name = 'x'",
  ])('accepts %s', (text) => {
    expect(checkExpression(text)).toBeNull();
  });

  test.each([
    ['', 0],
    ['  \n', 0],
    ['a; b', 1],
    ['a -- b', 2],
    ['a /* b', 2],
    ['(a', 0],
    ['a) or (b', 1],
    ['(a]', 2],
    ["a = 'x", 4],
    ['"a', 0],
    ['a = ?', 4],
    ['a = $1', 4],
    ['a = $$b$$', 4],
    ["a = e'\\'", 4],
    ['{{ a }}', 0],
    ["a = '{{ x }}'", 5],
    [`a = $${'{X}'}`, 4],
    ['a\0b', 1],
  ] as const)('refuses %j at %i', (text, offset) => {
    expect(checkExpression(text)).toMatchObject({ offset });
  });

  test('text inside of quotes is free of rules, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!/\{\{|\$\{|\0/.test(text));
        expect(checkExpression(`a = '${text.replaceAll("'", "''")}'`)).toBeNull();
        expect(checkExpression(`"${text.replaceAll('"', '""')}" = 1`)).toBeNull();
      }),
    );
  });

  test('what is accepted can stand between parentheses without changing what is around it', () => {
    const piece = fc.constantFrom("'", '"', '(', ')', '[', ']', ';', '--', '/*', 'a', ' ', '\n', "''", '?', ',');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        fc.pre(checkExpression(text) === null);
        // Texts and quoted names taken out, the rest is balanced and holds nothing that ends or hides a statement.
        const bare = text.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, '');
        expect(bare).not.toMatch(/['";?]|--|\/\*/);
        let depth = 0;
        for (const character of bare) {
          depth += '(['.includes(character) ? 1 : ')]'.includes(character) ? -1 : 0;
          expect(depth).toBeGreaterThanOrEqual(0);
        }
        expect(depth).toBe(0);
      }),
      { numRuns: 2_000 },
    );
  });
});
