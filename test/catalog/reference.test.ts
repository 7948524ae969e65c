import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FAULT_MESSAGES } from '../../src/catalog/fault-messages.ts';
import { faultsOf, good, SOURCES } from './catalog-folder.ts';

const reference = readFileSync(new URL('../../docs/catalog.md', import.meta.url), 'utf8');
const examples = [...reference.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1]!);

test('the first example of the reference is a whole catalog', () => {
  expect(good(examples[0]!).experiments.get('checkout_button')?.metrics).toHaveLength(3);
});

test.each(examples.slice(1))('an example of the reference is right %#', (example) => {
  // A file that holds sources of its own goes beside the sources that the others refer to.
  const files = { 'sources.yaml': SOURCES, 'example.yaml': example };
  expect(faultsOf(files, { TRINO_PASSWORD: 'secret' })).toEqual([]);
});

test('the reference explains every fault code, and no other', () => {
  const codes = [...reference.matchAll(/^\| `(CAT_[A-Z_]+)` \|/gm)].map((match) => match[1]);
  expect(codes.sort()).toEqual(Object.keys(FAULT_MESSAGES).sort());
});
