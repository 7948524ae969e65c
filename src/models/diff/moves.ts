import { type EvaluatedExperiment, type EvaluatedResult, RESULT_NUMBERS, type ResultNumber } from './evaluated.ts';

/** A treatment whose verdict is not what it was; null: it was not there, or is no more. */
export interface DecisionChange {
  readonly experiment: string;
  readonly treatment: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Sentences that explain `after`; of what is no more, `before`. */
  readonly reasons: readonly string[];
}

/** A line of a scorecard that is not what it was; null: it was not there, or is no more. */
export interface ResultChange {
  readonly experiment: string;
  readonly metric: string;
  readonly treatment: string;
  readonly before: EvaluatedResult | null;
  readonly after: EvaluatedResult | null;
  /** (new − old) / |old| of the difference; null: one of them is not known, or the old one is 0. */
  readonly relativeMove: number | null;
}

/** An experiment that cannot be told under one of the catalogs. */
export interface EvaluationFault {
  readonly experiment: string;
  readonly side: 'BASE' | 'HEAD';
  readonly message: string;
}

/** What an experiment comes to under both catalogs; null: it is not in that one, or that one was not evaluated. */
export interface EvaluatedPair {
  readonly experiment: string;
  readonly base: EvaluatedExperiment | null;
  readonly head: EvaluatedExperiment | null;
}

export interface Moves {
  readonly decisions: readonly DecisionChange[];
  readonly results: readonly ResultChange[];
  readonly faults: readonly EvaluationFault[];
}

/** Which decisions and results differ. An experiment that cannot be told on one side has a fault and nothing else. */
export function movesOf(pairs: readonly EvaluatedPair[]): Moves {
  const faults = pairs.flatMap(({ experiment, base, head }) =>
    ([base, head] as const).flatMap((one, i): readonly EvaluationFault[] =>
      one === null || one.ok ? [] : [{ experiment, side: i === 0 ? 'BASE' : 'HEAD', message: one.fault }],
    ),
  );
  const told = pairs.flatMap(({ experiment, base, head }) =>
    (base !== null && !base.ok) || (head !== null && !head.ok) ? [] : [{ experiment, base, head }],
  );
  return { decisions: told.flatMap(decisionChanges), results: told.flatMap(resultChanges), faults };
}

interface Told {
  readonly experiment: string;
  readonly base: (EvaluatedExperiment & { readonly ok: true }) | null;
  readonly head: (EvaluatedExperiment & { readonly ok: true }) | null;
}

function decisionChanges({ experiment, base, head }: Told): readonly DecisionChange[] {
  const pairs = joined(base?.verdicts ?? [], head?.verdicts ?? [], ({ treatment }) => treatment);
  return pairs.flatMap(({ before, after }) =>
    before?.verdict === after?.verdict
      ? []
      : [
          {
            experiment,
            treatment: (after ?? before)!.treatment,
            before: before?.verdict ?? null,
            after: after?.verdict ?? null,
            reasons: (after ?? before)!.reasons,
          },
        ],
  );
}

function resultChanges({ experiment, base, head }: Told): readonly ResultChange[] {
  const key = ({ metric, treatment }: EvaluatedResult) => JSON.stringify([metric, treatment]);
  return joined(base?.results ?? [], head?.results ?? [], key).flatMap(({ before, after }) => {
    if (before !== null && after !== null && isSame(before, after)) return [];
    const { metric, treatment } = (after ?? before)!;
    return [{ experiment, metric, treatment, before, after, relativeMove: relativeMove(before, after) }];
  });
}

/** By key, in the order of what is, then what was. */
function joined<Item>(
  before: readonly Item[],
  after: readonly Item[],
  key: (item: Item) => string,
): readonly { readonly before: Item | null; readonly after: Item | null }[] {
  const [was, is] = [before, after].map((items) => new Map(items.map((item) => [key(item), item])));
  return [...new Set([...is!.keys(), ...was!.keys()])].map((one) => ({
    before: was!.get(one) ?? null,
    after: is!.get(one) ?? null,
  }));
}

/** Sums over the same rows in another order differ by less than this of their size. */
const TOLERANCE = 1e-9;

/** Whether two lines are the same but for rounding; another control, role or outcome is another line. */
function isSame(before: EvaluatedResult, after: EvaluatedResult): boolean {
  const words = (['control', 'role', 'outcome', 'unknown'] as const).every((name) => before[name] === after[name]);
  return words && RESULT_NUMBERS.every((name) => isClose(before, after, name));
}

function isClose(before: EvaluatedResult, after: EvaluatedResult, name: ResultNumber): boolean {
  const [was, is] = [before.numbers[name], after.numbers[name]];
  if (was === null || is === null) return was === is;
  return was === is || Math.abs(is - was) <= TOLERANCE * scaleOf(before, after, name);
}

/**
 * What rounding is relative to: p-values and lifts are of size 1; a difference of two means that nearly cancel is rounded as they
 * are; everything else as it is itself.
 */
function scaleOf(before: EvaluatedResult, after: EvaluatedResult, name: ResultNumber): number {
  if (name.startsWith('lift') || name.endsWith('p_value')) return 1;
  const names: readonly ResultNumber[] = name.startsWith('difference')
    ? [name, 'control_mean', 'treatment_mean']
    : [name];
  return Math.max(...names.flatMap((one) => [before, after].map(({ numbers }) => Math.abs(numbers[one] ?? 0))));
}

function relativeMove(before: EvaluatedResult | null, after: EvaluatedResult | null): number | null {
  if (before === null || after === null) return null;
  const [was, is] = [before.numbers.difference, after.numbers.difference];
  if (was === null || is === null) return null;
  if (isClose(before, after, 'difference')) return 0;
  return was === 0 ? null : (is - was) / Math.abs(was);
}
