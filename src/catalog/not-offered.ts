import type { YamlPath } from '../metric-types/metric-kind.ts';
import { isMap } from './located.ts';

/** Keys that the design of the catalog has and this version does not build. Named, so that none is dropped in silence. */
const KEYS: ReadonlySet<string> = new Set(['joins']);

/** Words of the design that this version does not build, by the key that they are a value of. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  aggregate: ['time_to_last'],
};

/** Whether a key is one of the design that is not offered. */
export function notOfferedKey(key: string): boolean {
  return KEYS.has(key);
}

/** Whether a value is one of the design that is not offered where it stands. */
export function isNotOffered(path: YamlPath, value: unknown): boolean {
  const key = String(path.at(-1));
  const words = WORDS[key] ?? [];
  return typeof value === 'string'
    ? words.includes(value)
    : isMap(value) && Object.keys(value).some((word) => words.includes(word));
}
