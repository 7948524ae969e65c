/**
 * Messages of the YAML schemas: a stable code and a predicate such as "must be longer than zero". The catalog puts the
 * offender before it and the place in front. Kept as one string because that is what zod carries.
 */
export function coded(code: `CAT_${string}`, predicate: string): string {
  return `${code} ${predicate}`;
}

/** Takes a message of {@link coded} apart; null: the message is not one. */
export function decode(message: string): { readonly code: string; readonly predicate: string } | null {
  const match = /^(CAT_[A-Z_]+) (.*)$/s.exec(message);
  return match === null ? null : { code: match[1]!, predicate: match[2]! };
}
