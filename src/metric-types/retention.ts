import { z } from 'zod';
import { sampleOfProportion } from '../statistics/samples.ts';
import { coded } from './coded.ts';
import { sourceName, sqlText, toMeasure } from './measure-schema.ts';
import { metricKind } from './metric-kind.ts';
import { windowSchema } from './window-schema.ts';

/** The share of all exposed units that come back: that have a row in a window of its own, such as the eighth day. */
export const retention = metricKind({
  description: 'Share of all exposed units that have a matching row in a later window.',
  fields: {
    source: sourceName,
    value: z.strictObject({ where: sqlText.optional() }).optional(),
    window: windowSchema.refine((window) => window?.length != null && window.delay > 0, {
      error: coded(
        'CAT_WINDOW',
        'must state `delay` and `length`: when units are expected back, such as `{ delay: 168h, length: 24h }`',
      ),
    }),
  },
  shape(yaml, context) {
    const measure = toMeasure(yaml.value ?? {}, yaml.source, context, ['value']);
    return {
      variables: [{ name: 'value', measures: [measure], transform: 'indicator' }],
      window: yaml.window ?? null,
      cap: null,
    };
  },
  sample: ({ moments }) => sampleOfProportion(moments),
  estimator: 'MEAN',
});
