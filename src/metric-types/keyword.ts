import { z } from 'zod';

/** The YAML spelling of a closed vocabulary's word: `BENJAMINI_HOCHBERG` is written `benjaminiHochberg`. */
export function camelCase(word: string): string {
  return word.toLowerCase().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Schema of a word of a closed vocabulary: camel case in YAML, the vocabulary's own literal after parsing. */
export function keyword<const Words extends readonly string[]>(words: Words) {
  const byName = new Map<string, Words[number]>(words.map((word) => [camelCase(word), word]));
  return z.enum([...byName.keys()]).transform((name): Words[number] => byName.get(name)!);
}
