import type { Dialect } from '../../sql/dialect.ts';
import { ident, type Sql, sql, trusted } from '../../sql/sql.ts';
import { type DeltaLiftOptions, deltaLift } from '../statistics/delta.ts';
import { fiellerLift, liftNotDefined } from '../statistics/fieller.ts';
import { type Draft, draft, type Formula } from '../statistics/formula.ts';
import { logLift } from '../statistics/log-lift.ts';
import { double } from '../statistics/moments.ts';
import { asymptoticSequence, type SequenceColumns } from '../statistics/sequence.ts';
import { type NumberOrColumn, type WelchColumn, welchTest } from '../statistics/welch.ts';
import { type ArmPrefix, armColumn } from './columns.ts';
import { growthBookSamples, type LineSamples, lineSamples } from './samples.ts';
import type { LineShape } from './shape.ts';

export type LineColumn =
  /** What the metric is of an arm, as it is shown: never adjusted (`meanOfArm`). */
  | 'controlMean'
  | 'treatmentMean'
  | 'difference'
  | 'standardError'
  | 'degreesOfFreedom'
  | 'differenceLower'
  | 'differenceUpper'
  | 'pValue'
  /** Why the difference is not known (`differenceOf`). */
  | 'unknown'
  | 'lift'
  | 'liftLower'
  | 'liftUpper'
  /** Why the lift, or its interval, is not known (`liftOf`). */
  | 'liftUnknown';

/** What a line's numbers depend on beside its arms: columns of the row unless they are given. */
export interface LineSettings {
  /** `alpha`. */
  readonly alpha?: NumberOrColumn;
  /** N* of the always-valid tests (`tuningUnits`): `tuning_units`. */
  readonly tuningUnits?: NumberOrColumn;
}

type Test = Readonly<Record<WelchColumn, Sql>>;
/** One look at an estimate: the interval's reach, and its p-value. */
type Look = Readonly<Record<'pValue' | 'criticalValue' | 'lower' | 'upper' | 'unknown', Sql>>;

interface Line extends Required<LineSettings> {
  readonly prefix: string;
  readonly shape: LineShape;
  readonly samples: LineSamples;
  readonly test: Test;
  /** null: a fixed test. */
  readonly look: Look | null;
  readonly dialect: Dialect;
  readonly draft: Draft;
}

/**
 * The headline numbers of lines as the server computes them (`differenceOf`, `headlineP`, `liftOf`; src/experiment/comparison.ts),
 * with its nulls and reasons, from the columns `c_*` and `t_*` of a row, `cap_fault` where the metric has a cap, and `alpha` and
 * `tuning_units` unless they are given.
 */
export function lineFormula(
  prefix: string,
  shape: LineShape,
  dialect: Dialect,
  { alpha = ident('alpha'), tuningUnits = ident('tuning_units') }: LineSettings = {},
): Formula<LineColumn> {
  const own = draft(prefix, 'The line, as the server computes it');
  const { define, include, formula } = own;
  const samples = lineSamples(`${prefix}_samples`, shape, dialect);
  include(samples);
  const test = include(welchTest(`${prefix}_welch`, samples.arms, { level: levelOf(alpha) }, dialect));
  const line = { prefix, shape, samples, test, alpha, tuningUnits, dialect, draft: own };
  const look = lookAt({ ...line, look: null }, `${prefix}_look`, {
    estimate: test.difference,
    standardError: test.standardError,
    units: sql`(${unitsOf('c')} + ${unitsOf('t')})`,
    unknown: test.unknown,
  });
  const apart = define('apart', sql`${samples.arms.treatment.mean} - ${samples.arms.control.mean}`);
  // Where there is no test there may still be two means: their difference is known, its uncertainty is not.
  const untested = sql`case when ${samples.arms.control.unknown} is null and ${samples.arms.treatment.unknown} is null and ${dialect.isFinite(apart)} then ${apart} end`;
  return formula({
    controlMean: define('control_mean', shownMean(shape, 'c', dialect)),
    treatmentMean: define('treatment_mean', shownMean(shape, 't', dialect)),
    difference: define('difference', sql`coalesce(${test.difference}, ${untested})`),
    standardError: test.standardError,
    degreesOfFreedom: test.degreesOfFreedom,
    differenceLower: look?.lower ?? test.lower,
    differenceUpper: look?.upper ?? test.upper,
    pValue: look?.pValue ?? test.pValue,
    unknown: look?.unknown ?? test.unknown,
    ...liftOf({ ...line, look }),
  });
}

const levelOf = (alpha: NumberOrColumn): NumberOrColumn =>
  typeof alpha === 'number' ? 1 - alpha : sql`(1e0 - ${alpha})`;

const unitsOf = (arm: ArmPrefix): Sql => sql`coalesce(${armColumn(arm, 'units')}, 0)`;

/** The mean, a ratio's totals divided, or the quantile itself; null: there is nothing to divide by, or it is too large. */
function shownMean({ estimator, quantile }: LineShape, arm: ArmPrefix, dialect: Dialect): Sql {
  const column = (name: string) => double(armColumn(arm, name));
  if (quantile !== null) return column('quantile_estimate');
  const total = (i: number) => sql`(${column('units')} * ${column(`pivot_${i}`)} + ${column(`sum_${i}`)})`;
  const mean = sql`${total(0)} / nullif(${estimator === 'RATIO' ? total(1) : column('units')}, 0e0)`;
  return sql`case when ${dialect.isFinite(mean)} then ${mean} end`;
}

