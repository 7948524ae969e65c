import type { z } from 'zod';
import { decode } from '../metric-types/coded.ts';
import type { YamlPath } from '../metric-types/metric-kind.ts';
import type { FaultList } from './fault.ts';
import { FAULT_MESSAGES, type RuleCode } from './fault-messages.ts';
import type { Located } from './located.ts';
import { isNotOffered, notOfferedKey } from './not-offered.ts';
import { show } from './show.ts';

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a finite number',
  int: 'a whole number',
  boolean: '`true` or `false`',
  object: 'a map',
  record: 'a map',
  array: 'a list',
};

/** Turns what the schema says of a map into faults of the catalog, each at the place of the offender. */
export class IssueReport {
  readonly #map: Located;
  readonly #subject: string;
  readonly #faults: FaultList;

  constructor(map: Located, subject: string, faults: FaultList) {
    this.#map = map;
    this.#subject = subject;
    this.#faults = faults;
  }

  /** A key that the map at the path's parent does not have. */
  unknownField(path: YamlPath, known: readonly string[]): void {
    const key = String(path.at(-1));
    const parent = path.slice(0, -1);
    const place = this.#map.nearest(path).keyPlace;
    const subject = parent.length === 0 ? this.#subject : this.#name(parent);
    if (notOfferedKey(key)) {
      this.#faults.add('CAT_NOT_SUPPORTED', place, { subject, what: `\`${key}\`` });
      return;
    }
    this.#faults.add('CAT_UNKNOWN_FIELD', place, { subject, key, suggestion: this.#faults.suggest(key, known), known });
  }

  /** Translates an issue of the schema; its path starts at the map. */
  issue(issue: z.core.$ZodIssue): void {
    // Paths of YAML hold no symbols.
    const path = issue.path as YamlPath;
    const found = this.#map.nearest(path);
    const exists = this.#exists(path);
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) this.unknownField([...path, key], issue.message.split(' '));
    } else if (exists && isNotOffered(path, found.value)) {
      this.#faults.add('CAT_NOT_SUPPORTED', found.place, {
        subject: this.#name(path),
        what: show(found.value) ?? 'it',
      });
    } else if (exists && innerIssues(issue).length > 0) {
      for (const inner of innerIssues(issue)) this.issue({ ...inner, path: [...issue.path, ...inner.path] });
    } else {
      const { code, rule, words } = ruleOf(issue, exists);
      const suggestion = typeof found.value === 'string' ? this.#faults.suggest(found.value, words ?? []) : null;
      this.#faults.add(code, exists ? found.place : found.keyPlace, {
        subject: this.#name(path),
        rule,
        got: exists && rule.startsWith('must') ? show(found.value) : undefined,
        suggestion,
      });
    }
  }

  #exists(path: YamlPath): boolean {
    let here: Located | null = this.#map;
    for (const key of path) here = here?.child(key) ?? null;
    return here !== null;
  }

  #name(path: YamlPath): string {
    const text = path.reduce<string>(
      (sum, key) => (typeof key === 'number' ? `${sum}[${key}]` : sum === '' ? key : `${sum}.${key}`),
      '',
    );
    return text === '' ? this.#subject : `${this.#subject}: \`${text}\``;
  }
}

/** Issues of the one branch of a union that the value can have meant; none when several or none fit. */
function innerIssues(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [];
  const meant = issue.errors.filter(
    (branch) => !branch.every(({ code, path }) => code === 'invalid_type' && path.length === 0),
  );
  if (meant.length === 1) return meant[0]!;
  // A word that is none of a closed vocabulary was not meant where another branch looked inside the value.
  const deeper = meant.filter((branch) => branch.some(({ path }) => path.length > 0));
  return deeper.length === 1 ? deeper[0]! : [];
}

interface IssueRule {
  readonly code: RuleCode;
  readonly rule: string;
  /** The words of a closed vocabulary. */
  readonly words?: readonly string[];
}

function ruleOf(issue: z.core.$ZodIssue, exists: boolean): IssueRule {
  if (!exists && issue.code !== 'custom') return { code: 'CAT_VALUE', rule: 'is missing' };
  const own = decode(issue.message);
  if (own !== null && isRuleCode(own.code)) return { code: own.code, rule: own.predicate };
  if (issue.code === 'invalid_value') {
    const words = issue.values.map(String);
    const among = words.map((word) => `\`${word}\``).join(', ');
    return { code: 'CAT_VALUE', rule: `must be ${words.length === 1 ? '' : 'one of '}${among}`, words };
  }
  if (issue.code === 'invalid_type')
    return { code: 'CAT_TYPE', rule: `must be ${TYPE_NAMES[issue.expected] ?? issue.expected}` };
  return { code: 'CAT_VALUE', rule: `is not valid: ${issue.message}` };
}

function isRuleCode(code: string): code is RuleCode {
  return Object.hasOwn(FAULT_MESSAGES, code);
}
