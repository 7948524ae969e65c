import type { Place } from '../../metric-types/expression.ts';
import type { DefinitionChange } from './change.ts';
import type { DecisionChange, Moves, ResultChange } from './moves.ts';
import type { StatementDiff } from './statements.ts';

/**
 * How the catalog at the base stands. NEW: there was none. FAULTY: it cannot be loaded, and nothing is compared. UNREADABLE: its
 * definitions are compared, but the warehouse does not have what it names, so that only the head was evaluated.
 */
export type BaseState = 'COMPARED' | 'NEW' | 'FAULTY' | 'UNREADABLE';

/** Why the base cannot be compared or evaluated; place: in its files, null: it is the warehouse's. */
export interface BaseFault {
  readonly code: string;
  readonly message: string;
  readonly place: Place | null;
}

/** What differs between a catalog at a git ref and the one in the work tree. */
export interface CatalogDiff extends Moves {
  readonly base: {
    readonly ref: string;
    /** Full hash. */
    readonly commit: string;
    readonly state: BaseState;
    readonly faults: readonly BaseFault[];
  };
  /** Both catalogs were evaluated as of this instant. */
  readonly asOf: string;
  /** Whether results were evaluated at all. */
  readonly evaluated: boolean;
  readonly definitions: readonly DefinitionChange[];
  readonly statements: readonly StatementDiff[];
  /** Experiments whose numbers or decisions may differ, ascending. */
  readonly affected: readonly string[];
  readonly unaffected: number;
}

/** Verdicts that were one and are another. */
export function flipsOf({ decisions }: Moves): readonly DecisionChange[] {
  return decisions.filter(({ before, after }) => before !== null && after !== null);
}

/** Lines that were there and are other now. */
export function movedResults({ results }: Moves): readonly ResultChange[] {
  return results.filter(({ before, after }) => before !== null && after !== null);
}

/** Changed or removed versions of metrics. */
export function rewritesOf({ definitions }: Pick<CatalogDiff, 'definitions'>): readonly DefinitionChange[] {
  return definitions.filter(({ rewrites }) => rewrites);
}

/** The diff in one line, what matters most first. */
export function summaryLine(diff: CatalogDiff): string {
  if (diff.base.state === 'FAULTY')
    return `The catalog at ${diff.base.ref} has ${counted(diff.base.faults.length, 'fault')}: nothing can be compared`;
  if (diff.base.state === 'NEW') return `There is no catalog at ${diff.base.ref}: this one is new`;
  const rewritten = rewritesOf(diff).filter(({ change }) => change === 'CHANGED').length;
  const removed = rewritesOf(diff).length - rewritten;
  const moved = movedResults(diff).length;
  const parts = [
    said(flipsOf(diff).length, 'decision flips', 'decisions flip'),
    said(moved, 'result moves', 'results move'),
    said(rewritten, 'definition changed without a new version', 'definitions changed without a new version'),
    said(removed, 'version removed', 'versions removed'),
    said(diff.results.filter(({ before }) => before === null).length, 'result is new', 'results are new'),
    said(diff.results.filter(({ after }) => after === null).length, 'result is gone', 'results are gone'),
    said(diff.faults.length, 'evaluation failed', 'evaluations failed'),
  ].flat();
  const { definitions } = diff;
  const words = definitions.every(({ effect }) => effect === 'WORDS');
  if (definitions.length === 0 && parts.length === 0) return 'Nothing changes';
  if (words && parts.length === 0) return `Words only: ${counted(definitions.length, 'definition')}, no number moves`;
  const changed = `${counted(definitions.length, 'definition')} differ${definitions.length === 1 ? 's' : ''}`;
  const still = !diff.evaluated ? ['results were not evaluated'] : parts.length === 0 ? ['no result moves'] : [];
  return [...parts, ...(parts.length === 0 ? [changed] : []), ...still].join(', ');
}

function said(count: number, one: string, many: string): readonly string[] {
  return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
