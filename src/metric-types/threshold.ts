import { z } from 'zod';
import { assertNever } from '../core/errors.ts';
import { coded } from './coded.ts';
import type { Measure, Transform, Window } from './metric-type.ts';

type ThresholdTransform = Extract<Transform, { readonly kind: 'threshold' }>;

export const OPERATORS = ['atLeast', 'above', 'atMost', 'below'] as const;

const bound = z.number({ error: coded('CAT_VALUE', 'must be a finite number') });

/** YAML of a comparison of a unit's number, which makes it 0 or 1. */
export const thresholdFields = {
  atLeast: bound.optional(),
  above: bound.optional(),
  atMost: bound.optional(),
  below: bound.optional(),
};

type ThresholdYaml = Partial<Record<(typeof OPERATORS)[number], number | undefined>>;

/** The comparisons that YAML states. */
export function thresholdsOf(yaml: ThresholdYaml): readonly ThresholdTransform[] {
  return OPERATORS.flatMap((operator) => {
    const value = yaml[operator];
    return value === undefined ? [] : [{ kind: 'threshold' as const, operator, value }];
  });
}

/** Whether a number passes. */
export function passes({ operator, value }: ThresholdTransform, number: number): boolean {
  switch (operator) {
    case 'atLeast':
      return number >= value;
    case 'above':
      return number > value;
    case 'atMost':
      return number <= value;
    case 'below':
      return number < value;
    default:
      return assertNever(operator);
  }
}

/** What a unit's number can be, whatever the data; a side that is not known is infinite. */
function rangeOf({ aggregate, timeUnit = 1 }: Measure, window: Window | null): readonly [number, number] {
  const end = window?.length == null ? Number.POSITIVE_INFINITY : window.delay + window.length;
  switch (aggregate) {
    case 'count':
    case 'count_distinct':
      return [0, Number.POSITIVE_INFINITY];
    case 'distinct_days':
      // A window may begin and end in the midst of a day.
      return [0, window?.length == null ? end : Math.ceil(end / 86_400) - Math.floor(window.delay / 86_400)];
    case 'time_to_first':
      return [(window?.delay ?? 0) / timeUnit, end / timeUnit];
    default:
      return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  }
}

/** Why a comparison says nothing of a measure; null: it may hold or not. */
export function thresholdFault(transform: ThresholdTransform, measure: Measure, window: Window | null): string | null {
  const [low, high] = rangeOf(measure, window);
  // A comparison that says the same of both ends says it of everything between them.
  const ends = [low, high].map((end) => passes(transform, end));
  if (ends[0] !== ends[1]) return null;
  const span = Number.isFinite(high) ? `between ${low} and ${high}` : `${low} or more`;
  const always = ends[0] ? 'holds for every unit' : 'holds for no unit';
  return `${always}: \`${measure.aggregate}\` is ${span} whatever the data; state a number in between`;
}
