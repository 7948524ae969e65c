/** A double as a literal that both engines read as DOUBLE (a bare 0.5 is a DECIMAL) and that keeps every bit. */
export function formatDouble(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`Not a finite number: ${value}`);
  const text = String(value);
  return text.includes('e') ? text : `${text}e0`;
}
