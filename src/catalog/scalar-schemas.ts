import { z } from 'zod';
import { coded } from '../metric-types/coded.ts';
import { isTemplate } from './names.ts';

const LEVEL = 'must be strictly between 0 and 1, such as `0.05`';
const SHARE = 'must be a positive share such as `2%` or `0.02`';

/** A level of a test, strictly between 0 and 1. */
export const levelSchema = z
  .number()
  .gt(0, { error: coded('CAT_VALUE', LEVEL) })
  .lt(1, { error: coded('CAT_VALUE', LEVEL) });

/** A relative change: `2%` or `0.02`, positive. */
export const shareSchema = z
  .union([z.number(), z.string()], { error: coded('CAT_VALUE', SHARE) })
  .transform((yaml, context): number => {
    const percent = typeof yaml === 'string' ? /^(\d+(?:\.\d+)?)\s*%$/.exec(yaml.trim()) : null;
    // Through the decimal text, so that 2.1% is the double nearest to 0.021.
    const share = typeof yaml === 'number' ? yaml : percent === null ? Number.NaN : Number(`${percent[1]}e-2`);
    if (share > 0 && Number.isFinite(share)) return share;
    context.issues.push({ code: 'custom', input: yaml, message: coded('CAT_VALUE', SHARE) });
    return z.NEVER;
  })
  .meta({ description: 'A relative change, positive: 2% or 0.02.' });

/** A column of a relation, as the engine names it. */
export const columnSchema = z
  .string()
  .min(1, { error: coded('CAT_NAME', 'must not be empty') })
  .refine((text) => !isTemplate(text), {
    error: coded(
      'CAT_EXPRESSION',
      'holds a template or environment variable, which only `file` and the engine may use',
    ),
  })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
  .refine((text) => !/[\u0000-\u001f]/.test(text), { error: coded('CAT_NAME', 'must hold no control characters') })
  .meta({ description: 'A column of the source, without quotes.' });

/** A table: `schema.table`, split at dots, or a list of parts where a part holds a dot. */
export const tableSchema = z
  .union([columnSchema, z.array(columnSchema).min(1, { error: coded('CAT_NAME', 'must name a table') })], {
    error: coded('CAT_TYPE', 'must be a table such as `raw.events`, or a list of the parts of its name'),
  })
  .transform((yaml, context): readonly string[] => {
    const parts = typeof yaml === 'string' ? yaml.split('.').map((part) => part.trim()) : yaml;
    if (parts.length <= 3 && parts.every((part) => part !== '')) return parts;
    context.issues.push({
      code: 'custom',
      input: yaml,
      message: coded('CAT_NAME', 'must be one to three names with dots between them'),
    });
    return z.NEVER;
  })
  .meta({ description: 'A table, such as raw.events; a list of parts where a part holds a dot.' });

/** A count of one or more. */
export const countSchema = z.int().min(1, { error: coded('CAT_VALUE', 'must be 1 or more') });

/** Free text for people. */
export const textSchema = z.string();
