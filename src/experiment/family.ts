import { unlessEngineFails } from '../core/errors.ts';
import type { Correction } from '../core/vocabulary.ts';
import type { Trace } from '../evaluate/trace.ts';
import { adjustPValues } from '../statistics/multiple-testing.ts';
import { compare, headlineP } from './comparison.ts';
import { type ResultRow, resultRows } from './result-row.ts';
import type { Session } from './session.ts';

/** The tests that are corrected together. */
export interface Family {
  readonly id: string;
  readonly size: number;
  /** `metric / treatment`, and the slice where there is one, in order. */
  readonly members: readonly string[];
  readonly correction: Correction;
}

export function memberName(row: ResultRow): string {
  const slice =
    row.slice === null
      ? []
      : [row.slice.values === null ? 'rest' : row.slice.values.map((value) => value ?? 'null').join(', ')];
  return [row.metric.metric, row.treatment.key, ...slice].join(' / ');
}

/**
 * The declared goals × treatments, whatever was selected, filtered, sliced or paged. Slices form an exploratory family of
 * their own, by Benjamini–Hochberg. null: the line is no goal's, and no family corrects it.
 */
export async function familyRows(
  session: Session,
  row: ResultRow,
): Promise<{ readonly rows: readonly ResultRow[]; readonly family: Family } | null> {
  if (row.member.role !== 'GOAL') return null;
  const rows = await resultRows(session, row.experiment, row.analysis, {
    roles: ['GOAL'],
    sliceBy: row.sliceBy,
    where: row.where,
  });
  const correction = row.slice === null ? row.analysis.correction : 'BENJAMINI_HOCHBERG';
  return { rows, family: familyOf(row, rows, correction) };
}

export function familyOf(row: ResultRow, rows: readonly ResultRow[], correction: Correction): Family {
  const slices = row.sliceBy.length === 0 ? '' : ` by ${row.sliceBy.join(', ')}`;
  return {
    id: `${row.experiment.key}: goals × treatments${slices}`,
    size: rows.length,
    members: rows.map(memberName),
    correction,
  };
}

/** The line's p-value, corrected within its family; null where it has none. */
export async function adjustedPOf(session: Session, row: ResultRow, trace?: Trace): Promise<number | null> {
  const found = await familyRows(session, row);
  if (found === null) return null;
  const comparisons = await Promise.all(found.rows.map((one) => unlessEngineFails(compare(session, one, trace))));
  const adjusted = adjustPValues(
    comparisons.map((comparison) => (comparison === null ? null : headlineP(comparison))),
    found.family.correction === 'DUNNETT' ? 'BONFERRONI' : found.family.correction,
  );
  const own = found.rows.map(memberName).indexOf(memberName(row));
  // A line whose own data failed says so itself; another's failure only leaves the family, as a p that is not computable does.
  if (comparisons[own] === null) await compare(session, row, trace);
  return adjusted[own]!;
}
