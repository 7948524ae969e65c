import { z } from 'zod';
import { mayDivideByZero, partsOf, readArithmetic } from './arithmetic.ts';
import { coded } from './coded.ts';
import { checkMeasure, measureFields, sourceName, toMeasure } from './measure-schema.ts';
import type { ShapeContext } from './metric-kind.ts';
import type { UnitVariable } from './metric-type.ts';

/** YAML of a number made of several measures. */
export const combineFields = {
  combine: z
    .string()
    .meta({ description: 'Arithmetic over the names of the parts: + - * / and parentheses.' })
    .optional(),
  parts: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z_]\w{0,62}$/, { error: coded('CAT_NAME', 'must be a name of letters, digits and `_`') }),
      z.strictObject({ source: sourceName.optional(), ...measureFields }).superRefine(checkMeasure),
    )
    .optional(),
  whenMissing: z
    .enum(['zero', 'exclude'])
    .meta({ description: 'What a unit counts as for which `combine` divides by zero.' })
    .optional(),
};

type CombineYaml = z.output<z.ZodObject<typeof combineFields>> & { readonly source?: string | undefined };

/** The variable that `combine` and `parts` mean; null: something is wrong with them, and was reported. */
export function combinedVariable(yaml: CombineYaml, context: ShapeContext): UnitVariable | null {
  const { combine, parts = {}, whenMissing, source } = yaml;
  const names = Object.keys(parts);
  if (combine === undefined || names.length === 0) {
    if (combine === undefined)
      context.fault('CAT_VALUE', 'needs `combine`, which says what is made of them', ['parts']);
    else context.fault('CAT_VALUE', 'needs `parts`, whose names it combines', ['combine']);
    return null;
  }
  const measures = Object.entries(parts).map(([name, part]) => {
    const from = part.source ?? source;
    if (from === undefined)
      context.fault('CAT_VALUE', 'must name its `source`, or the metric must name one for all', ['parts', name]);
    return toMeasure(part, from ?? '', context, ['parts', name]);
  });
  const read = readArithmetic(combine, names);
  if (!read.ok) {
    context.fault('CAT_VALUE', `${read.rule} (at character ${read.offset + 1})`, ['combine']);
    return null;
  }
  const { arithmetic } = read;
  const used = partsOf(arithmetic);
  for (const [index, name] of names.entries())
    if (!used.has(index)) context.fault('CAT_VALUE', 'is not used by `combine`; remove it', ['parts', name]);
  const divides = mayDivideByZero(arithmetic);
  if (divides && whenMissing === undefined) {
    const rule =
      'divides by a part, so that `whenMissing` must say what a unit counts as whose divisor is 0: `zero`, or `exclude` to leave it out';
    context.fault('CAT_VALUE', rule, ['combine']);
  } else if (!divides && whenMissing !== undefined) {
    context.fault('CAT_VALUE', 'has no meaning here: `combine` divides by no part, and each part says its own', [
      'whenMissing',
    ]);
  }
  return {
    name: 'value',
    measures,
    combine: arithmetic,
    transform: 'identity',
    ...(divides && whenMissing !== undefined ? { whenUndefined: whenMissing } : {}),
  };
}
