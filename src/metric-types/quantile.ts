import { z } from 'zod';
import { notComputable } from '../statistics/inference.ts';
import { sampleOfQuantile } from '../statistics/quantile.ts';
import { coded } from './coded.ts';
import { checkMeasure, measureFields, sourceName, toMeasure } from './measure-schema.ts';
import { metricKind } from './metric-kind.ts';
import { windowSchema } from './window-schema.ts';

const probability = z
  .number({ error: coded('CAT_VALUE', 'must be strictly between 0 and 1, such as `0.95`') })
  .gt(0, { error: coded('CAT_VALUE', 'must be strictly between 0 and 1, such as `0.95`') })
  .lt(1, { error: coded('CAT_VALUE', 'must be strictly between 0 and 1, such as `0.95`') });

/** A quantile of the units' values, or of the values of all units' rows. */
export const quantile = metricKind({
  description: "Quantile of the units' values, or of the values of all their rows.",
  fields: {
    source: sourceName,
    quantile: probability,
    over: z.enum(['units', 'events']),
    method: z.enum(['exact', 'approximate']).optional(),
    value: z.strictObject({ ...measureFields, min: z.number().optional() }).superRefine(checkMeasure),
    window: windowSchema.optional(),
  },
  shape(yaml, context) {
    const measure = toMeasure(yaml.value, yaml.source, context, ['value']);
    return {
      variables: [
        {
          name: 'value',
          measures: [yaml.over === 'events' ? { ...measure, aggregate: 'values' } : measure],
          transform: 'identity',
        },
      ],
      window: yaml.window ?? null,
      cap: null,
      quantile: { probability: yaml.quantile, over: yaml.over, method: yaml.method ?? 'exact' },
    };
  },
  sample({ moments, order }, shape) {
    if (order === null || order.values === 0) return notComputable('NO_UNITS');
    const { estimate, lower, upper, values, clusters } = order;
    if (estimate === null || lower === null || upper === null || moments.units < 2)
      return notComputable('TOO_FEW_UNITS');
    return sampleOfQuantile({ probability: shape.quantile!.probability, n: values, estimate, lower, upper, clusters });
  },
  estimator: 'QUANTILE',
});
