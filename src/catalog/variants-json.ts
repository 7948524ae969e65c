import { z } from 'zod';
import type { Variant } from './catalog.ts';
import { keyFault } from './names.ts';
import { completeVariants, type StatedVariant } from './variants.ts';

const fields = {
  name: z.string().nullish(),
  description: z.string().nullish(),
  weight: z.number().nullish(),
  control: z.boolean().nullish(),
};

/** A list of variants, or a map from key to its weight or fields. A flag system's own fields are not ours to refuse. */
const schema = z.union([
  z.array(z.object({ key: z.union([z.string(), z.number(), z.boolean()]).transform(String), ...fields })),
  z.record(z.string(), z.union([z.number(), z.object(fields), z.null()])),
]);

/** The variants that a column's JSON states; undefined, with a warning, when it does not state an experiment's. */
export function readVariants(
  json: string | undefined,
  warn: (sentence: string) => void,
): readonly Variant[] | undefined {
  if (json === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    warn('its variants are not JSON; they are left out.');
    return undefined;
  }
  const result = schema.safeParse(parsed);
  if (!result.success) {
    warn(
      'its variants are neither a list of `{ key, name, weight, control }` nor a map from key to weight; they are left out.',
    );
    return undefined;
  }
  const stated = (Array.isArray(result.data) ? result.data : entriesOf(result.data)).map(dropNulls);
  const keys = stated.map(({ key }) => key);
  const twice = keys.find((key, i) => keys.indexOf(key) < i);
  const unfit = keys.find((key) => keyFault(key) !== null);
  const { variants, faults } = completeVariants(stated);
  const reason =
    twice !== undefined
      ? `name \`${twice}\` twice`
      : unfit !== undefined
        ? `have a key that ${keyFault(unfit)}`
        : faults.map(({ key, rule }) => (key === null ? rule : `(\`${key}\`) ${rule}`)).join('; ');
  if (reason === '') return variants;
  warn(`its variants ${reason}; they are left out.`);
  return undefined;
}

type Nullish = { readonly [Key in keyof StatedVariant]: StatedVariant[Key] | null };

function entriesOf(map: Readonly<Record<string, number | Omit<Nullish, 'key'> | null>>): readonly Nullish[] {
  return Object.entries(map).map(
    ([key, value]) => ({ key, ...(typeof value === 'number' ? { weight: value } : value) }) as Nullish,
  );
}

function dropNulls({ key, name, description, weight, control }: Nullish): StatedVariant {
  return {
    key: key ?? '',
    name: name ?? undefined,
    description: description ?? undefined,
    weight: weight ?? undefined,
    control: control ?? undefined,
  };
}
