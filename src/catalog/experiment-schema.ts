import { z } from 'zod';
import { EXPERIMENT_STATUSES } from '../core/vocabulary.ts';
import { coded } from '../metric-types/coded.ts';
import { duration } from '../metric-types/duration.ts';
import { keyword } from '../metric-types/keyword.ts';
import { sqlText } from '../metric-types/measure-schema.ts';
import { POLICY_NAMES } from './catalog.ts';
import { instantSchema } from './instant.ts';
import { monitoringSchema } from './monitoring-schema.ts';
import { countSchema, shareSchema, textSchema } from './scalar-schemas.ts';
import { analysisFields } from './settings-schema.ts';

const variant = z.strictObject({
  name: textSchema.optional(),
  description: textSchema.optional(),
  weight: z
    .number({ error: coded('CAT_WEIGHTS', 'must be a finite number above 0') })
    .gt(0, { error: coded('CAT_WEIGHTS', 'must be above 0') })
    .optional(),
  control: z.boolean().optional(),
});

const phase = z.strictObject({
  from: instantSchema,
  weights: z.record(
    z.string(),
    z
      .number({ error: coded('CAT_WEIGHTS', 'must be a finite number, 0 or more') })
      .min(0, { error: coded('CAT_WEIGHTS', 'must be 0 or more') }),
  ),
});

const activation = z.strictObject({
  source: z.string(),
  where: sqlText.optional(),
  within: duration()
    .optional()
    .meta({ description: 'Time after the exposure in which the row must come; left out: any time.' }),
});

const reference = z.strictObject({
  mde: shareSchema.optional(),
  margin: shareSchema.optional(),
  version: countSchema.optional(),
});

/** Metrics in one role: a list of names, or a map from name to what is asked of it. */
const role = z.union([z.array(z.string()), z.record(z.string(), reference.nullable())], {
  error: coded('CAT_TYPE', 'must be a list of metric names, or a map from name to `{ mde, margin, version }`'),
});

/** What a reference to a metric may say. */
export type ReferenceYaml = z.output<typeof reference>;

/** YAML of an experiment. */
export const experimentFields = {
  name: textSchema.optional(),
  hypothesis: textSchema.optional(),
  owner: textSchema.optional(),
  tags: z.array(textSchema).optional(),
  status: keyword(EXPERIMENT_STATUSES).optional(),
  unit: textSchema.min(1, { error: coded('CAT_NAME', 'must not be empty') }).optional(),
  assignments: z.string().optional(),
  timezone: z
    .string()
    .refine(isTimezone, { error: coded('CAT_VALUE', 'must be a time zone such as `Europe/Berlin` or `UTC`') })
    .optional(),
  start: instantSchema.optional(),
  end: instantSchema.optional(),
  treatmentEnd: instantSchema.optional(),
  variants: z
    .record(z.string(), variant.nullable(), {
      error: (issue) =>
        issue.code === 'invalid_type'
          ? coded('CAT_VARIANTS', 'must be a map from variant to `{ weight, control }`')
          : undefined,
    })
    .optional(),
  phases: z.array(phase).optional().meta({
    description: 'How the allocation changed, the first phase from the start. A variant left out has weight 0.',
  }),
  activation: activation
    .optional()
    .meta({ description: 'The first row after the exposure that replaces it; units without one are not analysed.' }),
  goals: role.optional(),
  guardrails: role.optional(),
  diagnostics: role.optional(),
  plan: z
    .strictObject({
      end: instantSchema.optional(),
      unitsPerVariant: countSchema.optional(),
      minRuntime: duration('zero').optional(),
    })
    .optional(),
  monitoring: monitoringSchema.optional(),
  policy: z.enum(POLICY_NAMES).optional(),
  multiExposure: z.enum(['exclude', 'first']).optional(),
  intent: z.enum(['improve', 'do_no_harm']).optional(),
  analysis: z.strictObject(analysisFields).optional(),
};

function isTimezone(name: string): boolean {
  // Some runtimes take offsets for zones; engines do not.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
