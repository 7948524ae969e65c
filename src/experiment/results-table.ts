import { unlessEngineFails } from '../core/errors.ts';
import { shortInstant } from '../core/instant.ts';
import type { Trace } from '../evaluate/trace.ts';
import type { Analysis } from './analysis.ts';
import { meanOfArm } from './arms.ts';
import { type Comparison, compare, differenceOf, headlineP, liftOf } from './comparison.ts';
import { adjustedPOf } from './family.ts';
import { flagsOf } from './flags.ts';
import { outcomeFrom } from './outcome.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';
import { column, type TableCell, type TableColumn } from './table.ts';

/** The columns of `experiment_results`, with one for each dimension that slices it. */
export function resultColumns(sliceBy: readonly string[]): readonly TableColumn[] {
  const statistic = (name: string) => column(name, 'FLOAT', 'STATISTIC');
  return [
    column('experiment', 'STRING', 'DIMENSION'),
    column('metric', 'STRING', 'DIMENSION'),
    column('metric_version', 'INTEGER', 'DIMENSION'),
    column('role', 'STRING', 'DIMENSION'),
    column('control', 'STRING', 'DIMENSION'),
    column('treatment', 'STRING', 'DIMENSION'),
    ...sliceBy.map((dimension) => column(`slice_${dimension}`, 'STRING', 'DIMENSION')),
    column('control_units', 'INTEGER', 'METRIC'),
    column('treatment_units', 'INTEGER', 'METRIC'),
    column('control_mean', 'FLOAT', 'METRIC'),
    column('treatment_mean', 'FLOAT', 'METRIC'),
    ...['difference', 'difference_lower', 'difference_upper'].map(statistic),
    ...['lift', 'lift_lower', 'lift_upper'].map((name) => column(name, 'FLOAT', 'STATISTIC', 'PERCENT')),
    ...['p_value', 'adjusted_p_value'].map(statistic),
    column('outcome', 'STRING', 'STATISTIC'),
    column('unknown', 'STRING', 'STATISTIC'),
    column('flags', 'STRING', 'STATISTIC'),
    column('as_of', 'DATETIME', 'TIME'),
  ];
}

/** How the rest beyond the largest slices is named in a cell. */
export const REST = '(other)';

/** One row of `experiment_results`. A line whose source failed has its names, no numbers, and SOURCE_FAILED. */
export async function resultCells(session: Session, row: ResultRow, trace?: Trace): Promise<readonly TableCell[]> {
  const { analysis } = row;
  const known = await unlessEngineFails(
    Promise.all([compare(session, row, trace), adjustedPOf(session, row, trace), flagsOf(session, row, trace)]),
  );
  return [
    ...names(row, analysis),
    ...(known === null
      ? [...Array.from({ length: 12 }, () => null), 'UNKNOWN', 'SOURCE_FAILED', []]
      : numbers(row, ...known)),
    shortInstant(analysis.asOf),
  ];
}

function names(row: ResultRow, analysis: Analysis): readonly TableCell[] {
  const slice = row.sliceBy.map((_, i) => (row.slice?.values === null ? REST : (row.slice?.values[i] ?? null)));
  return [
    row.experiment.key,
    row.metric.metric,
    row.metric.number,
    row.member.role,
    analysis.control.key,
    row.treatment.key,
    ...slice,
  ];
}

function numbers(
  row: ResultRow,
  comparison: Comparison,
  adjusted: number | null,
  flags: readonly string[],
): readonly TableCell[] {
  const { arms } = comparison;
  const difference = differenceOf(comparison);
  const lift = liftOf(comparison);
  return [
    arms.control.moments.units,
    arms.treatment.moments.units,
    meanOfArm(arms.control),
    meanOfArm(arms.treatment),
    difference.value,
    difference.interval?.lower ?? null,
    difference.interval?.upper ?? null,
    lift.value,
    lift.interval?.lower ?? null,
    lift.interval?.upper ?? null,
    headlineP(comparison),
    adjusted,
    outcomeFrom(row, comparison, adjusted),
    difference.unknown ?? lift.unknown,
    flags,
  ];
}
