import { z } from 'zod';
import { coded } from './coded.ts';
import type { Cap, Threshold } from './metric-type.ts';

const percentile = z
  .number({ error: coded('CAT_CAP', 'must be a number strictly between 0 and 1, such as `0.99`') })
  .gt(0, { error: coded('CAT_CAP', 'must be strictly between 0 and 1, such as `0.99`') })
  .lt(1, { error: coded('CAT_CAP', 'must be strictly between 0 and 1, such as `0.99`') });

const fixed = z.number({ error: coded('CAT_CAP', 'must be a finite number') });

const threshold = z
  .union([fixed, z.strictObject({ percentile: percentile.optional(), value: fixed.optional() })], {
    error: coded('CAT_CAP', 'must be a number, `{ value: 5000 }` or `{ percentile: 0.99 }`'),
  })
  .transform((yaml, context): Threshold => {
    if (typeof yaml === 'number') return { kind: 'value', value: yaml };
    if (yaml.percentile !== undefined && yaml.value === undefined)
      return { kind: 'percentile', percentile: yaml.percentile };
    if (yaml.value !== undefined && yaml.percentile === undefined) return { kind: 'value', value: yaml.value };
    context.issues.push({
      code: 'custom',
      input: yaml,
      message: coded('CAT_CAP', 'must state either `value` or `percentile`'),
    });
    return z.NEVER;
  });

const fields = {
  upper: threshold.optional(),
  lower: threshold.optional(),
  zeros: z.enum(['exclude', 'include']).optional(),
};

interface CapYaml {
  readonly upper?: Threshold | undefined;
  readonly lower?: Threshold | undefined;
  readonly zeros?: Cap['zeros'] | undefined;
  readonly sides?: Cap['sides'] | undefined;
}

function check({ lower, upper }: CapYaml, context: z.core.$RefinementCtx): void {
  const issue = (path: string[], predicate: string) =>
    context.addIssue({ code: 'custom', path, message: coded('CAT_CAP', predicate) });
  if (lower === undefined && upper === undefined) issue([], 'must state `upper`, `lower` or both');
  if (lower === undefined || upper === undefined || lower.kind !== upper.kind) return;
  const low = lower.kind === 'value' ? lower.value : lower.percentile;
  const high = upper.kind === 'value' ? upper.value : upper.percentile;
  if (low >= high) issue(['lower'], `must be below \`upper\`, but ${low} is not below ${high}`);
}

function toCap(yaml: CapYaml): Cap {
  return {
    lower: yaml.lower ?? null,
    upper: yaml.upper ?? null,
    zeros: yaml.zeros ?? 'exclude',
    sides: yaml.sides ?? 'both',
  };
}

/** YAML of a cap on the one variable of a metric. */
export const capSchema = z.strictObject(fields).superRefine(check).transform(toCap);

/** YAML of a cap on a ratio, which says which of its sides it limits. */
export const ratioCapSchema = z
  .strictObject({ ...fields, sides: z.enum(['both', 'numerator']).optional() })
  .superRefine(check)
  .transform(toCap);
