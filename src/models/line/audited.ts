import type { SqlDialectName } from '../../core/vocabulary.ts';
import { meanOfArm } from '../../experiment/arms.ts';
import { type Comparison, compare, differenceOf, fixedTest, headlineP, liftOf } from '../../experiment/comparison.ts';
import type { ResultRow } from '../../experiment/result-row.ts';
import type { Session } from '../../experiment/session.ts';
import { auditStatement } from './audit.ts';

/** A cell of an audit's row. */
export type AuditCell = number | string | null;

/** The server's numbers of a line, by the columns of its audit statement. */
export async function servedRow(session: Session, row: ResultRow): Promise<Readonly<Record<string, AuditCell>>> {
  const comparison = await compare(session, row);
  const { control, treatment } = comparison.arms;
  const difference = differenceOf(comparison);
  const lift = liftOf(comparison);
  const test = fixedTest(comparison, row.analysis.level);
  return {
    metric: row.metric.metric,
    treatment: row.treatment.key,
    control_units: control.moments.units,
    treatment_units: treatment.moments.units,
    control_mean: meanOfArm(control),
    treatment_mean: meanOfArm(treatment),
    difference: difference.value,
    standard_error: difference.standardError,
    degrees_of_freedom: test.ok ? test.degreesOfFreedom : null,
    lower: difference.interval?.lower ?? null,
    upper: difference.interval?.upper ?? null,
    lift: lift.value,
    lift_lower: lift.interval?.lower ?? null,
    lift_upper: lift.interval?.upper ?? null,
    p_value: headlineP(comparison),
    unknown: difference.unknown,
    lift_unknown: lift.unknown,
  };
}

/** The statement that gives a line's numbers from raw rows, about the pivots that its sums were taken about; null: not in SQL. */
export async function auditOf(session: Session, row: ResultRow, dialect: SqlDialectName): Promise<string | null> {
  return auditStatement(session, row, { dialect, pivots: pivotsOf(await compare(session, row)) });
}

function pivotsOf({ arms: { control, treatment } }: Comparison): readonly number[] {
  const [c, t] = [control, treatment].map(({ joint, moments }) => joint?.moments.pivots ?? moments.pivots);
  // An arm without units knows of none.
  return control.moments.units > 0 ? c! : t!;
}

/** From here on a p-value is compared by its logarithm: its digits are those of the exponent. */
const SMALL_P = 1e-30;
/** Numbers this much smaller than the arms' means are rounding of them. */
const ROUNDING = 1e-13;

/**
 * How far two rows are apart: the largest relative difference of a number, infinite where only one is null or a text differs. A
 * difference of means that is small beside them is compared on their scale.
 */
export function largestDifference(
  served: Readonly<Record<string, AuditCell>>,
  audited: Readonly<Record<string, AuditCell>>,
): number {
  const scale = Math.max(Math.abs(Number(served.control_mean)), Math.abs(Number(served.treatment_mean)));
  return Math.max(
    ...Object.entries(served).map(([column, expected]) => {
      const floor = ON_THE_SCALE.has(column) ? scale * ROUNDING : column.startsWith('lift') ? ROUNDING : 0;
      return apart(column, expected, audited[column] ?? null, floor);
    }),
  );
}

const ON_THE_SCALE: ReadonlySet<string> = new Set(['difference', 'lower', 'upper', 'standard_error']);

function apart(column: string, expected: AuditCell, got: AuditCell, floor: number): number {
  if (expected === got) return 0;
  if (typeof expected !== 'number' || typeof got !== 'number') return Number.POSITIVE_INFINITY;
  if (column === 'p_value' && expected > 0 && expected < SMALL_P && got > 0)
    return Math.abs(Math.log(got) - Math.log(expected)) / Math.abs(Math.log(expected));
  const gap = Math.max(0, Math.abs(got - expected) - floor) / Math.abs(expected);
  return Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap;
}
