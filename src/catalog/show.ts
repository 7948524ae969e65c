/** Short text of what was written. */
export function show(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === 'string' ? value : typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text === '' ? 'empty text' : `\`${text.length > 60 ? `${text.slice(0, 57)}…` : text}\``;
}
