import { z } from 'zod';
import { coded } from './coded.ts';
import { duration } from './duration.ts';
import type { ShapeContext, YamlPath } from './metric-kind.ts';
import type { Existence } from './metric-type.ts';

const sql = (of: string) => z.string().meta({ description: `One SQL expression over the columns of ${of}.` });

const ON = 'must be a column that both sources have, or `{ own: other }` with the name of each';

/** YAML of what makes a row count: one of another source that it belongs to. */
export const existsSchema = z.strictObject({
  source: z.string().meta({ description: 'Name of the other source, of kind facts.' }),
  on: z
    .union([sql('both sources'), z.record(z.string(), sql('the other source'))], { error: coded('CAT_VALUE', ON) })
    .refine((on) => typeof on === 'string' || Object.keys(on).length === 1, { error: coded('CAT_VALUE', ON) })
    .meta({ description: 'The column that both sources have, or `{ own: other }` where it has two names.' }),
  within: duration('positive').optional(),
  where: sql('the other source').optional(),
});

/** The condition that YAML means. */
export function toExistence(yaml: z.output<typeof existsSchema>, context: ShapeContext, path: YamlPath): Existence {
  const [own, other] = typeof yaml.on === 'string' ? [yaml.on, yaml.on] : Object.entries(yaml.on)[0]!;
  const at = typeof yaml.on === 'string' ? [...path, 'on'] : [...path, 'on', own];
  return {
    source: yaml.source,
    on: { own: context.expression(own, at), other: context.expression(other, at) },
    where: yaml.where === undefined ? null : context.expression(yaml.where, [...path, 'where']),
    within: yaml.within ?? null,
  };
}
