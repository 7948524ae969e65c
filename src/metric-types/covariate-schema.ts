import { z } from 'zod';
import { duration } from './duration.ts';
import type { ShapeContext } from './metric-kind.ts';
import { type Covariate, leavesUnitsOut, type UnitVariable } from './metric-type.ts';

/** YAML of the time before assignment whose values CUPED adjusts by. */
export const covariateSchema = z.strictObject({
  lookback: duration(),
  missing: z.enum(['zero', 'indicator']).optional(),
});

type CovariateYaml = z.output<typeof covariateSchema>;

/** The covariate that YAML means, for variables whose values before assignment it is; nothing where none is declared. */
export function covariateOf(
  yaml: CovariateYaml | undefined,
  variables: readonly UnitVariable[],
  context: ShapeContext,
): { readonly covariate?: Covariate } {
  if (yaml === undefined) return {};
  const measures = variables.flatMap((variable) => variable.measures);
  if (measures.some(({ aggregate }) => aggregate === 'time_to_first')) {
    context.fault('CAT_VALUE', 'has no meaning for `aggregate: time_to_first`, which counts from the exposure on', [
      'covariate',
    ]);
  }
  if (yaml.missing === 'indicator') {
    if (variables.length > 1) {
      context.fault('CAT_VALUE', 'must be `zero` for a ratio, whose covariate is the ratio of all rows before', [
        'covariate',
        'missing',
      ]);
    } else if (variables[0]!.transform === 'indicator') {
      context.fault('CAT_VALUE', 'must be `zero` for a share of units: that a unit had no rows before is what 0 says', [
        'covariate',
        'missing',
      ]);
    }
  }
  const missing = yaml.missing ?? (variables.some(leavesUnitsOut) ? 'indicator' : 'zero');
  return { covariate: { lookback: yaml.lookback, missing } };
}
