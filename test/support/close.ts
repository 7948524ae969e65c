/** Whether two numbers agree to a relative tolerance; both zero, both null agree too. */
export function isClose(got: unknown, expected: unknown, relative: number): boolean {
  if (typeof got !== 'number' || typeof expected !== 'number') return got === expected;
  return got === expected || Math.abs(got - expected) <= relative * Math.abs(expected);
}
