import { z } from 'zod';
import { sampleOfMean } from '../statistics/samples.ts';
import { sourceName, sqlText, toMeasure } from './measure-schema.ts';
import { metricKind } from './metric-kind.ts';
import { windowSchema } from './window-schema.ts';

/** The mean number of days of 24 hours from exposure on which a unit has a row. */
export const participation = metricKind({
  description: 'Mean number of days since exposure on which a unit has a matching row.',
  fields: {
    source: sourceName,
    value: z.strictObject({ where: sqlText.optional() }).optional(),
    window: windowSchema.optional(),
  },
  shape(yaml, context) {
    const measure = toMeasure({ ...yaml.value, aggregate: 'distinct_days' }, yaml.source, context, ['value']);
    return {
      variables: [{ name: 'value', measures: [measure], transform: 'identity' }],
      window: yaml.window ?? null,
      cap: null,
    };
  },
  sample: ({ moments }) => sampleOfMean(moments),
  estimator: 'MEAN',
});
