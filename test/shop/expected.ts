import { readFileSync } from 'node:fs';

const file = new URL('../fixtures/shop/expected.json', import.meta.url);

export type Leaf = string | number | null;

/** Every leaf of a JSON value by its path; places in lists are numbers. */
export function leavesOf(value: unknown, path: readonly string[] = []): ReadonlyMap<string, Leaf> {
  if (typeof value !== 'object' || value === null) return new Map([[path.join('/'), value as Leaf]]);
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...leavesOf(inner, [...path, key])]));
}

const content: unknown = JSON.parse(readFileSync(file, 'utf8'));

/** Every expected value of the file. */
export const EXPECTED = leavesOf(content);

/** The two readings of exp_checkout, by the name of their part of the file, and the moment that each is read at. */
export const READINGS = [
  { part: 'all', asOf: '2026-06-01T00:00:00Z' },
  { part: 'matured_asof_2026-04-12', asOf: '2026-04-12T00:00:00Z' },
] as const;

/** Keys of a reading (and of the configuration, which both share) without their prefix. */
export function keysOf(part: string): ReadonlyMap<string, Leaf> {
  const prefix = 'experiments/exp_checkout/';
  const own = [...EXPECTED].filter(([key]) => key.startsWith(`${prefix}${part}/`));
  return new Map(own.map(([key, value]) => [key.slice(prefix.length + part.length + 1), value]));
}
