import { z } from 'zod';
import { coded } from '../metric-types/coded.ts';
import { duration } from '../metric-types/duration.ts';
import { sqlText } from '../metric-types/measure-schema.ts';
import { columnSchema, tableSchema, textSchema } from './scalar-schemas.ts';

const relation = {
  table: tableSchema.optional(),
  file: textSchema
    .optional()
    .meta({ description: 'A file or glob, relative to the catalog; may use environment variables.' }),
  sql: sqlText.optional().meta({ description: 'One select statement.' }),
};

/** A column that holds a time. */
const timestamp = z
  .union([columnSchema, z.strictObject({ column: columnSchema })], {
    error: coded('CAT_TYPE', 'must be a column, or `{ column: … }`'),
  })
  .transform((yaml) => (typeof yaml === 'string' ? yaml : yaml.column));

/** A column that holds a time, or a day whose row holds the whole of it. */
const timeOrDay = z
  .union([columnSchema, z.strictObject({ column: columnSchema, grain: z.literal('day').optional() })], {
    error: coded('CAT_TYPE', 'must be a column, or `{ column: …, grain: day }`'),
  })
  .transform((yaml) => (typeof yaml === 'string' ? { column: yaml } : yaml));

const loadedAt = columnSchema
  .optional()
  .meta({ description: 'Column of the time at which a row arrived; asOf cuts on it too.' });

const dimensions = z.record(
  z.string(),
  z.strictObject({ column: columnSchema.optional(), title: textSchema.optional() }).nullable(),
);

/** YAML of a source, by kind. */
export const SOURCE_FIELDS = {
  assignments: {
    kind: z.literal('assignments'),
    ...relation,
    unit: columnSchema,
    experiment: columnSchema.optional(),
    cluster: columnSchema
      .optional()
      .meta({ description: 'Column of what was randomised where that is more than the unit, such as its account.' }),
    variant: columnSchema,
    timestamp: timestamp.optional(),
    loadedAt,
    dimensions: dimensions.optional(),
    exclude: sqlText.optional(),
  },
  facts: {
    kind: z.literal('facts'),
    ...relation,
    unit: columnSchema,
    timestamp: timeOrDay.optional(),
    loadedAt,
    id: z.strictObject({ column: columnSchema, within: duration() }).optional(),
  },
  experiments: {
    kind: z.literal('experiments'),
    ...relation,
    columns: z.strictObject({
      key: columnSchema,
      variants: columnSchema,
      name: columnSchema.optional(),
      start: columnSchema.optional(),
      end: columnSchema.optional(),
      status: columnSchema.optional(),
      owner: columnSchema.optional(),
      hypothesis: columnSchema.optional(),
    }),
  },
};
