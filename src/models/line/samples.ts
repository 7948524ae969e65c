import type { Dialect } from '../../sql/dialect.ts';
import { ident, type Sql, sql } from '../../sql/sql.ts';
import type { ArmColumns } from '../statistics/contrast.ts';
import { cupedMean, cupedMeanWithIndicator, cupedRatio } from '../statistics/cuped.ts';
import { draft, type Formula } from '../statistics/formula.ts';
import { quantileSample } from '../statistics/quantile.ts';
import {
  meanSample,
  proportionSample,
  ratioSample,
  type SampleColumn,
  type SampleColumns,
} from '../statistics/samples.ts';
import { type ArmPrefix, armColumn, momentColumns, quantileColumns } from './columns.ts';
import type { LineShape } from './shape.ts';

type Arm = 'control' | 'treatment';
const PREFIX: Readonly<Record<Arm, ArmPrefix>> = { control: 'c', treatment: 't' };

export interface LineSamples extends Formula<`${Arm}${'N' | 'Mean' | 'Variance' | 'Unknown'}`> {
  /** What every headline number is made from: adjusted where the shape says so and it can be done (`Comparison.samples`). */
  readonly arms: ArmColumns;
  /** The arms as they are. */
  readonly plain: ArmColumns;
  /** Why the arms are not adjusted where the shape asks for it; null: it does not. A row is adjusted where the column is null. */
  readonly notAdjusted: Sql | null;
}

/**
 * Both arms of a line as the headline analysis takes them, from the columns `c_*` and `t_*` of its row (`armColumnNames`) and
 * `cap_fault` where the metric has a cap.
 */
export function lineSamples(prefix: string, shape: LineShape, dialect: Dialect): LineSamples {
  const { define, include, formula } = draft(prefix, 'Both arms as samples');
  const one = (arm: Arm): SampleColumns => {
    const own = include(plainSample(`${prefix}_of_${arm}`, shape, PREFIX[arm], dialect));
    return { ...own, unknown: define(`${arm}_refused`, withCapFault(shape, own.unknown)) };
  };
  const plain: ArmColumns = { control: one('control'), treatment: one('treatment') };
  const { notAdjusted, arms } = adjusted(plain);
  return {
    ...formula({
      controlN: arms.control.n,
      controlMean: arms.control.mean,
      controlVariance: arms.control.variance,
      controlUnknown: arms.control.unknown,
      treatmentN: arms.treatment.n,
      treatmentMean: arms.treatment.mean,
      treatmentVariance: arms.treatment.variance,
      treatmentUnknown: arms.treatment.unknown,
    }),
    ...{ arms, plain, notAdjusted },
  };

  function adjusted(as: ArmColumns): { readonly arms: ArmColumns; readonly notAdjusted: Sql | null } {
    if (shape.covariates === 0) return { arms: as, notAdjusted: null };
    const variables = shape.variables + shape.covariates;
    const moments = { control: momentColumns('c', variables), treatment: momentColumns('t', variables) };
    const unitsWithCovariate = sql`(coalesce(${armColumn('c', 'units_with_before')}, 0) + coalesce(${armColumn('t', 'units_with_before')}, 0))`;
    const adjust =
      shape.estimator === 'RATIO' ? cupedRatio : shape.hasMissingIndicator ? cupedMeanWithIndicator : cupedMean;
    const cuped = include(adjust(`${prefix}_cuped`, moments, { unitsWithCovariate }, dialect));
    const refused = sql`coalesce(${as.control.unknown}, ${as.treatment.unknown}, ${cuped.unknown}, ${cuped.notAdjusted})`;
    const reason = define('not_adjusted', refused);
    const choose = (name: string, after: Sql, before: Sql) =>
      define(name, sql`case when ${reason} is null then ${after} else ${before} end`);
    const side = (arm: Arm): SampleColumns => ({
      n: as[arm].n,
      mean: choose(`adjusted_${arm}_mean`, cuped[`${arm}Mean`], as[arm].mean),
      variance: choose(`adjusted_${arm}_variance`, cuped[`${arm}Variance`], as[arm].variance),
      unknown: as[arm].unknown,
    });
    return { arms: { control: side('control'), treatment: side('treatment') }, notAdjusted: reason };
  }
}

/**
 * The arms as GrowthBook's DELTA takes them (`growthBookSamples`): p(1 − p) for a proportion, its own form for a quantile; under
 * CUPED the means as they are, with the variances of the adjusted.
 */
export function growthBookSamples(
  prefix: string,
  shape: LineShape,
  { arms, plain, notAdjusted }: Pick<LineSamples, 'arms' | 'plain' | 'notAdjusted'>,
  dialect: Dialect,
): Formula<'controlVariance' | 'treatmentVariance'> & { readonly arms: ArmColumns; readonly hasOwnTest: boolean } {
  const { define, include, formula } = draft(prefix, "The arms as GrowthBook's lift takes them");
  const hasOwnTest = shape.hasBinomialLift || shape.quantile !== null;
  const own = (arm: Arm): SampleColumns => {
    if (shape.quantile !== null)
      return include(
        quantileSample(
          `${prefix}_of_${arm}`,
          quantileColumns(PREFIX[arm], shape.quantile.over),
          { probability: shape.quantile.probability, form: 'GROWTHBOOK' },
          dialect,
        ),
      );
    if (shape.hasBinomialLift)
      return include(proportionSample(`${prefix}_of_${arm}`, momentColumns(PREFIX[arm], 1), dialect, 'BINOMIAL'));
    return plain[arm];
  };
  const side = (arm: Arm): SampleColumns => {
    const as = own(arm);
    if (notAdjusted === null) return as;
    const variance = sql`case when ${notAdjusted} is null then ${arms[arm].variance} else ${as.variance} end`;
    return { ...as, variance: define(`${arm}_variance`, variance) };
  };
  const both: ArmColumns = { control: side('control'), treatment: side('treatment') };
  return {
    ...formula({ controlVariance: both.control.variance, treatmentVariance: both.treatment.variance }),
    ...{ arms: both, hasOwnTest },
  };
}

/** An arm as it is, by the metric's estimator. */
function plainSample(prefix: string, shape: LineShape, arm: ArmPrefix, dialect: Dialect): Formula<SampleColumn> {
  const { estimator, quantile } = shape;
  if (quantile !== null) {
    const { probability, over } = quantile;
    return quantileSample(prefix, quantileColumns(arm, over), { probability }, dialect);
  }
  if (estimator === 'RATIO') return ratioSample(prefix, momentColumns(arm, 2), dialect);
  if (estimator === 'PROPORTION') return proportionSample(prefix, momentColumns(arm, 1), dialect);
  return meanSample(prefix, momentColumns(arm, 1), dialect);
}

const withCapFault = ({ capped }: LineShape, unknown: Sql): Sql =>
  capped ? sql`coalesce(${ident('cap_fault')}, ${unknown})` : unknown;
