import { z } from 'zod';
import { CORRECTIONS, LIFT_METHODS, SEQUENTIAL_METHODS } from '../core/vocabulary.ts';
import { coded } from '../metric-types/coded.ts';
import { keyword } from '../metric-types/keyword.ts';
import type { AnalysisSettings } from './catalog.ts';
import { levelSchema, textSchema } from './scalar-schemas.ts';
import { TRINO_FIELDS } from './trino-schema.ts';

const sdSchema = z
  .number({ error: coded('CAT_VALUE', 'must be a finite number above 0') })
  .gt(0, { error: coded('CAT_VALUE', 'must be above 0') });

/** YAML of how results are computed, for the whole catalog or one experiment. */
export const analysisFields = {
  alpha: levelSchema.optional(),
  correction: keyword(CORRECTIONS).optional(),
  lift: keyword(LIFT_METHODS).optional(),
  sequential: keyword(SEQUENTIAL_METHODS).optional(),
  harmAlpha: levelSchema.optional(),
  cuped: z
    .boolean()
    .optional()
    .meta({ description: 'Whether headlines are adjusted by the covariates that metrics declare.' }),
  stratifyBy: z
    .array(z.string())
    .optional()
    .meta({ description: 'Dimensions of the assignments by whose values estimates are post-stratified.' }),
  prior: z
    .strictObject({ scale: keyword(['RELATIVE', 'ABSOLUTE']).optional(), mean: z.number().optional(), sd: sdSchema })
    .optional()
    .meta({ description: 'A normal prior on the effect, for the Bayesian view; left out: flat.' }),
};

/** What holds where neither the catalog nor the experiment says otherwise. */
export const DEFAULT_ANALYSIS: AnalysisSettings = {
  alpha: 0.05,
  correction: 'HOLM',
  lift: 'FIELLER',
  sequential: 'NONE',
  harmAlpha: 0.05,
};

/** Settings with those that are stated put over those that are not. */
export function mergeAnalysis(
  base: AnalysisSettings,
  stated: Partial<z.output<z.ZodObject<typeof analysisFields>>>,
): AnalysisSettings {
  const { prior, ...settings } = stated;
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  const merged = { ...base, ...Object.fromEntries(given) };
  if (prior === undefined) return merged;
  const { scale = 'RELATIVE', mean = 0, sd } = prior;
  return { ...merged, prior: { scale, mean, sd } };
}

const threads = z
  .union([z.int().min(1), z.string()], { error: coded('CAT_VALUE', 'must be a whole number, 1 or more') })
  .meta({ description: 'A whole number, or an environment variable that holds one.' });

/** YAML of the engine, by kind. */
export const ENGINE_FIELDS = {
  duckdb: {
    kind: z.literal('duckdb'),
    path: textSchema
      .optional()
      .meta({ description: 'The database file, relative to the catalog; left out: in memory.' }),
    threads: threads.optional(),
    memoryLimit: textSchema.optional().meta({ description: 'Such as 2GB.' }),
  },
  trino: TRINO_FIELDS,
};
