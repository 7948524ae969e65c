/** Whether two numbers agree to a relative tolerance; both zero, both null agree too. */
export function isClose(got: unknown, expected: unknown, relative: number): boolean {
  if (typeof got !== 'number' || typeof expected !== 'number') return got === expected;
  return got === expected || Math.abs(got - expected) <= relative * Math.abs(expected);
}

/** Where two values differ: texts and whole shapes at all, numbers by more than a relative tolerance. */
export function differences(got: unknown, expected: unknown, relative: number, path = ''): readonly string[] {
  if (typeof expected !== 'object' || expected === null)
    return isClose(got, expected, relative) ? [] : [`${path}: expected ${expected}, got ${got}`];
  if (typeof got !== 'object' || got === null) return [`${path}: expected ${JSON.stringify(expected)}, got ${got}`];
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(got)])];
  return keys.flatMap((key) =>
    differences(got[key as keyof typeof got], expected[key as keyof typeof expected], relative, `${path}/${key}`),
  );
}
