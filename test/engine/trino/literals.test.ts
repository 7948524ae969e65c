import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { statementText } from '../../../src/engine/trino/literals.ts';
import { literalOf } from '../../../src/sql/literal.ts';
import type { Parameter } from '../../../src/sql/sql.ts';

describe('literalOf', () => {
  test.each<[Parameter, string]>([
    ['x', "'x'"],
    ['', "''"],
    ["O'Brien", "'O''Brien'"],
    ["'; drop table t --", "'''; drop table t --'"],
    ['back\\slash', "'back\\slash'"],
    ['two\nlines', "'two\nlines'"],
    ['Ü 😀', "'Ü 😀'"],
    [1, '1'],
    [-1, '-1'],
    [0, '0'],
    [-0, '0'],
    [3_000_000_000, '3000000000'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    [Number.MIN_SAFE_INTEGER, '-9007199254740991'],
    [2 ** 53, '9007199254740992e0'],
    [1e300, '1e+300'],
    [1.5, '1.5e0'],
    [-0.001, '-0.001e0'],
    [1e-7, '1e-7'],
    [Number.NaN, 'nan()'],
    [Number.POSITIVE_INFINITY, 'infinity()'],
    [Number.NEGATIVE_INFINITY, '-infinity()'],
    [true, 'true'],
    [false, 'false'],
    [null, 'null'],
  ])('%j', (value, expected) => {
    expect(literalOf(value)).toBe(expected);
  });

  test.each(['a\0b', '\ud800', 'x\udc00y'])('%j is refused', (text) => {
    expect(() => literalOf(text)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  });

  test('a text is one literal: its quotes are all doubled and it can be read back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!text.includes('\0') && text.isWellFormed());
        const literal = literalOf(text);
        const inside = literal.slice(1, -1);
        expect(literal).toBe(`'${inside}'`);
        expect(inside.replaceAll("''", '')).not.toContain("'");
        expect(inside.replaceAll("''", "'")).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('statementText', () => {
  test('a statement without parameters is sent as it is', () => {
    expect(statementText({ sql: "select 'x?'", parameters: [] })).toBe("select 'x?'");
  });

  test('parameters are literals after USING; the SQL is a literal itself', () => {
    expect(statementText({ sql: "select ?, '?', 'it''s' -- ?", parameters: ["it's"] })).toBe(
      "execute immediate 'select ?, ''?'', ''it''''s'' -- ?' using 'it''s'",
    );
  });

  test('what Trino would refuse for its length is not sent', () => {
    expect(statementText({ sql: 'x'.repeat(1_000_000), parameters: [] })).toHaveLength(1_000_000);
    expect(() => statementText({ sql: 'x'.repeat(1_000_001), parameters: [] })).toThrow(
      expect.objectContaining({ code: 'ENGINE_FAILED', details: { reason: expect.stringContaining('1000001') } }),
    );
    expect(() => statementText({ sql: "'".repeat(600_000), parameters: [1] })).toThrow(/too long for Trino/);
  });
});
