import { z } from 'zod';
import { sampleOfMean } from '../statistics/samples.ts';
import { amongOf, amongSchema } from './among-schema.ts';
import { capSchema, cutRows } from './cap-schema.ts';
import { combinedVariable, combineFields } from './combine-schema.ts';
import { covariateOf, covariateSchema } from './covariate-schema.ts';
import { checkMeasure, measureFields, sourceName, toMeasure } from './measure-schema.ts';
import { metricKind, type ShapeContext } from './metric-kind.ts';
import type { UnitVariable } from './metric-type.ts';
import { windowSchema } from './window-schema.ts';

const fields = {
  source: sourceName.optional(),
  value: z
    .strictObject({ ...measureFields, min: z.number().optional() })
    .superRefine(checkMeasure)
    .optional(),
  window: windowSchema.optional(),
  cap: capSchema.optional(),
  ...combineFields,
  covariate: covariateSchema.optional(),
  among: amongSchema.optional(),
};

/** One measure of the metric's source, or several combined. */
function variable(yaml: z.output<z.ZodObject<typeof fields>>, context: ShapeContext): UnitVariable {
  if (yaml.combine !== undefined || yaml.parts !== undefined) {
    if (yaml.value !== undefined) context.fault('CAT_VALUE', 'has no meaning beside `combine` and `parts`', ['value']);
    const combined = combinedVariable(yaml, context);
    if (combined !== null) return combined;
  } else {
    if (yaml.source === undefined) context.fault('CAT_VALUE', 'is missing', ['source']);
    if (yaml.whenMissing !== undefined)
      context.fault('CAT_VALUE', 'belongs into `value`; a metric has it beside `combine` only', ['whenMissing']);
  }
  const measure = toMeasure(yaml.value ?? {}, yaml.source ?? '', context, ['value']);
  return { name: 'value', measures: [measure], transform: 'identity' };
}

/** The mean over all exposed units of one number per unit. */
export const mean = metricKind({
  description: 'Mean over all exposed units of one number per unit.',
  fields,
  shape(yaml, context) {
    const window = yaml.window ?? null;
    const cap = yaml.cap ?? null;
    const variables = cutRows([variable(yaml, context)], cap, context);
    return {
      variables,
      window,
      cap,
      ...covariateOf(yaml.covariate, variables, context),
      ...amongOf(yaml.among, { source: yaml.source, window }, context),
    };
  },
  sample: ({ moments }) => sampleOfMean(moments),
  estimator: 'MEAN',
});
