import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson } from '../../../src/engine/trino/json.ts';

describe('parseJson', () => {
  test.each<[string, unknown]>([
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', '9007199254740992'],
    ['-9007199254740993', '-9007199254740993'],
    ['[9223372036854775807, -9223372036854775808]', ['9223372036854775807', '-9223372036854775808']],
    ['{"a": 12345678901234567890, "b": [ 1 ]}', { a: '12345678901234567890', b: [1] }],
    ['"9007199254740993"', '9007199254740993'],
    ['"a \\" 9007199254740993"', 'a " 9007199254740993'],
    ['["\\\\", 9007199254740993, "\\\\\\"", 9007199254740993]', ['\\', '9007199254740993', '\\"', '9007199254740993']],
    ['0.12345678901234567890', 0.12345678901234568],
    ['1234567890123456789.5', 1234567890123456800],
    ['1234567890123456789e2', 123456789012345680000],
    ['1e1000000000000000000', Number.POSITIVE_INFINITY],
    ['1234567890123456', 1234567890123456],
    ['{"12345678901234567890": 12345678901234567890}', { '12345678901234567890': '12345678901234567890' }],
  ])('%s', (text, expected) => {
    expect(parseJson(text)).toStrictEqual(expected);
  });

  test.each([
    '',
    '{',
    '12345678901234567890 1',
    '012345678901234567890',
    '{12345678901234567890: 1}',
    '"12345678901234567890',
    '--12345678901234567890',
    '12345678901234567890.',
  ])('what is no JSON throws: %s', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  test('anything without long integers is what JSON.parse makes of it', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(4), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), null, indent);
        const safe = JSON.stringify(JSON.parse(spaced), (_, value) =>
          Number.isInteger(value) && !Number.isSafeInteger(value) ? 0 : value,
        );
        expect(parseJson(safe)).toStrictEqual(JSON.parse(safe));
      }),
      { numRuns: 1000 },
    );
  });

  test('long integers are kept to the digit, wherever they stand and whatever stands beside them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.bigInt(-(2n ** 127n), 2n ** 127n))), (pairs) => {
        const text = `[${pairs.map(([label, digits]) => `${JSON.stringify(`${label}${digits}`)}, ${digits}`).join(',')}]`;
        const expected = pairs.flatMap(([label, digits]) => [
          `${label}${digits}`,
          Number.isSafeInteger(Number(digits)) ? Number(digits) : String(digits),
        ]);
        expect(parseJson(text)).toStrictEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test('a page of megabytes takes a moment', () => {
    const row = `["${'x\\"'.repeat(40)}", 9007199254740993, 1.5]`;
    const text = `[${Array.from({ length: 50_000 }, () => row).join(',')}]`;
    const started = performance.now();
    expect(parseJson(text)).toHaveLength(50_000);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
