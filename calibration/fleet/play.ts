import { resolveAnalysis } from '../../src/experiment/analysis.ts';
import type { Verdict } from '../../src/experiment/rules/rule.ts';
import { type Summary, summaryOf } from '../../src/experiment/summary.ts';
import type { Declared } from './catalog.ts';
import { type Design, dayAt } from './design.ts';
import type { History } from './history.ts';
import { evaluatorOf } from './warehouse.ts';

/** What one experiment came to. */
export interface Outcome {
  /** Everything that was said at any look. */
  readonly said: ReadonlySet<string>;
  /** The experiment's verdict at the last look; null: no policy was asked. */
  readonly final: Verdict | null;
}

/** Looks again and again at one experiment, by the real summary. */
export async function play(
  { catalog, experiment }: Declared,
  design: Design,
  history: History,
  also: (summary: Summary, day: number) => readonly string[] = () => [],
): Promise<Outcome> {
  const said = new Set<string>();
  let final: Verdict = 'BLOCKED';
  for (const day of design.looks) {
    const now = dayAt(day);
    const session = { catalog, evaluator: evaluatorOf(history, day, design), now };
    const summary = await summaryOf(session, experiment, resolveAnalysis(session, experiment, { asOf: now }));
    for (const { verdict } of summary.treatments) said.add(verdict);
    for (const word of also(summary, day)) said.add(word);
    final = summary.verdict;
  }
  return { said, final };
}
