import { addSeconds, type CanonicalInstant, canonicalInstant } from '../../src/core/instant.ts';
import type { Monitoring } from '../../src/core/vocabulary.ts';
import { type FleetMetric, GOALS, GUARDRAILS } from './population.ts';

export const START = canonicalInstant('2026-06-01T00:00:00Z');
/** Units enter at the start of each of so many days. */
export const DAYS = 28;
/** Length of every metric's window. */
export const WINDOW_DAYS = 7;
/** One look a day, from the first at which units are mature to the first at which all are. */
export const LOOKS: readonly number[] = Array.from({ length: DAYS }, (_, i) => WINDOW_DAYS + i);

export function dayAt(day: number): CanonicalInstant {
  return addSeconds(START, day * 86_400);
}

/** From this day on units fall to the variants by these weights, control first. */
export interface Phase {
  readonly day: number;
  readonly weights: readonly number[];
}

/** One experiment as it is declared, and what is true in it. */
export interface Design {
  readonly treatments: number;
  readonly goals: number;
  readonly guardrails: number;
  /** GROUP_SEQUENTIAL: four looks, O'Brien and Fleming's spending. */
  readonly monitoring: Monitoring;
  /** Units that enter on an ordinary day, in all variants together. */
  readonly dailyUnits: number;
  /** Day on which the plan ends; null: it is a plan by units alone. */
  readonly planDay: number | null;
  /** Planned mature units of a variant. */
  readonly unitsPerVariant: number;
  /** Relative changes in the treatments: of `bought`, `amount` and guardrails by name. */
  readonly effects: Readonly<Record<string, number>>;
  /** When purchases happen in the window, in control and in treatments. */
  readonly timing: { readonly control: readonly number[]; readonly treatment: readonly number[] };
  /** Height of all metrics on a day. */
  readonly level: (day: number) => number;
  readonly phases: readonly Phase[];
  /** Whether the catalog says so; otherwise it states the weights of the last phase. */
  readonly declaresPhases: boolean;
  readonly looks: readonly number[];
  /** What the metrics' units are like when a look is answered: mature ones as asked, or all in spite of it. */
  readonly matureOnly: boolean;
}

const WHENEVER = [1];
/** Fewer people on weekends, who do somewhat other things. */
const WEEK = [1, 1.02, 1.03, 1, 0.98, 0.94, 0.95];

/** An A/A test with a plan that is met when the last units are mature; what is given differs. */
export function designOf(given: Partial<Design> & Pick<Design, 'treatments' | 'monitoring'>): Design {
  const perVariantDay = 500;
  const dailyUnits = given.dailyUnits ?? perVariantDay * (given.treatments + 1);
  const even = Array.from({ length: given.treatments + 1 }, () => 1 / (given.treatments + 1));
  return {
    goals: GOALS.length,
    guardrails: 0,
    dailyUnits,
    planDay: DAYS + WINDOW_DAYS - 1,
    // a little below what is expected, so that chance does not keep the plan from being met
    unitsPerVariant: Math.floor((dailyUnits / (given.treatments + 1)) * DAYS * 0.93),
    effects: {},
    timing: { control: WHENEVER, treatment: WHENEVER },
    level: (day) => WEEK[day % 7]!,
    phases: [{ day: 0, weights: even }],
    declaresPhases: false,
    looks: LOOKS,
    matureOnly: true,
    ...given,
  };
}

export function variantsOf({ treatments }: Design): readonly string[] {
  return ['control', ...Array.from({ length: treatments }, (_, i) => `treatment_${i + 1}`)];
}

export function metricsOf({ goals, guardrails }: Design): readonly FleetMetric[] {
  return [...GOALS.slice(0, goals), ...GUARDRAILS.slice(0, guardrails)];
}

export function weightsAt({ phases }: Design, day: number): readonly number[] {
  return phases.findLast((phase) => phase.day <= day)!.weights;
}
