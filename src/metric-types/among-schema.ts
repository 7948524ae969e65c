import { z } from 'zod';
import { coded } from './coded.ts';
import { duration } from './duration.ts';
import { sourceName, sqlText, toMeasure } from './measure-schema.ts';
import type { ShapeContext } from './metric-kind.ts';
import type { Among, Window } from './metric-type.ts';

/** YAML of the rows that a unit must have to count: before its exposure, or in the metric's window. */
export const amongSchema = z
  .strictObject({
    source: sourceName.optional(),
    where: sqlText.optional(),
    before: z.literal('exposure').optional(),
    lookback: duration().optional(),
    during: z.literal('window').optional(),
  })
  .superRefine((yaml, context) => {
    const issue = (path: string[], predicate: string) =>
      context.addIssue({ code: 'custom', path, message: coded('CAT_VALUE', predicate) });
    if ((yaml.before === undefined) === (yaml.during === undefined))
      issue([], 'must state either `before: exposure` with a `lookback`, or `during: window`');
    else if (yaml.before !== undefined && yaml.lookback === undefined)
      issue(['before'], 'needs a `lookback`: how long before the exposure a row may lie, such as `31d`');
    else if (yaml.during !== undefined && yaml.lookback !== undefined)
      issue(['lookback'], 'has no meaning with `during: window`');
  });

type AmongYaml = z.output<typeof amongSchema>;

/** What narrows a metric's units, as YAML means it; nothing where every unit counts. */
export function amongOf(
  yaml: AmongYaml | undefined,
  { source, window }: { readonly source: string | undefined; readonly window: Window | null },
  context: ShapeContext,
): { readonly among?: Among } {
  if (yaml === undefined) return {};
  const from = yaml.source ?? source;
  if (from === undefined) context.fault('CAT_VALUE', 'must name its `source`', ['among']);
  const measure = {
    ...toMeasure({ where: yaml.where, aggregate: 'count' }, from ?? '', context, ['among']),
    whenMissing: 'zero' as const,
  };
  return {
    among:
      yaml.lookback === undefined
        ? { measure, window: window ?? { delay: 0, length: null }, postTreatment: true }
        : { measure, window: { delay: -yaml.lookback, length: yaml.lookback }, postTreatment: false },
  };
}
