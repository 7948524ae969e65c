import { describe, expect, test } from 'vitest';
import type { Rule } from '../../src/experiment/rules/rule.ts';
import { unsound } from '../graphql/support.ts';
import { evidence, type Given, TREATMENT } from './evidence.ts';

/** What is given, what the rule says of it, and the codes of its reasons. */
export type RuleCase = readonly [title: string, given: Given, holds: boolean | null, ...codes: string[]];

/** One rule over a table of hand-made evidence; its proof must be sound JSON whatever it says. */
export function describeRule(name: string, rule: Rule, cases: readonly RuleCase[]): void {
  const rows = cases.map(([title, given, holds, ...codes]) => ({ title, given, holds, codes }));
  describe(name, () => {
    test.each(rows)('$title', ({ given, holds, codes }) => {
      const said = rule(evidence(given), TREATMENT);
      expect(said).toMatchObject({ rule: name, holds });
      expect(said.reasons.map(({ code }) => code)).toEqual(codes);
      expect(said.message).not.toBe('');
      expect(unsound(said)).toEqual([]);
      expect(JSON.parse(JSON.stringify(said.inputs))).toEqual(said.inputs);
    });
  });
}
