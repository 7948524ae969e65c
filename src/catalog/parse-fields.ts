import { z } from 'zod';
import type { FaultList } from './fault.ts';
import { IssueReport } from './issue-report.ts';
import { isMap, type Located } from './located.ts';
import { show } from './show.ts';

/** The fields of a map that could be read. Those in `failed` have a fault and are absent. */
export interface ParsedFields<Shape extends z.ZodRawShape> {
  readonly values: Partial<z.output<z.ZodObject<Shape>>>;
  readonly failed: ReadonlySet<string>;
  /** The same values when no field failed, else null. */
  readonly all: z.output<z.ZodObject<Shape>> | null;
}

/**
 * Reads a map field by field, so that one bad field hides no fault of another.
 * `subject` names the map in messages, such as "Metric `revenue`".
 */
export function parseFields<Shape extends z.ZodRawShape>(
  shape: Shape,
  map: Located,
  { subject, faults }: { readonly subject: string; readonly faults: FaultList },
): ParsedFields<Shape> {
  const failed = new Set<string>();
  const values: Record<string, unknown> = {};
  if (!isMap(map.value)) {
    faults.add('CAT_TYPE', map.place, { subject, rule: 'must be a map of fields', got: show(map.value) });
    return { values: {}, failed: new Set(Object.keys(shape)), all: null };
  }
  const report = new IssueReport(map, subject, faults);
  for (const [key] of map.members) {
    if (!Object.hasOwn(shape, key)) report.unknownField([key], Object.keys(shape));
  }
  for (const [key, field] of Object.entries(shape)) {
    const parsed = z.safeParse(field, map.value[key], { error: knownFields });
    if (parsed.success) {
      if (parsed.data !== undefined) values[key] = parsed.data;
    } else {
      failed.add(key);
      for (const issue of parsed.error.issues) report.issue({ ...issue, path: [key, ...issue.path] });
    }
  }
  // Each value was parsed by the field of the same name.
  const result = values as z.output<z.ZodObject<Shape>>;
  return { values: result, failed, all: failed.size === 0 ? result : null };
}

/** Makes zod tell the fields of the map that has an unknown one. */
const knownFields: z.core.$ZodErrorMap = (issue) =>
  issue.code === 'unrecognized_keys' && issue.inst instanceof z.ZodObject
    ? Object.keys(issue.inst.shape).join(' ')
    : undefined;
