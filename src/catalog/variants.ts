import type { Variant } from './catalog.ts';
import type { RuleCode } from './fault-messages.ts';

/** A variant as it was written, nothing filled in. */
export interface StatedVariant {
  readonly key: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly weight?: number | undefined;
  readonly control?: boolean | undefined;
}

/** What is wrong with the variants of an experiment, as a predicate. */
export interface VariantsFault {
  readonly code: RuleCode;
  readonly rule: string;
  /** The variant that is to blame; null: all of them together. */
  readonly key: string | null;
}

/** How far the sum of the weights may be from 1. */
export const WEIGHT_TOLERANCE = 1e-6;

/** Fills weights and the control in; tells everything that keeps the variants from being an experiment's. */
export function completeVariants(stated: readonly StatedVariant[]): {
  readonly variants: readonly Variant[];
  readonly faults: readonly VariantsFault[];
} {
  const faults: VariantsFault[] = [];
  if (stated.length < 2)
    faults.push({
      code: 'CAT_VARIANTS',
      key: null,
      rule: `must be two or more, but there ${stated.length === 1 ? 'is one' : 'are none'}`,
    });
  const control = controlOf(stated, faults);
  checkWeights(stated, faults);
  const variants = stated.map(({ key, name, description, weight }) => ({
    key,
    name: name ?? key,
    description: description ?? null,
    weight: weight ?? 1 / stated.length,
    isControl: key === control,
  }));
  return { variants, faults };
}

function controlOf(stated: readonly StatedVariant[], faults: VariantsFault[]): string | null {
  const marked = stated.filter(({ control }) => control === true);
  if (marked.length === 1) return marked[0]!.key;
  if (marked.length > 1) {
    const names = marked.map(({ key }) => `\`${key}\``).join(', ');
    faults.push({ code: 'CAT_CONTROL', key: marked[1]!.key, rule: `must have one control, but ${names} are marked` });
    return null;
  }
  const named = stated.find(({ key, control }) => key === 'control' && control !== false);
  if (named === undefined && stated.length > 0) {
    faults.push({ code: 'CAT_CONTROL', key: null, rule: 'have no control; mark one with `control: true`' });
  }
  return named?.key ?? null;
}

function checkWeights(stated: readonly StatedVariant[], faults: VariantsFault[]): void {
  const weights = stated.flatMap(({ weight }) => (weight === undefined ? [] : [weight]));
  if (weights.length === 0) return;
  const without = stated.find(({ weight }) => weight === undefined);
  const bad = stated.find(({ weight }) => weight !== undefined && !(weight > 0 && Number.isFinite(weight)));
  if (bad !== undefined) faults.push({ code: 'CAT_WEIGHTS', key: bad.key, rule: 'must have a finite weight above 0' });
  if (without !== undefined) {
    faults.push({ code: 'CAT_WEIGHTS', key: without.key, rule: 'must state a `weight`, because other variants do' });
  } else if (bad === undefined) {
    const sum = weights.reduce((total, weight) => total + weight, 0);
    if (Math.abs(sum - 1) > WEIGHT_TOLERANCE) {
      faults.push({
        code: 'CAT_WEIGHTS',
        key: null,
        rule: `must have weights that sum to 1, but they sum to ${Number(sum.toPrecision(9))}`,
      });
    }
  }
}
