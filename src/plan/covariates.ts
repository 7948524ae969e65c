import { isBinary, type MetricShape, type UnitVariable } from '../metric-types/metric-type.ts';
import type { MomentNeed } from './question.ts';
import type { Scope } from './scope.ts';

/**
 * The column of `exposures` at which covariates end: the assignment. An activation comes after it, and what lies between the two
 * may be the treatment's doing.
 */
export function covariateAnchor({ activation }: Scope): 'exposed_at' | 'enrolled_at' {
  return activation === null ? 'exposed_at' : 'enrolled_at';
}

/** A metric's variables once more, over `[assignment − lookback, assignment)`; none for a metric without a covariate. */
export function covariateVariables({ variables, covariate }: MetricShape): readonly UnitVariable[] {
  if (covariate == null) return [];
  const { lookback, missing } = covariate;
  return variables.map((variable) => ({
    ...variable,
    name: `${variable.name}.before`,
    ...(missing === 'zero' ? zeroWhenMissing(variable) : {}),
    window: { delay: -lookback, length: lookback },
  }));
}

function zeroWhenMissing({ measures, whenUndefined }: UnitVariable): Pick<UnitVariable, 'measures' | 'whenUndefined'> {
  return {
    measures: measures.map((measure) => ({ ...measure, whenMissing: 'zero' as const })),
    ...(whenUndefined === undefined ? {} : { whenUndefined: 'zero' as const }),
  };
}

/** A number that every unit has and that sums are taken of. */
export interface SummedVariable {
  readonly name: string;
  /** 0 or 1. */
  readonly isBinary: boolean;
  /** Index of the metric's variable whose cap it is cut by; null: none. */
  readonly cappedAs: number | null;
  /** The sums are of 1 less the unit's column: units keep whether there were rows before, sums tell where there were none. */
  readonly isComplement: boolean;
  /**
   * Index of the complement that tells who has no value of this one. It is then the pivot: what stands for "none" changes no
   * adjustment by both, and far from the values it would take their digits.
   */
  readonly knownBy: number | null;
}

/** The variables of the metric, none of a quantile; and where they are asked for those before exposure, and what tells the units that have none. */
export function summedVariables(metric: MetricShape, needs: ReadonlySet<MomentNeed>): readonly SummedVariable[] {
  const { variables, covariate, cap } = metric;
  const summed = (of: readonly UnitVariable[], knownBy: number | null = null): readonly SummedVariable[] =>
    of.map((variable, i) => ({
      name: variable.name,
      isBinary: isBinary(variable),
      cappedAs: cap !== null && (i === 0 || cap.sides === 'both') ? i : null,
      isComplement: false,
      knownBy,
    }));
  if (metric.quantile != null) return [];
  const own = summed(variables);
  if (covariate == null || !needs.has('covariates')) return own;
  const before = covariateVariables(metric);
  if (covariate.missing === 'zero') return [...own, ...summed(before)];
  const missing = { name: 'missing', isBinary: true, cappedAs: null, isComplement: true, knownBy: null };
  return [...own, ...summed(before, own.length + before.length), missing];
}
