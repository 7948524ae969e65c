import { z } from 'zod';
import { sampleOfProportion } from '../statistics/samples.ts';
import { duration } from './duration.ts';
import { sourceName, sqlText, toMeasure } from './measure-schema.ts';
import { metricKind } from './metric-kind.ts';
import { windowSchema } from './window-schema.ts';

const step = z.strictObject({ where: sqlText, within: duration().optional() });

/** The share of all exposed units that take every step in order. */
export const funnel = metricKind({
  description: 'Share of all exposed units that take every step in order.',
  fields: {
    source: sourceName,
    steps: z.array(step).min(2),
    window: windowSchema.optional(),
  },
  shape(yaml, context) {
    const measure = toMeasure({}, yaml.source, context, ['steps']);
    const steps = yaml.steps.map(({ where, within }, i) => ({
      where: context.expression(where, ['steps', i, 'where']),
      within: within ?? null,
    }));
    return {
      variables: [{ name: 'value', measures: [{ ...measure, aggregate: 'funnel', steps }], transform: 'indicator' }],
      window: yaml.window ?? null,
      cap: null,
    };
  },
  sample: ({ moments }) => sampleOfProportion(moments),
  estimator: 'MEAN',
});
