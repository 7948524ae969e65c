import { z } from 'zod';
import { sampleOfMean } from '../statistics/samples.ts';
import { capSchema } from './cap-schema.ts';
import { checkMeasure, measureFields, sourceName, toMeasure } from './measure-schema.ts';
import { metricKind } from './metric-kind.ts';
import { windowSchema } from './window-schema.ts';

/** The mean over all exposed units of one number per unit. */
export const mean = metricKind({
  description: 'Mean over all exposed units of one number per unit.',
  fields: {
    source: sourceName,
    value: z
      .strictObject({ ...measureFields, min: z.number().optional() })
      .superRefine(checkMeasure)
      .optional(),
    window: windowSchema.optional(),
    cap: capSchema.optional(),
  },
  shape(yaml, context) {
    const measure = toMeasure(yaml.value ?? {}, yaml.source, context, ['value']);
    return {
      variables: [{ name: 'value', measures: [measure], transform: 'identity' }],
      window: yaml.window ?? null,
      cap: yaml.cap ?? null,
    };
  },
  sample: ({ moments }) => sampleOfMean(moments),
  estimator: 'MEAN',
});
