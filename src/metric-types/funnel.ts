import { z } from 'zod';
import { sampleOfProportion } from '../statistics/samples.ts';
import { amongOf, amongSchema } from './among-schema.ts';
import { coded } from './coded.ts';
import { covariateOf, covariateSchema } from './covariate-schema.ts';
import { duration } from './duration.ts';
import { sourceName, sqlText, toMeasure } from './measure-schema.ts';
import { metricKind, type ShapeContext } from './metric-kind.ts';
import type { FunnelStep, UnitVariable, Window } from './metric-type.ts';
import { windowSchema } from './window-schema.ts';

const MOST_STEPS = 20;

const step = z.strictObject({ where: sqlText, within: duration().optional() });
const count = coded('CAT_VALUE', `must be a list of 2 to ${MOST_STEPS} steps, such as \`- { where: …, within: 1h }\``);
const steps = z.array(step, { error: count }).min(2, { error: count }).max(MOST_STEPS, { error: count });

/** The steps of a funnel; what no row could take, or every row would, is reported. */
function stepsOf(yaml: z.output<typeof steps>, window: Window | null, context: ShapeContext): readonly FunnelStep[] {
  return yaml.map(({ where, within }, i) => {
    if (within !== undefined && i === 0) {
      const rule = 'has no meaning for the first step, which has none before it; limit it by `window`';
      context.fault('CAT_WINDOW', rule, ['steps', i, 'within']);
    } else if (within !== undefined && window?.length != null && within >= window.length) {
      const rule = 'is not shorter than the `window`, so that it limits nothing; shorten it or leave it out';
      context.fault('CAT_WINDOW', rule, ['steps', i, 'within']);
    }
    if (i > 0 && where.trim() === yaml[i - 1]!.where.trim()) {
      const rule = 'is the condition of the step before it, so that one row takes both; state another';
      context.fault('CAT_VALUE', rule, ['steps', i, 'where']);
    }
    return { where: context.expression(where, ['steps', i, 'where']), within: within ?? null };
  });
}

/** The share of all exposed units that take every step in order. */
export const funnel = metricKind({
  description: 'Share of all exposed units that take every step in order.',
  fields: {
    source: sourceName,
    steps,
    window: windowSchema.optional(),
    covariate: covariateSchema.optional(),
    among: amongSchema.optional(),
  },
  shape(yaml, context) {
    const window = yaml.window ?? null;
    const measure = {
      ...toMeasure({}, yaml.source, context, ['steps']),
      aggregate: 'funnel' as const,
      steps: stepsOf(yaml.steps, window, context),
    };
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
