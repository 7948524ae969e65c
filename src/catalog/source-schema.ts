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

/** A column that holds a time; a map leaves room for its grain. */
const timestamp = z
  .union([columnSchema, z.strictObject({ column: columnSchema })], {
    error: coded('CAT_TYPE', 'must be a column, or `{ column: … }`'),
  })
  .transform((yaml) => (typeof yaml === 'string' ? yaml : yaml.column));

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
    variant: columnSchema,
    timestamp: timestamp.optional(),
    dimensions: dimensions.optional(),
    exclude: sqlText.optional(),
  },
  facts: {
    kind: z.literal('facts'),
    ...relation,
    unit: columnSchema,
    timestamp: timestamp.optional(),
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
