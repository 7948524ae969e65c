import { z } from 'zod';
import { sampleOfProportion } from '../statistics/samples.ts';
import { amongOf, amongSchema } from './among-schema.ts';
import { coded } from './coded.ts';
import { covariateOf, covariateSchema } from './covariate-schema.ts';
import { existsField, sourceName, sqlText, toMeasure } from './measure-schema.ts';
import { metricKind, type ShapeContext } from './metric-kind.ts';
import type { UnitVariable, Window } from './metric-type.ts';
import { windowSchema } from './window-schema.ts';

const DAY = 86_400;
const MOST_DAYS = 3_660;

const NUMBER = coded('CAT_WINDOW', `must be a whole number from 1 to ${MOST_DAYS}`);
const whole = z.int({ error: NUMBER }).min(1, { error: NUMBER }).max(MOST_DAYS, { error: NUMBER });

const fields = {
  source: sourceName,
  value: z.strictObject({ where: sqlText.optional(), exists: existsField }).optional(),
  window: windowSchema
    .refine((window) => window !== null && window.delay > 0, {
      error: coded(
        'CAT_WINDOW',
        'must state a `delay`: when units are expected back, such as `{ delay: 168h, length: 24h }`; without a `length`, at any time from then on',
      ),
    })
    .optional(),
  day: whole.meta({ description: 'Day 7 is `window: { delay: 7d, length: 1d }`.' }).optional(),
  week: whole.meta({ description: 'Week 4 is `window: { delay: 4w, length: 1w }`.' }).optional(),
  covariate: covariateSchema.optional(),
  among: amongSchema.optional(),
};

/** When units are expected back. */
function windowOf({ window, day, week }: z.output<z.ZodObject<typeof fields>>, context: ShapeContext): Window | null {
  const stated = Object.entries({ window, day, week }).filter(([, value]) => value !== undefined);
  if (stated.length === 0)
    context.fault('CAT_WINDOW', 'is missing: when units are expected back; or say `day: 7` or `week: 1`', ['window']);
  else if (stated.length > 1)
    context.fault('CAT_WINDOW', `stands beside \`${stated[0]![0]}\`; state only one of them`, [stated[1]![0]]);
  if (day !== undefined) return { delay: day * DAY, length: DAY };
  if (week !== undefined) return { delay: 7 * week * DAY, length: 7 * DAY };
  return window ?? null;
}

/** The share of all exposed units that come back: that have a row in a window of its own, such as the eighth day. */
export const retention = metricKind({
  description: 'Share of all exposed units that have a matching row in a later window.',
  fields,
  shape(yaml, context) {
    const window = windowOf(yaml, context);
    const measure = toMeasure(yaml.value ?? {}, yaml.source, context, ['value']);
    const variables: readonly UnitVariable[] = [{ name: 'value', measures: [measure], transform: 'indicator' }];
    return {
      variables,
      window,
      cap: null,
      ...covariateOf(yaml.covariate, variables, context),
      ...amongOf(yaml.among, { source: yaml.source, window }, context),
    };
  },
  sample: ({ moments }) => sampleOfProportion(moments),
  estimator: 'MEAN',
});
