import { unlessEngineFails } from '../core/errors.ts';
import { groupBy } from '../core/group-by.ts';
import type { Correction } from '../core/vocabulary.ts';
import type { Trace } from '../evaluate/trace.ts';
import { dunnettPValues, dunnettTestOfPairs } from '../statistics/dunnett.ts';
import type { Interval } from '../statistics/inference.ts';
import { adjustPValues } from '../statistics/multiple-testing.ts';
import { plannedAlpha } from '../statistics/power/error-rates.ts';
import { type Comparison, compare, differenceOf, headlineP } from './comparison.ts';
import { lineKey, scopeKey } from './line-key.ts';
import { oncePerRequest } from './per-request.ts';
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

interface FamilyRows {
  readonly rows: readonly ResultRow[];
  readonly family: Family;
}

const declared = oncePerRequest<FamilyRows>();

/**
 * The declared goals × treatments, whatever was selected, filtered, sliced or paged. Slices form an exploratory family of
 * their own, by Benjamini–Hochberg. null: the line is no goal's, and no family corrects it.
 */
export function familyRows(session: Session, row: ResultRow): Promise<FamilyRows | null> {
  return row.member.role === 'GOAL' ? rowsOf(session, row) : Promise.resolve(null);
}

function rowsOf(session: Session, row: ResultRow): Promise<FamilyRows> {
  return declared(session, scopeKey(row), async () => {
    const { experiment, analysis, sliceBy, where } = row;
    const rows = await resultRows(session, experiment, analysis, { roles: ['GOAL'], sliceBy, where });
    return { rows, family: familyOf(row, rows, correctionOf(row)) };
  });
}

/** Dunnett's joint distribution is that of tests looked at once; looked at repeatedly, his family is Bonferroni's. */
function correctionOf({ slice, analysis: { correction, sequential } }: ResultRow): Correction {
  if (slice !== null) return 'BENJAMINI_HOCHBERG';
  return correction === 'DUNNETT' && sequential !== 'NONE' ? 'BONFERRONI' : correction;
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

/** A family's tests, made once for all its lines. */
interface Corrected {
  readonly family: Family;
  readonly comparisons: readonly (Comparison | null)[];
  readonly adjusted: readonly (number | null)[];
  /** Position of a line, by its key. */
  readonly position: ReadonlyMap<string, number>;
}

const corrections = oncePerRequest<Corrected>();

/** The family of a goal's line. */
function corrected(session: Session, row: ResultRow, trace?: Trace): Promise<Corrected> {
  return corrections(
    session,
    scopeKey(row),
    async (own) => {
      const { rows, family } = await rowsOf(session, row);
      const comparisons = await Promise.all(rows.map((one) => unlessEngineFails(compare(session, one, own))));
      const position = new Map(rows.map((one, i) => [lineKey(one), i]));
      return { family, comparisons, adjusted: adjustedPs(comparisons, family.correction), position };
    },
    trace,
  );
}

function adjustedPs(comparisons: readonly (Comparison | null)[], correction: Correction): readonly (number | null)[] {
  const pValues = comparisons.map((comparison) => (comparison === null ? null : headlineP(comparison)));
  if (correction !== 'DUNNETT') return adjustPValues(pValues, correction);
  const known = comparisons.filter((comparison, i) => pValues[i] !== null && comparison !== null) as Comparison[];
  const metrics = [...groupBy(known, metricOf).values()];
  const adjusted = new Map(
    metrics.flatMap((group) => {
      const within = dunnettPValues(group.map(pairOf));
      return group.map((comparison, i) => [comparison, within[i]!] as const);
    }),
  );
  return comparisons.map((comparison) => {
    const p = comparison === null ? undefined : adjusted.get(comparison);
    return p == null ? null : Math.min(1, metrics.length * p);
  });
}

const metricOf = ({ row }: Comparison) => row.metric.metric;

function pairOf({ samples }: Comparison) {
  if (!samples.ok) throw new Error('A test that was computed has samples.');
  return samples;
}

/** The line's p-value, corrected within its family; null where it has none. DUNNETT: within its metric, Bonferroni over metrics. */
export async function adjustedPOf(session: Session, row: ResultRow, trace?: Trace): Promise<number | null> {
  if (row.member.role !== 'GOAL') return null;
  const found = await corrected(session, row, trace);
  const own = found.position.get(lineKey(row))!;
  // A line whose own data failed says so itself; another's failure only leaves the family, as a p that is not computable does.
  if (found.comparisons[own] === null) await compare(session, row, trace);
  return found.adjusted[own]!;
}

/**
 * Interval of the difference that holds together with those of the whole family: Bonferroni's (which HOLM and HOCHBERG start
 * from), Šidák's, or Dunnett's. null: the line is in no family, or its correction is of the false discovery rate, which has none.
 */
export async function simultaneousIntervalOf(
  session: Session,
  row: ResultRow,
  trace?: Trace,
): Promise<Interval | null> {
  if (row.member.role !== 'GOAL') return null;
  const found = await corrected(session, row, trace);
  const { correction } = found.family;
  if (correction === 'BENJAMINI_HOCHBERG' || correction === 'BENJAMINI_YEKUTIELI') return null;
  const comparison = await compare(session, row, trace);
  const { alpha } = row.analysis;
  const tested = found.comparisons.filter((_, i) => found.adjusted[i] !== null) as Comparison[]; // those have data
  if (found.adjusted[found.position.get(lineKey(row))!] === null) return null;
  if (correction !== 'DUNNETT')
    return differenceOf(comparison, 1 - plannedAlpha(alpha, tested.length, correction)).interval;
  const group = tested.filter((one) => metricOf(one) === row.metric.metric);
  const metrics = new Set(tested.map(metricOf)).size;
  const intervals = dunnettTestOfPairs(group.map(pairOf), { level: 1 - alpha / metrics });
  const own = intervals[group.findIndex((one) => one.row.treatment.key === row.treatment.key)]!;
  return own.ok ? own.interval : null;
}
