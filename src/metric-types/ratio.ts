import { z } from 'zod';
import { sampleOfRatio } from '../statistics/samples.ts';
import { amongOf, amongSchema } from './among-schema.ts';
import { cutRows, ratioCapSchema } from './cap-schema.ts';
import { coded } from './coded.ts';
import { covariateOf, covariateSchema } from './covariate-schema.ts';
import { measureKey } from './measure-key.ts';
import { checkMeasure, measureFields, sourceName, toMeasure } from './measure-schema.ts';
import { metricKind, type ShapeContext } from './metric-kind.ts';
import type { UnitVariable } from './metric-type.ts';
import { windowSchema } from './window-schema.ts';

const { in: _, missing: __, ...sideFields } = measureFields;

const side = z
  .strictObject({
    source: sourceName.optional(),
    ...sideFields,
    whenMissing: z
      .literal('zero', {
        error: coded('CAT_VALUE', 'must be `zero` in a ratio: a unit without rows adds nothing to this side'),
      })
      .optional(),
  })
  .superRefine((yaml, context) => {
    if (yaml.aggregate !== 'time_to_first') return checkMeasure(yaml, context);
    const rule = 'is `time_to_first`, which no ratio can have: a unit without rows has none; use `type: mean`';
    context.addIssue({ code: 'custom', path: ['aggregate'], message: coded('CAT_VALUE', rule) });
  });

type Side = 'numerator' | 'denominator';

function variable(
  name: Side,
  yaml: z.output<typeof side>,
  source: string | undefined,
  context: ShapeContext,
): UnitVariable {
  const from = yaml.source ?? source;
  if (from === undefined)
    context.fault('CAT_VALUE', `must name its \`source\`, or the metric must name one for both sides`, [name]);
  return { name, measures: [toMeasure(yaml, from ?? '', context, [name])], transform: 'identity' };
}

/** The sum of one number over all exposed units divided by the sum of another. */
export const ratio = metricKind({
  description: 'Sum of one number over all exposed units divided by the sum of another.',
  fields: {
    source: sourceName.optional(),
    numerator: side,
    denominator: side,
    window: windowSchema.optional(),
    cap: ratioCapSchema.optional(),
    covariate: covariateSchema.optional(),
    among: amongSchema.optional(),
  },
  shape(yaml, context) {
    const numerator = variable('numerator', yaml.numerator, yaml.source, context);
    const denominator = variable('denominator', yaml.denominator, yaml.source, context);
    if (measureKey(numerator.measures[0]!) === measureKey(denominator.measures[0]!)) {
      context.fault('CAT_VALUE', 'is the same as the numerator, so that the ratio is always 1', ['denominator']);
    }
    if (Number(denominator.measures[0]!.column?.text || 'none') === 0) {
      context.fault('CAT_VALUE', 'is the constant 0, by which nothing can be divided', ['denominator', 'column']);
    }
    const window = yaml.window ?? null;
    const cap = yaml.cap ?? null;
    const variables = cutRows([numerator, denominator], cap, context);
    return {
      variables,
      window,
      cap,
      ...covariateOf(yaml.covariate, variables, context),
      ...amongOf(yaml.among, { source: yaml.source, window }, context),
    };
  },
  sample: ({ moments }) => sampleOfRatio(moments),
  estimator: 'RATIO',
});
