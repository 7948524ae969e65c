import type { FaultList } from './fault.ts';
import { formatPlace } from './fault-messages.ts';
import type { Located } from './located.ts';

const IDENTIFIER = /^[a-z][a-z0-9_]{0,62}$/;
/** Control and format characters, line separators, unassigned and private code points; joiners of emoji and scripts are fine. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

/** Why a text cannot name a metric, source or dimension, as a predicate; null: it can. */
export function identifierFault(name: string): string | null {
  return IDENTIFIER.test(name)
    ? null
    : 'must start with a lower-case letter a–z and hold only a–z, 0–9 and `_`, at most 63 of them';
}

/** Why a text cannot be the key of an experiment or a variant, as a predicate; null: it can. */
export function keyFault(key: string): string | null {
  if (key.trim() === '') return 'must not be empty';
  if (key !== key.trim()) return 'must not start or end with a space';
  if ([...key].length > 200) return 'must have at most 200 characters';
  return UNPRINTABLE.test(key) ? 'must hold only printable characters' : null;
}

/** Whether a text still holds a template or an environment variable that nothing will fill in. */
export function isTemplate(text: string): boolean {
  return /\{\{|\{%|\$\{/.test(text);
}

/** Turns `revenue_per_user` into `Revenue per user`. */
export function titleOf(name: string): string {
  const words = name.replaceAll('_', ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Members of a map of named things whose names are fit to use, in written order; the others become faults. */
export function namedMembers(
  members: readonly (readonly [string, Located])[],
  {
    kind,
    rule,
    faults,
  }: { readonly kind: string; readonly rule: (name: string) => string | null; readonly faults: FaultList },
): readonly (readonly [string, Located])[] {
  const folded = new Map<string, readonly [string, Located]>();
  return members.filter(([name, located]) => {
    const subject = `The ${kind} name \`${name.length > 60 ? `${name.slice(0, 57)}…` : name}\``;
    if (isTemplate(name)) {
      faults.add('CAT_EXPRESSION', located.keyPlace, {
        subject,
        rule: 'holds a template that was left in; a catalog is not templated',
      });
      return false;
    }
    const broken = rule(name);
    if (broken !== null) {
      faults.add('CAT_NAME', located.keyPlace, { subject, rule: broken });
      return false;
    }
    const plain = name.normalize('NFKC').toLowerCase();
    const twin = folded.get(plain);
    if (twin !== undefined && twin[0] !== name) {
      const rule = `differs from \`${twin[0]}\` (${formatPlace(twin[1].keyPlace)}) only by case or Unicode form; rename one`;
      faults.add('CAT_NAME', located.keyPlace, { subject, rule });
      return false;
    }
    folded.set(plain, [name, located]);
    return true;
  });
}
