/**
 * `JSON.parse`, but integers beyond 2^53 come as text instead of being rounded. Nothing else differs; a text that is no JSON
 * throws as ever.
 */
export function parseJson(text: string): unknown {
  const rounded: unknown = JSON.parse(text);
  return /\d{16}/.test(text) ? JSON.parse(quoteLongIntegers(text)) : rounded;
}

/** Expects valid JSON. */
function quoteLongIntegers(text: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    parts.push(text.slice(at, end).replaceAll(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, quoteIfLong));
    if (quote < 0) break;
    at = endOfString(text, quote);
    parts.push(text.slice(quote, at));
  }
  return parts.join('');
}

function quoteIfLong(literal: string): string {
  return /^-?\d+$/.test(literal) && !Number.isSafeInteger(Number(literal)) ? `"${literal}"` : literal;
}

/** The place after the quote that ends the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end + 1;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}
