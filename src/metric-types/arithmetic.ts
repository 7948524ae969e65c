import type { Arithmetic } from './metric-type.ts';

/** Arithmetic that was read, or what is wrong with it: a predicate, and the offset of the offender. */
export type ReadArithmetic =
  | { readonly ok: true; readonly arithmetic: Arithmetic }
  | { readonly ok: false; readonly offset: number; readonly rule: string };

const MOST_DEPTH = 50;
const MOST_LENGTH = 1_000;
const TOKEN = /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|([-+*/()]))/y;

interface Token {
  readonly kind: 'number' | 'name' | 'sign' | 'end';
  readonly text: string;
  readonly offset: number;
}

class Refusal extends Error {
  readonly offset: number;
  constructor(offset: number, rule: string) {
    super(rule);
    this.offset = offset;
  }
}

/**
 * Reads arithmetic over the names of parts: `+ - * /`, parentheses, numbers and a sign, by the usual precedence. A part becomes
 * its index. Division by what is always 0 is refused.
 */
export function readArithmetic(text: string, parts: readonly string[]): ReadArithmetic {
  if (text.length > MOST_LENGTH)
    return { ok: false, offset: MOST_LENGTH, rule: `is longer than ${MOST_LENGTH} characters` };
  try {
    return { ok: true, arithmetic: new Parser(text, parts).read() };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, offset: error.offset, rule: error.message };
    throw error;
  }
}

/** Recursive descent: sum := product (± product)*, product := factor (×÷ factor)*, factor := −factor | number | part | (sum). */
class Parser {
  readonly #text: string;
  readonly #parts: readonly string[];
  #next: Token;
  #end = 0;
  #depth = 0;

  constructor(text: string, parts: readonly string[]) {
    this.#text = text;
    this.#parts = parts;
    this.#next = this.#scan();
  }

  read(): Arithmetic {
    const sum = this.#sum();
    if (this.#next.kind !== 'end') this.#refuse('where an operator such as `+` or `-` belongs');
    return sum;
  }

  #sum(): Arithmetic {
    let left = this.#product();
    while (this.#next.text === '+' || this.#next.text === '-') {
      const operator = this.#take().text as '+' | '-'; // just compared
      left = { kind: 'binary', operator, left, right: this.#product() };
    }
    return left;
  }

  #product(): Arithmetic {
    let left = this.#factor();
    while (this.#next.text === '*' || this.#next.text === '/') {
      const operator = this.#take().text as '*' | '/'; // just compared
      const { offset } = this.#next;
      const right = this.#factor();
      if (operator === '/' && constantOf(right) === 0)
        throw new Refusal(offset, 'divides by the constant 0, by which nothing can be divided');
      left = { kind: 'binary', operator, left, right };
    }
    return left;
  }

  #factor(): Arithmetic {
    this.#depth += 1;
    if (this.#depth > MOST_DEPTH) throw new Refusal(this.#next.offset, `is nested deeper than ${MOST_DEPTH} levels`);
    const factor = this.#atom();
    this.#depth -= 1;
    return factor;
  }

  #atom(): Arithmetic {
    const token = this.#take();
    if (token.kind === 'number') {
      const value = Number(token.text);
      if (!Number.isFinite(value)) throw new Refusal(token.offset, 'holds a number that is too large');
      return { kind: 'number', value };
    }
    if (token.kind === 'name') {
      const index = this.#parts.indexOf(token.text);
      if (index >= 0) return { kind: 'part', index };
      const known = this.#parts.map((part) => `\`${part}\``).join(', ');
      throw new Refusal(token.offset, `names \`${token.text}\`, which is not one of its parts (${known})`);
    }
    if (token.text === '-') return { kind: 'negate', of: this.#factor() };
    if (token.text === '(') {
      const inner = this.#sum();
      if (this.#next.text !== ')') this.#refuse('where `)` belongs');
      this.#take();
      return inner;
    }
    this.#next = token;
    return this.#refuse('where a part, a number or `(` belongs');
  }

  #take(): Token {
    const token = this.#next;
    if (token.kind !== 'end') this.#next = this.#scan();
    return token;
  }

  #scan(): Token {
    TOKEN.lastIndex = this.#end;
    const match = TOKEN.exec(this.#text);
    if (match === null) {
      const offset = this.#end + this.#text.slice(this.#end).search(/\S|$/);
      if (offset < this.#text.length)
        throw new Refusal(offset, `holds \`${[...this.#text.slice(offset)][0]}\`, which is no arithmetic`);
      return { kind: 'end', text: '', offset };
    }
    this.#end = TOKEN.lastIndex;
    const text = match[0].trimStart();
    const kind = match[1] !== undefined ? 'number' : match[2] !== undefined ? 'name' : 'sign';
    return { kind, text, offset: this.#end - text.length };
  }

  #refuse(where: string): never {
    const { kind, text, offset } = this.#next;
    throw new Refusal(offset, kind === 'end' ? `ends ${where}` : `has \`${text}\` ${where}`);
  }
}

/** The value of arithmetic without parts; null: it has parts, or no value. */
function constantOf(arithmetic: Arithmetic): number | null {
  switch (arithmetic.kind) {
    case 'part':
      return null;
    case 'number':
      return arithmetic.value;
    case 'negate': {
      const value = constantOf(arithmetic.of);
      return value === null ? null : 0 - value;
    }
    case 'binary': {
      const [left, right] = [constantOf(arithmetic.left), constantOf(arithmetic.right)];
      if (left === null || right === null) return null;
      const { operator } = arithmetic;
      const value =
        operator === '+'
          ? left + right
          : operator === '-'
            ? left - right
            : operator === '*'
              ? left * right
              : left / right;
      return Number.isFinite(value) ? value : null;
    }
  }
}

/** Which parts arithmetic uses, by index. */
export function partsOf(arithmetic: Arithmetic): ReadonlySet<number> {
  switch (arithmetic.kind) {
    case 'part':
      return new Set([arithmetic.index]);
    case 'number':
      return new Set();
    case 'negate':
      return partsOf(arithmetic.of);
    case 'binary':
      return new Set([...partsOf(arithmetic.left), ...partsOf(arithmetic.right)]);
  }
}

/** Whether it divides by something that may be 0: by what holds a part. */
export function mayDivideByZero(arithmetic: Arithmetic): boolean {
  switch (arithmetic.kind) {
    case 'part':
    case 'number':
      return false;
    case 'negate':
      return mayDivideByZero(arithmetic.of);
    case 'binary': {
      const { operator, left, right } = arithmetic;
      return (operator === '/' && partsOf(right).size > 0) || mayDivideByZero(left) || mayDivideByZero(right);
    }
  }
}
