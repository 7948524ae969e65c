import { z } from 'zod';
import type { ArmStatistics } from '../core/moments.ts';
import { type Inference, notComputable, type Sample } from '../statistics/inference.ts';
import { type QuantileForm, sampleOfQuantile } from '../statistics/quantile.ts';
import { amongOf, amongSchema } from './among-schema.ts';
import { coded, decode } from './coded.ts';
import { checkMeasure, measureFields, sourceName, toMeasure } from './measure-schema.ts';
import { metricKind, type ShapeContext } from './metric-kind.ts';
import type { Measure, MetricShape } from './metric-type.ts';
import { windowSchema } from './window-schema.ts';

const BETWEEN = coded('CAT_VALUE', 'must be strictly between 0 and 1, such as `0.95`');
const probability = z.number({ error: BETWEEN }).gt(0, { error: BETWEEN }).lt(1, { error: BETWEEN });

const value = z.strictObject({ ...measureFields, min: z.number().optional() });
type ValueYaml = z.output<typeof value>;

/** One number per unit, by the rules of every measure. */
function ofUnits(yaml: ValueYaml, source: string, context: ShapeContext): Measure {
  const checked = z.custom<ValueYaml>().superRefine(checkMeasure).safeParse(yaml);
  // Paths of YAML hold no symbols.
  for (const { message, path } of checked.error?.issues ?? [])
    context.fault('CAT_VALUE', decode(message)?.predicate ?? message, ['value', ...(path as string[])]);
  return toMeasure(yaml, source, context, ['value']);
}

/** Every row with a value counts; a unit without one has nothing that could count. */
function ofEvents(yaml: ValueYaml, source: string, context: ShapeContext): Measure {
  if (yaml.column === undefined)
    context.fault('CAT_VALUE', 'must name a `column`: the quantile is one of its values', ['value']);
  for (const key of ['aggregate', 'whenMissing'] as const) {
    if (yaml[key] !== undefined)
      context.fault('CAT_VALUE', 'has no meaning with `over: events`, where each row counts by itself; remove it', [
        'value',
        key,
      ]);
  }
  return { ...toMeasure(yaml, source, context, ['value']), aggregate: 'values', whenMissing: 'exclude' };
}

/** A quantile of the units' values, or of the values of all units' rows. */
export const quantile = metricKind({
  description: "Quantile of the units' values, or of the values of all their rows.",
  fields: {
    source: sourceName,
    quantile: probability,
    over: z.enum(['units', 'events']),
    method: z.enum(['exact', 'approximate']).optional(),
    value,
    window: windowSchema.optional(),
    among: amongSchema.optional(),
    covariate: z
      .never({ error: coded('CAT_VALUE', 'has no meaning for a quantile: CUPED adjusts means, shares and ratios') })
      .optional(),
    cap: z
      .never({ error: coded('CAT_CAP', 'has no meaning for a quantile, which values beyond it do not move') })
      .optional(),
  },
  shape(yaml, context) {
    const measure = (yaml.over === 'events' ? ofEvents : ofUnits)(yaml.value, yaml.source, context);
    return {
      variables: [{ name: 'value', measures: [measure], transform: 'identity' }],
      window: yaml.window ?? null,
      cap: null,
      ...amongOf(yaml.among, { source: yaml.source, window: yaml.window ?? null }, context),
      quantile: { probability: yaml.quantile, over: yaml.over, method: yaml.method ?? 'exact' },
    };
  },
  sample: (arm, shape) => quantileSample(arm, shape, 'UNITS'),
  estimator: 'QUANTILE',
});

/** An arm's quantile as a sample, by one of the forms of its variance. */
export function quantileSample(
  { moments, order }: ArmStatistics,
  shape: MetricShape,
  form: QuantileForm,
): Inference<Sample> {
  if (order === null || order.values === 0) return notComputable('NO_UNITS');
  const { estimate, lower, upper, values, clusters } = order;
  if (estimate === null || lower === null || upper === null || moments.units < 2) return notComputable('TOO_FEW_UNITS');
  const { probability } = shape.quantile!;
  return sampleOfQuantile({ probability, n: values, estimate, lower, upper, clusters }, form);
}
