import { z } from 'zod';
import { sampleOfProportion } from '../statistics/samples.ts';
import { coded } from './coded.ts';
import { sourceName, sqlText, toMeasure } from './measure-schema.ts';
import { metricKind } from './metric-kind.ts';
import { windowSchema } from './window-schema.ts';

/** The share of all exposed units that have at least one row for which a condition holds. */
export const proportion = metricKind({
  description: 'Share of all exposed units that have at least one matching row.',
  fields: {
    source: sourceName,
    value: z
      .strictObject({ where: sqlText.optional(), column: sqlText.optional() })
      .refine((value) => (value.where === undefined) !== (value.column === undefined), {
        error: coded('CAT_VALUE', 'must state either `where` or a boolean `column` (`where: "true"` counts any row)'),
      }),
    window: windowSchema.optional(),
  },
  shape(yaml, context) {
    const { where, column } = yaml.value;
    const measure = toMeasure({}, yaml.source, context, ['value']);
    const condition =
      where === undefined
        ? context.expression(column!, ['value', 'column'])
        : context.expression(where, ['value', 'where']);
    return {
      variables: [{ name: 'value', measures: [{ ...measure, where: condition }], transform: 'indicator' }],
      window: yaml.window ?? null,
      cap: null,
    };
  },
  sample: ({ moments }) => sampleOfProportion(moments),
  estimator: 'MEAN',
});
