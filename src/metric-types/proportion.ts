import { z } from 'zod';
import { sampleOfProportion } from '../statistics/samples.ts';
import { amongOf, amongSchema } from './among-schema.ts';
import { coded } from './coded.ts';
import { covariateOf, covariateSchema } from './covariate-schema.ts';
import { checkMeasure, measureFields, sourceName, toMeasure } from './measure-schema.ts';
import { metricKind, type ShapeContext } from './metric-kind.ts';
import type { UnitVariable, Window } from './metric-type.ts';
import { OPERATORS, thresholdFault, thresholdFields, thresholdsOf } from './threshold.ts';
import { windowSchema } from './window-schema.ts';

const value = z.strictObject({ ...measureFields, ...thresholdFields }).superRefine((yaml, context) => {
  const issue = (path: string[], predicate: string) =>
    context.addIssue({ code: 'custom', path, message: coded('CAT_VALUE', predicate) });
  const thresholds = thresholdsOf(yaml);
  const [, second] = thresholds;
  if (thresholds.length > 0) {
    if (second !== undefined)
      issue(
        [second.operator],
        `stands beside \`${thresholds[0]!.operator}\`; state exactly one of ${among(OPERATORS)}`,
      );
    return checkMeasure(yaml, context);
  }
  for (const key of ['aggregate', 'whenMissing', 'in', 'missing'] as const) {
    if (yaml[key] === undefined) continue;
    issue([key], `needs a number to compare with: one of ${among(OPERATORS)}; without one, a matching row is enough`);
  }
  const conditions = [yaml.where, yaml.column].filter((condition) => condition !== undefined).length;
  if (conditions > 1 || (conditions === 0 && yaml.exists === undefined))
    issue([], 'must state either `where` or a boolean `column` (`where: "true"` counts any row)');
});

function among(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}

type ProportionYaml = { readonly source: string; readonly value: z.output<typeof value> };

/** 1 for a unit with a matching row, or with a number that passes a comparison. */
function variable(yaml: ProportionYaml, window: Window | null, context: ShapeContext): UnitVariable {
  const [transform] = thresholdsOf(yaml.value);
  if (transform !== undefined) {
    const measure = toMeasure(yaml.value, yaml.source, context, ['value']);
    const fault = thresholdFault(transform, measure, window);
    if (fault !== null) context.fault('CAT_VALUE', fault, ['value', transform.operator]);
    return { name: 'value', measures: [measure], transform };
  }
  const { where, column, exists } = yaml.value;
  const measure = toMeasure({ exists }, yaml.source, context, ['value']);
  const condition =
    where !== undefined
      ? context.expression(where, ['value', 'where'])
      : column !== undefined
        ? context.expression(column, ['value', 'column'])
        : null;
  return { name: 'value', measures: [{ ...measure, where: condition }], transform: 'indicator' };
}

/** The share of all exposed units that have at least one row for which a condition holds, or whose number passes a comparison. */
export const proportion = metricKind({
  description: 'Share of all exposed units that have at least one matching row, or whose number passes a comparison.',
  fields: {
    source: sourceName,
    value,
    window: windowSchema.optional(),
    covariate: covariateSchema.optional(),
    among: amongSchema.optional(),
  },
  shape(yaml, context) {
    const window = yaml.window ?? null;
    const variables = [variable(yaml, window, context)];
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
