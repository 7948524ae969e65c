import { z } from 'zod';
import { coded } from './coded.ts';
import type { ShapeContext, YamlPath } from './metric-kind.ts';
import { AGGREGATES, type Aggregate, type Measure } from './metric-type.ts';

/** A name of a source; whether it exists is checked when all of the catalog has been read. */
export const sourceName = z.string().meta({ description: 'Name of a source of kind facts.' });

/** SQL over the columns of a source. */
export const sqlText = z.string().meta({ description: 'One SQL expression over the columns of the source.' });

const SUMMARIES: readonly Aggregate[] = ['min', 'max', 'avg'];

/** YAML of one per-unit aggregate. */
export const measureFields = {
  column: sqlText.optional(),
  aggregate: z.enum(AGGREGATES).optional(),
  where: sqlText.optional(),
  whenMissing: z.enum(['zero', 'exclude']).optional(),
};

type MeasureYaml = z.output<z.ZodObject<typeof measureFields>> & { readonly min?: number | undefined };

/** The aggregate that a measure means: sum of a column when there is one, else the count of rows. */
function aggregateOf(yaml: MeasureYaml): Aggregate {
  return yaml.aggregate ?? (yaml.column === undefined ? 'count' : 'sum');
}

/** Rules between the fields of a measure. */
export function checkMeasure(yaml: MeasureYaml, context: z.core.$RefinementCtx): void {
  const aggregate = aggregateOf(yaml);
  const issue = (path: string, predicate: string) =>
    context.addIssue({ code: 'custom', path: [path], message: coded('CAT_VALUE', predicate) });
  if (aggregate === 'count' && yaml.column !== undefined) {
    issue('column', 'has no meaning for `aggregate: count`, which counts rows; narrow them with `where`');
  }
  if (aggregate !== 'count' && yaml.column === undefined) {
    issue('aggregate', `is \`${aggregate}\`, which needs a \`column\``);
  }
  if (SUMMARIES.includes(aggregate) && yaml.whenMissing === undefined) {
    issue(
      'whenMissing',
      `must be stated for \`aggregate: ${aggregate}\`: \`zero\`, or \`exclude\` to leave units without rows out`,
    );
  }
}

/** The measure that checked YAML means. */
export function toMeasure(yaml: MeasureYaml, source: string, context: ShapeContext, path: YamlPath): Measure {
  return {
    source,
    aggregate: aggregateOf(yaml),
    column: yaml.column === undefined ? null : context.expression(yaml.column, [...path, 'column']),
    where: yaml.where === undefined ? null : context.expression(yaml.where, [...path, 'where']),
    whenMissing: yaml.whenMissing ?? 'zero',
    minimum: yaml.min ?? null,
  };
}
