import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql } from '../../sql/sql.ts';
import type { Alternative } from '../../statistics/alternative.ts';
import type { ArmColumns } from './contrast.ts';
import { type Draft, draft, type Formula } from './formula.ts';
import { unknownOf, unless } from './unknown.ts';

/** What every set of lifts of the same arms is made from: the squared errors over the squared control mean, and the lift. */
export interface RelativeErrors {
  readonly a: Sql;
  readonly b: Sql;
  readonly lift: Sql;
}

export function relativeErrors(define: Draft['define'], { control, treatment }: ArmColumns): RelativeErrors {
  const root = (name: string, { variance, n }: ArmColumns['control']) =>
    define(name, sql`sqrt(case when ${variance} >= 0e0 then ${variance} / ${n} end) / nullif(${control.mean}, 0e0)`);
  const [c, t] = [root('control_error', control), root('treatment_error', treatment)];
  return {
    a: define('a', sql`${c} * ${c}`),
    b: define('b', sql`${t} * ${t}`),
    lift: define('lift', sql`(${treatment.mean} - ${control.mean}) / nullif(${control.mean}, 0e0)`),
  };
}

/** The Fieller set of lifts for the critical value q (`fiellerSet`); the bounds are null where it is not one bounded interval. */
export function fiellerSet(
  define: Draft['define'],
  { a, b, lift }: RelativeErrors,
  q: Sql,
  dialect: Dialect,
  step = '',
): { readonly g: Sql; readonly lower: Sql; readonly upper: Sql } {
  const g = define(`g${step}`, sql`${q} * ${q} * ${a}`);
  const inside = sql`${b} * (1e0 - ${g}) + (1e0 + ${lift}) * (1e0 + ${lift}) * ${a}`;
  const half = define(`set_half${step}`, sql`${q} * sqrt(case when ${g} < 1e0 then ${inside} end)`);
  const [lower, upper] = [
    define(`set_lower${step}`, sql`(${lift} + ${g} - ${half}) / (1e0 - ${g})`),
    define(`set_upper${step}`, sql`(${lift} + ${g} + ${half}) / (1e0 - ${g})`),
  ];
  const bound = (of: Sql) => sql`case when ${dialect.isFinite(lower)} and ${dialect.isFinite(upper)} then ${of} end`;
  return { g, lower: define(`bound_lower${step}`, bound(lower)), upper: define(`bound_upper${step}`, bound(upper)) };
}

/** The columns of a test of the arms' difference that a lift is made from. */
export interface DifferenceTest {
  readonly criticalValue: Sql;
  readonly unknown: Sql;
}

/**
 * Lift with Fieller's interval (`fiellerLift`), from the critical value of the test of the difference (`welchTest`, or `zTest`
 * for the normal distribution), so that 0 is outside exactly when that test rejects. `intervalUnknown` is UNBOUNDED where the
 * set is not one bounded interval.
 */
export function fiellerLift(
  prefix: string,
  arms: ArmColumns,
  test: DifferenceTest,
  { alternative = 'two-sided' }: { readonly alternative?: Alternative },
  dialect: Dialect,
): Formula<'value' | 'g' | 'lower' | 'upper' | 'intervalUnknown' | 'unknown'> {
  const { define, formula } = draft(prefix, "Lift with Fieller's interval");
  const { control } = arms;
  const errors = relativeErrors(define, arms);
  const set = fiellerSet(define, errors, test.criticalValue, dialect);
  const unknown = define('unknown', liftUnknown(arms, test.unknown, errors.lift, dialect));
  const known = (name: string, value: Sql) => define(name, unless(unknown, value));
  const open = (side: 'greater' | 'less', bound: Sql) => {
    if (alternative === 'two-sided') return bound;
    // over a negative control mean a greater treatment is a smaller lift: the open bound is the other one
    const sign = sql`${control.mean} ${alternative === side ? sql`>` : sql`<`} 0e0`;
    return sql`case when not (${sign}) then ${bound} end`;
  };
  const { lower, upper } = set;
  return formula({
    value: known('value', errors.lift),
    g: known('known_g', set.g),
    lower: known('lower', open('less', lower)),
    upper: known('upper', open('greater', upper)),
    intervalUnknown: known('interval_unknown', sql`case when ${lower} is null then 'UNBOUNDED' end`),
    unknown,
  });
}

/** Why a lift is not known: for its arms, for a control mean of zero, for its test. */
export function liftUnknown({ control, treatment }: ArmColumns, test: Sql, value: Sql, dialect: Dialect): Sql {
  const zero = sql`${control.mean} = 0e0`;
  const earlier = unknownOf([control.unknown, treatment.unknown], [['ZERO_BASELINE', zero]], [], dialect);
  return unknownOf([sql`coalesce(${earlier}, ${test})`], [], [value], dialect);
}

/** Why a lift is not shown to people although it can be computed (`liftDefined`); null: it means what it says. */
export function liftNotDefined({ control, treatment }: ArmColumns): Sql {
  const apart = sql`sign(${control.mean}) <> sign(${treatment.mean})`;
  return sql`case when ${control.mean} = 0e0 then 'ZERO_BASELINE' when ${apart} then 'NOT_APPLICABLE' end`;
}