/** The analysis' look at an estimate; null: the analysis looks once. */
function lookAt(
  { shape, alpha, tuningUnits, dialect, draft: own }: Line,
  name: string,
  of: SequenceColumns,
): Look | null {
  if (shape.sequential === 'NONE') return null;
  return own.include(asymptoticSequence(name, of, { alpha, tuningUnits, method: shape.sequential }, dialect));
}

type LiftColumns = Readonly<Record<'lift' | 'liftLower' | 'liftUpper' | 'liftUnknown', Sql>>;

/** A lift, its interval and why there is none, before it is asked whether a lift means anything. */
interface Relative {
  readonly arms: ReturnType<typeof growthBookSamples>['arms'];
  readonly value: Sql;
  /** Why there is nothing but two means. */
  readonly unknown: Sql;
  readonly lower: Sql;
  readonly upper: Sql;
  readonly intervalUnknown: Sql;
}

function liftOf(line: Line): LiftColumns {
  const { define } = line.draft;
  const { arms, value, unknown, lower, upper, intervalUnknown } =
    line.shape.lift === 'DELTA' ? byDelta(line) : line.shape.lift === 'LOG' ? byLog(line) : byFieller(line);
  const { control, treatment } = arms;
  const undefinedLift = define(
    'lift_undefined',
    sql`coalesce(${control.unknown}, ${treatment.unknown}, ${liftNotDefined(arms)})`,
  );
  const means = sql`${treatment.mean} / nullif(${control.mean}, 0e0) - 1e0`;
  const known = (of: Sql) => sql`case when ${undefinedLift} is null and ${unknown} is null then ${of} end`;
  return {
    lift: define('lift', sql`case when ${undefinedLift} is null then coalesce(${value}, ${means}) end`),
    liftLower: define('lift_lower', known(lower)),
    liftUpper: define('lift_upper', known(upper)),
    liftUnknown: define('lift_unknown', sql`coalesce(${undefinedLift}, ${unknown}, ${intervalUnknown})`),
  };
}

function byFieller({ prefix, samples: { arms }, test, look, dialect, draft: own }: Line): Relative {
  // One critical value decides of the difference and the lift: 0 is outside of both or of none.
  const critical =
    look === null
      ? test
      : {
          criticalValue: look.criticalValue,
          unknown: own.define('fieller_refused', sql`coalesce(${test.unknown}, ${look.unknown})`),
        };
  return { arms, ...own.include(fiellerLift(`${prefix}_relative`, arms, critical, {}, dialect)) };
}

function byLog({ prefix, samples: { arms }, test, look, alpha, dialect, draft: own }: Line): Relative {
  const fixed = own.include(logLift(`${prefix}_relative`, arms, test, { level: levelOf(alpha) }, dialect));
  if (look === null) return { arms, ...fixed };
  const half = own.define('log_half', sql`${look.criticalValue} * ${fixed.standardError}`);
  const bound = (name: string, sign: string) =>
    own.define(name, sql`(1e0 + ${fixed.value}) * exp(${trusted(sign)}${half}) - 1e0`);
  const [lower, upper] = [bound('log_lower', '-'), bound('log_upper', '')];
  const finite = (of: Sql) => sql`case when ${dialect.isFinite(upper)} then ${of} end`;
  const intervalUnknown = sql`case when not ${dialect.isFinite(upper)} then 'UNBOUNDED' end`;
  const unknown = own.define('log_refused', sql`coalesce(${fixed.unknown}, ${look.unknown})`);
  return { arms, value: fixed.value, unknown, lower: finite(lower), upper: finite(upper), intervalUnknown };
}

function byDelta(line: Line): Relative {
  const { prefix, shape, samples, alpha, dialect, draft: own } = line;
  const theirs = growthBookSamples(`${prefix}_growthbook`, shape, samples, dialect);
  own.include(theirs);
  const { arms } = theirs;
  const test = theirs.hasOwnTest
    ? own.include(welchTest(`${prefix}_growthbook_welch`, arms, { level: levelOf(alpha) }, dialect))
    : line.test;
  const fixed = own.include(deltaLift(`${prefix}_relative`, arms, test, adjustedDifference(samples), dialect));
  const look = lookAt(line, `${prefix}_relative_look`, {
    estimate: fixed.value,
    standardError: fixed.standardError,
    // GrowthBook takes the events of a quantile for its units.
    units:
      shape.quantile === null
        ? sql`(${unitsOf('c')} + ${unitsOf('t')})`
        : sql`(${arms.control.n} + ${arms.treatment.n})`,
    unknown: fixed.unknown,
  });
  const { lower, upper, unknown } = look ?? fixed;
  return { arms, value: fixed.value, unknown, lower, upper, intervalUnknown: sql`null` };
}

/** Under CUPED the difference is of the adjusted means, over the control mean as it is (`growthBookCupedLift`). */
function adjustedDifference({ arms, plain, notAdjusted }: LineSamples): Pick<DeltaLiftOptions, 'difference'> {
  if (notAdjusted === null) return {};
  const apart = (of: LineSamples['arms']) => sql`${of.treatment.mean} - ${of.control.mean}`;
  return { difference: sql`(case when ${notAdjusted} is null then ${apart(arms)} else ${apart(plain)} end)` };
}
