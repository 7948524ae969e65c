import { type Effect, type FieldChange, strongest } from './change.ts';

/** One value of a definition under its dotted name, as text. */
export interface Field {
  readonly name: string;
  readonly value: string;
  readonly effect: Effect;
}

/** Where something was written and what was found in the warehouse are no part of a definition. */
const LEFT_OUT: ReadonlySet<string> = new Set(['place', 'fieldPlaces', 'folded', 'columns']);

/** Every value inside another under its dotted name; what is null or absent is not stated. Lists of plain values are one value. */
export function fieldsOf(value: unknown, effect: Effect, name = ''): readonly Field[] {
  if (value === null || value === undefined) return [];
  if (value instanceof Map) return fieldsOf(Object.fromEntries(value), effect, name);
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object' || item === null)) {
      return [{ name, value: value.join(', '), effect }];
    }
    return value.flatMap((item, i) => fieldsOf(item, effect, `${name}[${i + 1}]`));
  }
  if (typeof value !== 'object') return [{ name, value: String(value), effect }];
  const members = Object.entries(value).filter(([key]) => !LEFT_OUT.has(key));
  const [only] = members;
  if (members.length === 1 && only![0] === 'text') return [{ name, value: String(only![1]), effect }];
  return members.flatMap(([key, member]) => fieldsOf(member, effect, name === '' ? key : `${name}.${key}`));
}

/** A single field; none where it has no value. */
export function field(name: string, value: string | number | null | undefined, effect: Effect): readonly Field[] {
  return fieldsOf(value, effect, name);
}

/** The fields whose values differ, by name. */
export function fieldChanges(before: readonly Field[], after: readonly Field[]): readonly FieldChange[] {
  const [old, now] = [before, after].map((fields) => new Map(fields.map((one) => [one.name, one])));
  const names = [...new Set([...old!.keys(), ...now!.keys()])].sort();
  return names.flatMap((name) => {
    const [was, is] = [old!.get(name), now!.get(name)];
    if (was?.value === is?.value) return [];
    const effects = [was, is].flatMap((one) => (one === undefined ? [] : [one.effect]));
    // A role that is a goal's on one side only is a change of the decision, whatever it is on the other.
    const effect = effects.includes('DECISIONS') ? 'DECISIONS' : strongest(effects);
    return [{ field: name, before: was?.value ?? null, after: is?.value ?? null, effect }];
  });
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
] as const;

/** Seconds as a catalog writes them, such as `14d`. */
export function showSeconds(seconds: number | null | undefined): string | null {
  if (seconds === null || seconds === undefined) return null;
  const unit = UNITS.find(([, size]) => seconds !== 0 && seconds % size === 0);
  return unit === undefined ? `${seconds}s` : `${seconds / unit[1]}${unit[0]}`;
}
