import { z } from 'zod';
import { sampleOfMean } from '../statistics/samples.ts';
import { amongOf, amongSchema } from './among-schema.ts';
import { covariateOf, covariateSchema } from './covariate-schema.ts';
import { existsField, sourceName, sqlText, toMeasure } from './measure-schema.ts';
import { metricKind } from './metric-kind.ts';
import type { UnitVariable } from './metric-type.ts';
import { windowSchema } from './window-schema.ts';

/** The mean number of days of 24 hours from exposure on which a unit has a row. */
export const participation = metricKind({
  description: 'Mean number of days since exposure on which a unit has a matching row.',
  fields: {
    source: sourceName,
    value: z.strictObject({ where: sqlText.optional(), exists: existsField }).optional(),
    window: windowSchema.optional(),
    covariate: covariateSchema.optional(),
    among: amongSchema.optional(),
  },
  shape(yaml, context) {
    const measure = toMeasure({ ...yaml.value, aggregate: 'distinct_days' }, yaml.source, context, ['value']);
    const window = yaml.window ?? null;
    const variables: readonly UnitVariable[] = [{ name: 'value', measures: [measure], transform: 'identity' }];
    return {
      variables,
      window,
      cap: null,
      ...covariateOf(yaml.covariate, variables, context),
      ...amongOf(yaml.among, { source: yaml.source, window }, context),
    };
  },
  sample: ({ moments }) => sampleOfMean(moments),
  estimator: 'MEAN',
});
