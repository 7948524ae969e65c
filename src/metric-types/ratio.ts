import { z } from 'zod';
import { sampleOfRatio } from '../statistics/samples.ts';
import { ratioCapSchema } from './cap-schema.ts';
import { coded } from './coded.ts';
import { checkMeasure, measureFields, sourceName, toMeasure } from './measure-schema.ts';
import { metricKind, type ShapeContext } from './metric-kind.ts';
import type { Measure, UnitVariable } from './metric-type.ts';
import { windowSchema } from './window-schema.ts';

const side = z
  .strictObject({
    source: sourceName.optional(),
    ...measureFields,
    whenMissing: z
      .literal('zero', {
        error: coded('CAT_VALUE', 'must be `zero` in a ratio: a unit without rows adds nothing to this side'),
      })
      .optional(),
  })
  .superRefine(checkMeasure);

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

function sameMeasure(a: Measure, b: Measure): boolean {
  const key = (m: Measure) =>
    JSON.stringify([m.source, m.aggregate, m.column?.text.trim(), m.where?.text.trim(), m.whenMissing]);
  return key(a) === key(b);
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
  },
  shape(yaml, context) {
    const numerator = variable('numerator', yaml.numerator, yaml.source, context);
    const denominator = variable('denominator', yaml.denominator, yaml.source, context);
    if (sameMeasure(numerator.measures[0]!, denominator.measures[0]!)) {
      context.fault('CAT_VALUE', 'is the same as the numerator, so that the ratio is always 1', ['denominator']);
    }
    if (Number(denominator.measures[0]!.column?.text || 'none') === 0) {
      context.fault('CAT_VALUE', 'is the constant 0, by which nothing can be divided', ['denominator', 'column']);
    }
    return { variables: [numerator, denominator], window: yaml.window ?? null, cap: yaml.cap ?? null };
  },
  sample: ({ moments }) => sampleOfRatio(moments),
  estimator: 'RATIO',
});
