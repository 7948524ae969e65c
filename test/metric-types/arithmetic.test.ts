import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mayDivideByZero, partsOf, readArithmetic } from '../../src/metric-types/arithmetic.ts';
import type { Arithmetic } from '../../src/metric-types/metric-type.ts';

const PARTS = ['a', 'b', 'paid_2'];

/** What arithmetic makes of the values of its parts. */
function computed(arithmetic: Arithmetic, parts: readonly number[]): number {
  switch (arithmetic.kind) {
    case 'part':
      return parts[arithmetic.index]!;
    case 'number':
      return arithmetic.value;
    case 'negate':
      return -computed(arithmetic.of, parts);
    case 'binary': {
      const [left, right] = [computed(arithmetic.left, parts), computed(arithmetic.right, parts)];
      return { '+': left + right, '-': left - right, '*': left * right, '/': left / right }[arithmetic.operator];
    }
  }
}

const read = (text: string): Arithmetic => {
  const found = readArithmetic(text, PARTS);
  if (!found.ok) throw new Error(found.rule);
  return found.arithmetic;
};

describe('arithmetic', () => {
  test.each([
    ['a', 7],
    ['a - b', 5],
    ['a - b - 1', 4],
    ['a - (b - 1)', 6],
    ['a + b * paid_2', 13],
    ['(a + b) * paid_2', 27],
    ['a / b / 2', 1.75],
    ['a / (b * 2)', 1.75],
    ['-a + b', -5],
    ['-(a + b)', -9],
    ['--a', 7],
    ['a * -b', -14],
    ['1.5e1 * a + .5', 105.5],
    ['  a\n+\tb ', 9],
    ['a/(b-2)', Number.POSITIVE_INFINITY],
  ])('%s', (text, expected) => {
    expect(computed(read(text), [7, 2, 3])).toBe(expected);
  });

  test.each([
    ['', 0, 'ends where a part, a number or `(` belongs'],
    ['   ', 3, 'ends where a part, a number or `(` belongs'],
    ['a +', 3, 'ends where a part, a number or `(` belongs'],
    ['a b', 2, 'has `b` where an operator such as `+` or `-` belongs'],
    ['(a', 2, 'ends where `)` belongs'],
    ['a)', 1, 'has `)` where an operator such as `+` or `-` belongs'],
    ['a + * b', 4, 'has `*` where a part, a number or `(` belongs'],
    ['a % b', 2, 'holds `%`, which is no arithmetic'],
    ['a + 😀', 4, 'holds `😀`, which is no arithmetic'],
    ['a + c', 4, 'names `c`, which is not one of its parts (`a`, `b`, `paid_2`)'],
    ['A', 0, 'names `A`, which is not one of its parts (`a`, `b`, `paid_2`)'],
    ['a / 0', 4, 'divides by the constant 0, by which nothing can be divided'],
    ['a / (1 - 1)', 4, 'divides by the constant 0, by which nothing can be divided'],
    ['a / -0', 4, 'divides by the constant 0, by which nothing can be divided'],
    ['1e999', 0, 'holds a number that is too large'],
    [`${'('.repeat(60)}a${')'.repeat(60)}`, 50, 'is nested deeper than 50 levels'],
    [`a${' + a'.repeat(300)}`, 1000, 'is longer than 1000 characters'],
  ])('refuses %s', (text, offset, rule) => {
    expect(readArithmetic(text, PARTS)).toEqual({ ok: false, offset, rule });
  });

  test.each([
    ['a / b', true],
    ['a / 2', false],
    ['1 / (2 - 1)', false],
    ['-(1 / (a + 1))', true],
    ['a * b', false],
  ])('%s may divide by zero: %s', (text, expected) => {
    expect(mayDivideByZero(read(text))).toBe(expected);
  });

  test('knows the parts that are used', () => {
    expect([...partsOf(read('paid_2 - 2 * a'))].sort()).toEqual([0, 2]);
  });

  test('any arithmetic that is written out is read as the same', () => {
    const leaf = fc.oneof(
      fc.integer({ min: 0, max: 2 }).map((index): Arithmetic => ({ kind: 'part', index })),
      fc.integer({ min: 1, max: 99 }).map((value): Arithmetic => ({ kind: 'number', value })),
    );
    const { tree } = fc.letrec<{ tree: Arithmetic }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        leaf,
        tie('tree').map((of): Arithmetic => ({ kind: 'negate', of })),
        fc
          .tuple(fc.constantFrom('+', '-', '*', '/'), tie('tree'), tie('tree'))
          .map(([operator, left, right]): Arithmetic => ({ kind: 'binary', operator, left, right })),
      ),
    }));
    const write = (one: Arithmetic): string => {
      switch (one.kind) {
        case 'part':
          return PARTS[one.index]!;
        case 'number':
          return String(one.value);
        case 'negate':
          return `-${write(one.of)}`;
        case 'binary':
          return `(${write(one.left)} ${one.operator} ${write(one.right)})`;
      }
    };
    fc.assert(
      fc.property(tree, (arithmetic) => {
        const found = readArithmetic(write(arithmetic), PARTS);
        // Constants may come out as a divisor of zero, which is refused.
        if (!found.ok) expect(found.rule).toMatch(/constant 0|1000 characters/);
        else expect(found.arithmetic).toEqual(arithmetic);
      }),
    );
  });
});
