import type { Moments } from '../../src/core/moments.ts';
import { constantMarginNonInferiority } from '../../src/models/statistics/constant-margin.ts';
import type { ArmColumns } from '../../src/models/statistics/contrast.ts';
import { deltaLift } from '../../src/models/statistics/delta.ts';
import { fiellerLift } from '../../src/models/statistics/fieller.ts';
import type { Definition, Formula } from '../../src/models/statistics/formula.ts';
import { logLift } from '../../src/models/statistics/log-lift.ts';
import type { MomentColumns } from '../../src/models/statistics/moments.ts';
import { nonInferiorityTest } from '../../src/models/statistics/non-inferiority.ts';
import type { SampleColumns } from '../../src/models/statistics/samples.ts';
import { asymptoticSequence } from '../../src/models/statistics/sequence.ts';
import { harmPValue, welchTest } from '../../src/models/statistics/welch.ts';
import { zTest } from '../../src/models/statistics/z-test.ts';
import type { Dialect } from '../../src/sql/dialect.ts';
import { ident, type Sql, sql } from '../../src/sql/sql.ts';
import type { Cell, Row } from './support.ts';

const indices = (count: number) => Array.from({ length: count }, (_, i) => i);

/** The columns of one arm's moments, by the names that `momentCells` gives them. */
export function momentColumns(arm: string, variables: number): MomentColumns {
  return {
    units: ident(`${arm}_units`),
    pivots: indices(variables).map((i) => ident(`${arm}_pivot${i}`)),
    sums: indices(variables).map((i) => ident(`${arm}_sum${i}`)),
    products: indices(variables).map((i) => indices(i + 1).map((j) => ident(`${arm}_product${i}${j}`))),
  };
}

export function momentCells(arm: string, { units, pivots, sums, products }: Moments): Row {
  const cells: Record<string, Cell> = { [`${arm}_units`]: units };
  pivots.forEach((pivot, i) => {
    cells[`${arm}_pivot${i}`] = pivot;
    cells[`${arm}_sum${i}`] = sums[i]!;
    for (const j of indices(i + 1)) cells[`${arm}_product${i}${j}`] = products?.[i]?.[j] ?? null;
  });
  return cells;
}

/** Several formulas of a statement as one, their columns behind their names: `welch.pValue`. */
export function united(formulas: Readonly<Record<string, Formula<string>>>): Formula<string> {
  const definitions: Definition[] = [];
  const columns: Record<string, Sql> = {};
  for (const [name, formula] of Object.entries(formulas)) {
    definitions.push(...formula.definitions);
    for (const [column, value] of Object.entries(formula.columns)) columns[`${name}.${column}`] = value;
  }
  return { definitions, columns };
}

/** The settings of a row of cases. */
export interface Settings {
  readonly level: number;
  readonly tuning: number;
  readonly margin: number | null;
  readonly good: 'UP' | 'DOWN';
}

export const settingCells = ({ level, tuning, margin, good }: Settings): Row => ({ level, tuning, margin, good });

/** The bound has its own statement, as it alone takes as many steps as all the rest. */
function withoutBound({ definitions, columns }: Formula<'pValue' | 'bound' | 'holds' | 'unknown'>): Formula<string> {
  const { bound: _, ...rest } = columns;
  return { definitions, columns: rest };
}

/** Every test of two arms but for the bound of non-inferiority, over columns of settings. */
export function everyTest(arms: ArmColumns, dialect: Dialect): Formula<string> {
  const level = ident('level');
  const alpha = sql`(1e0 - ${level})`;
  const welch = welchTest('welch', arms, { level }, dialect);
  const greater = welchTest('greater', arms, { level, alternative: 'greater' }, dialect);
  const z = zTest('z', arms, { level }, dialect);
  const delta = deltaLift('delta', arms, welch.columns, {}, dialect);
  const margin = { margin: ident('margin'), goodWhen: ident('good') };
  const tuned = { alpha, tuningUnits: ident('tuning') };
  const units = sql`(${arms.control.n} + ${arms.treatment.n})`;
  const { difference: estimate, standardError, unknown } = welch.columns;
  const relative = { estimate: delta.columns.value, standardError: delta.columns.standardError, units };
  return united({
    welch,
    greater,
    z,
    delta,
    harm: { definitions: [], columns: { pValue: harmPValue(ident('good'), welch.columns) } },
    log: logLift('log', arms, welch.columns, { level }, dialect),
    fieller: fiellerLift('fieller', arms, welch.columns, {}, dialect),
    fiellerGreater: fiellerLift('fieller_greater', arms, greater.columns, { alternative: 'greater' }, dialect),
    fiellerZ: fiellerLift('fieller_z', arms, z.columns, {}, dialect),
    sequence: asymptoticSequence('sequence', { estimate, standardError, units, unknown }, tuned, dialect),
    relative: asymptoticSequence('relative', { ...relative, unknown: delta.columns.unknown }, tuned, dialect),
    nonInferiority: withoutBound(nonInferiorityTest('ni', arms, margin, { alpha }, dialect)),
    constantMargin: constantMarginNonInferiority('constant', arms, margin, { alpha }, dialect),
  });
}

/** Two samples' formulas, their tests and the samples' own columns. */
export function withTests(
  control: Formula<keyof SampleColumns>,
  treatment: Formula<keyof SampleColumns>,
  dialect: Dialect,
): Formula<string> {
  const tests = everyTest({ control: control.columns, treatment: treatment.columns }, dialect);
  return {
    definitions: [...control.definitions, ...treatment.definitions, ...tests.definitions],
    columns: { ...united({ control, treatment }).columns, ...tests.columns },
  };
}
