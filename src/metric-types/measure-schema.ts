import { z } from 'zod';
import { coded } from './coded.ts';
import { existsSchema, toExistence } from './exists-schema.ts';
import type { ShapeContext, YamlPath } from './metric-kind.ts';
import { AGGREGATES, type Aggregate, type Measure } from './metric-type.ts';

/** A name of a source; whether it exists is checked when all of the catalog has been read. */
export const sourceName = z.string().meta({ description: 'Name of a source of kind facts.' });

/** SQL over the columns of a source. */
export const sqlText = z.string().meta({ description: 'One SQL expression over the columns of the source.' });

/** Aggregates of which a unit without rows has none, so that the catalog must say what it counts as. */
const SUMMARIES: readonly Aggregate[] = ['min', 'max', 'avg', 'first', 'last'];

/** Aggregates that look at rows, not at a value of theirs. */
const OF_ROWS: readonly Aggregate[] = ['count', 'distinct_days', 'time_to_first'];

/** Aggregates of a number that each row has. */
export const OF_NUMBERS: readonly Measure['aggregate'][] = ['sum', 'min', 'max', 'avg', 'first', 'last', 'values'];

const TIME_UNITS = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 } as const;

/** The condition on a row that another source has one with it. */
export const existsField = existsSchema.optional();

/** YAML of one per-unit aggregate. */
export const measureFields = {
  column: sqlText.optional(),
  aggregate: z.enum(AGGREGATES).optional(),
  where: sqlText.optional(),
  whenMissing: z.enum(['zero', 'exclude']).optional(),
  exists: existsField,
  in: z
    // The keys of the object, of which there is one at least.
    .enum(Object.keys(TIME_UNITS) as [keyof typeof TIME_UNITS])
    .meta({ description: 'The unit of a `time_to_first`.' })
    .optional(),
  missing: z
    .enum(['window_end', 'exclude'])
    .meta({ description: 'What a unit without rows counts as in a `time_to_first`.' })
    .optional(),
};

export type MeasureYaml = Partial<z.output<z.ZodObject<typeof measureFields>>> & {
  readonly min?: number | undefined;
};

/** The aggregate that a measure means: sum of a column when there is one, else the count of rows. */
export function aggregateOf(yaml: MeasureYaml): Aggregate {
  return yaml.aggregate ?? (yaml.column === undefined ? 'count' : 'sum');
}

/** Rules between the fields of a measure. */
export function checkMeasure(yaml: MeasureYaml, context: z.core.$RefinementCtx): void {
  const aggregate = aggregateOf(yaml);
  const issue = (path: string, predicate: string) =>
    context.addIssue({ code: 'custom', path: [path], message: coded('CAT_VALUE', predicate) });
  if (OF_ROWS.includes(aggregate) && yaml.column !== undefined) {
    issue(
      'column',
      aggregate === 'count'
        ? 'has no meaning for `aggregate: count`, which counts rows; narrow them with `where`'
        : `has no meaning for \`aggregate: ${aggregate}\`, which looks at the times of rows; narrow them with \`where\``,
    );
  }
  if (!OF_ROWS.includes(aggregate) && yaml.column === undefined) {
    issue('aggregate', `is \`${aggregate}\`, which needs a \`column\``);
  }
  if (aggregate === 'time_to_first') {
    if (yaml.whenMissing !== undefined) {
      issue('whenMissing', 'has no meaning for `aggregate: time_to_first`; say `missing: window_end` or `exclude`');
    }
    if (yaml.missing === undefined) {
      issue(
        'missing',
        'must be stated for `aggregate: time_to_first`: `window_end`, or `exclude` to leave units without rows out',
      );
    }
    if (yaml.min !== undefined) issue('min', 'has no meaning for `aggregate: time_to_first`, which looks at no value');
    return;
  }
  for (const key of ['in', 'missing'] as const) {
    if (yaml[key] === undefined) continue;
    const instead = key === 'missing' ? '; say `whenMissing`' : '';
    issue(key, `belongs to \`aggregate: time_to_first\`, not to \`${aggregate}\`${instead}`);
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
  const aggregate = aggregateOf(yaml);
  return {
    source,
    aggregate,
    column: yaml.column === undefined ? null : context.expression(yaml.column, [...path, 'column']),
    where: yaml.where === undefined ? null : context.expression(yaml.where, [...path, 'where']),
    whenMissing: yaml.missing ?? yaml.whenMissing ?? 'zero',
    minimum: yaml.min ?? null,
    ...(aggregate === 'time_to_first' ? { timeUnit: TIME_UNITS[yaml.in ?? 'hours'] } : {}),
    ...(yaml.exists === undefined ? {} : { exists: toExistence(yaml.exists, context, [...path, 'exists']) }),
  };
}
