/** What is wrong with a piece of SQL text, as a predicate, and at which character. */
export interface ExpressionFault {
  readonly offset: number;
  readonly rule: string;
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/**
 * Whether a text can be put into a statement as one expression: quotes and brackets balanced, no comment that eats the
 * rest, no second statement, no parameter, no template. Knows no engine; whether the text is SQL is for the engine to say.
 */
export function checkExpression(text: string): ExpressionFault | null {
  if (text.trim() === '') return { offset: 0, rule: 'is empty; write an SQL expression or leave the key out' };
  const open: { readonly character: string; readonly offset: number }[] = [];
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i]!;
    const pair = text.slice(i, i + 2);
    if (character === '\0') return { offset: i, rule: 'holds a NUL character; remove it' };
    if (pair === '{{' || pair === '{%')
      return { offset: i, rule: 'holds a template that was left in; a catalog is not templated' };
    if (pair === '${')
      return { offset: i, rule: 'holds an environment variable, which only `file` and the engine may use' };
    if (character === "'" || character === '"') {
      if (character === "'" && /(^|[^a-z0-9_])[e]$/i.test(text.slice(Math.max(0, i - 2), i))) {
        return { offset: i - 1, rule: "holds an escape string; write it as a plain string, with '' for a quote" };
      }
      const end = endOfQuote(text, i);
      if (end === null) return { offset: i, rule: `has a quote ${character} that is never closed` };
      const template = text.slice(i, end).search(/\{\{|\$\{|\0/);
      if (template >= 0)
        return {
          offset: i + template,
          rule: 'holds a template, an environment variable or a NUL inside of quotes; a catalog is not templated',
        };
      i = end - 1;
    } else if (character === ';') return { offset: i, rule: 'holds a `;`; it must be one expression' };
    else if (pair === '--' || pair === '/*')
      return { offset: i, rule: `holds an SQL comment \`${pair}\`; write it as a YAML comment` };
    else if (character === '?' || character === '$') {
      return { offset: i, rule: `holds a parameter \`${character}\`; write the value itself` };
    } else if (CLOSING[character] !== undefined) open.push({ character, offset: i });
    else if (character === ')' || character === ']' || character === '}') {
      const last = open.pop();
      if (last === undefined || CLOSING[last.character] !== character)
        return { offset: i, rule: `has a \`${character}\` that closes nothing` };
    }
  }
  const last = open.at(-1);
  return last === undefined ? null : { offset: last.offset, rule: `has a \`${last.character}\` that is never closed` };
}

/** Index after the closing quote, a doubled quote being part of the text; null: never closed. */
function endOfQuote(text: string, start: number): number | null {
  const quote = text[start]!;
  for (let i = start + 1; i < text.length; i += 1) {
    if (text[i] !== quote) continue;
    if (text[i + 1] !== quote) return i + 1;
    i += 1;
  }
  return null;
}
