import { chi2Sf } from '../distributions.ts';
import { computed, type Inference, notComputable, type Sample } from '../inference.ts';
import { welchTest } from '../welch.ts';

/** Whether the arms were alike before the exposure. */
export interface CovariateBalance {
  /** Treatment minus control. */
  readonly difference: number;
  /** The difference over √((v_C + v_T)/2) (Imbens & Rubin 2015, 14.2): above about 0.1 it matters whatever the p-value. */
  readonly standardizedDifference: number;
  /** Of Welch's t test. Randomisation makes it uniform; a tiny one is a fault of assignment or of the covariate's window. */
  readonly pValue: number;
}

/**
 * Test that a covariate has the same mean in both arms, from its samples (`sampleOfMean(moments, 1)`, or `sampleOfRatio` of the
 * pre-period). Two constant covariates have no test: ZERO_VARIANCE.
 */
export function covariateBalance(control: Sample, treatment: Sample): Inference<CovariateBalance> {
  const test = welchTest(control, treatment, { level: 0.95 });
  if (!test.ok) return test;
  const { difference, pValue } = test;
  const standardizedDifference = difference / Math.sqrt(control.variance / 2 + treatment.variance / 2);
  return computed({ difference, standardizedDifference, pValue }, standardizedDifference);
}

/** Units of one stratum in each arm. */
export interface StratumUnits {
  readonly control: number;
  readonly treatment: number;
}

/**
 * Pearson's chi-square test (1900) that both arms have the same mix of strata, k − 1 degrees of freedom over the k strata that have
 * units. Fewer than two: NOT_APPLICABLE; an arm without units: NO_UNITS. Good where expected counts are about 5 or more.
 */
export function strataBalance(
  strata: readonly StratumUnits[],
): Inference<{ readonly chiSquare: number; readonly degreesOfFreedom: number; readonly pValue: number }> {
  if (strata.some(({ control, treatment }) => !(control >= 0 && treatment >= 0))) {
    throw new RangeError('Units must be 0 or more.');
  }
  const seen = strata.filter(({ control, treatment }) => control + treatment > 0);
  const total = (arm: keyof StratumUnits) => seen.reduce((sum, stratum) => sum + stratum[arm], 0);
  const [controls, treatments] = [total('control'), total('treatment')];
  if (controls === 0 || treatments === 0) return notComputable('NO_UNITS');
  if (seen.length < 2) return notComputable('NOT_APPLICABLE');
  const share = treatments / (controls + treatments);
  const chiSquare = seen.reduce((sum, { control, treatment }) => {
    const units = control + treatment;
    const gap = treatment - share * units;
    return sum + (gap / (share * units)) * (gap / (1 - share));
  }, 0);
  if (!Number.isFinite(chiSquare)) return notComputable('OVERFLOW');
  const degreesOfFreedom = seen.length - 1;
  return { ok: true, chiSquare, degreesOfFreedom, pValue: chi2Sf(chiSquare, degreesOfFreedom) };
}
