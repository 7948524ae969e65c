import { z } from 'zod';
import { coded } from './coded.ts';
import { OF_NUMBERS } from './measure-schema.ts';
import type { ShapeContext, YamlPath } from './metric-kind.ts';
import type { Cap, Measure, Threshold, UnitVariable } from './metric-type.ts';

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
  per: z
    .enum(['unit', 'event'])
    .meta({ description: "What is limited: a unit's total, or the value of each row before it is aggregated." })
    .optional(),
};

interface CapYaml {
  readonly upper?: Threshold | undefined;
  readonly lower?: Threshold | undefined;
  readonly zeros?: Cap['zeros'] | undefined;
  readonly per?: 'unit' | 'event' | undefined;
  readonly sides?: Cap['sides'] | undefined;
}

function check({ lower, upper, zeros, per }: CapYaml, context: z.core.$RefinementCtx): void {
  const issue = (path: string[], predicate: string) =>
    context.addIssue({ code: 'custom', path, message: coded('CAT_CAP', predicate) });
  if (per === 'event') {
    for (const [side, threshold] of Object.entries({ lower, upper })) {
      if (threshold?.kind === 'percentile') {
        issue(
          [side],
          "is a percentile, which `per: event` cannot have: state a `value`, or leave `per` out to limit the units' totals",
        );
      }
    }
    if (zeros !== undefined) issue(['zeros'], 'has no meaning with `per: event`, which has no percentiles');
  }
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
    ...(yaml.per === 'event' ? { per: 'event' as const } : {}),
  };
}

/** YAML of a cap on the one variable of a metric. */
export const capSchema = z.strictObject(fields).superRefine(check).transform(toCap);

/** YAML of a cap on a ratio, which says which of its sides it limits. */
export const ratioCapSchema = z
  .strictObject({ ...fields, sides: z.enum(['both', 'numerator']).optional() })
  .superRefine(check)
  .transform(toCap);

/** The variables as a cap leaves them: one `per: event` cuts the rows of their measures. */
export function cutRows(
  variables: readonly UnitVariable[],
  cap: Cap | null,
  context: ShapeContext,
  path: YamlPath = ['cap', 'per'],
): readonly UnitVariable[] {
  if (cap?.per !== 'event') return variables;
  const fixedAt = (threshold: Threshold | null) => (threshold?.kind === 'value' ? threshold.value : null);
  const rowCap = { lower: fixedAt(cap.lower), upper: fixedAt(cap.upper) };
  const cut = (measure: Measure, name: string): Measure => {
    if (OF_NUMBERS.includes(measure.aggregate)) return { ...measure, rowCap };
    const instead = name === 'denominator' ? '; say `sides: numerator`' : '';
    const rule = `is \`event\`, but the ${name} is \`aggregate: ${measure.aggregate}\`, of which no row has a value that could be limited${instead}`;
    context.fault('CAT_CAP', rule, path);
    return measure;
  };
  if (variables.some(({ combine }) => combine !== undefined)) {
    const rule =
      'is `event`, but the metric combines several numbers, whose rows differ; leave it out to limit the total';
    context.fault('CAT_CAP', rule, path);
    return variables;
  }
  return variables.map((variable, i) =>
    i > 0 && cap.sides === 'numerator'
      ? variable
      : { ...variable, measures: variable.measures.map((measure) => cut(measure, variable.name)) },
  );
}
