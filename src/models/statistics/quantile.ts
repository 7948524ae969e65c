import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql, trusted } from '../../sql/sql.ts';
import type { QuantileForm } from '../../statistics/quantile.ts';
import { assertQuantileProbability, QUANTILE_Z } from '../../statistics/quantile-ranks.ts';
import { draft, type Formula } from './formula.ts';
import { double, type MomentColumns } from './moments.ts';
import { ratioSample, type SampleColumn } from './samples.ts';
import { type Refusal, unknownOf, unless } from './unknown.ts';

/** One arm's sample quantile (`OrderStatistics`) as columns. */
export interface QuantileColumns {
  /** Units that have a value. */
  readonly units: Sql;
  /** Values: one a unit, or the events of all units. */
  readonly values: Sql;
  readonly estimate: Sql;
  /** The sample quantiles at the levels of `quantileLevels`. */
  readonly lower: Sql;
  readonly upper: Sql;
  /** Of events: over the units, variable 0 = events at or below the estimate, variable 1 = events. null: one value a unit. */
  readonly clusters: MomentColumns | null;
}

/** GrowthBook's least variance, which it takes from this many values on; below the last number of values ties are refused. */
const GROWTHBOOK = { leastVariance: trusted('1e-5'), from: trusted('100e0'), refusesTiesBelow: trusted('1000e0') };

/** A sample quantile with the variance of Deng, Knoblich & Lu 2018, section 4 (`quantileSample`, `sampleOfQuantile`). */
export function quantileSample(
  prefix: string,
  columns: QuantileColumns,
  { probability, form = 'UNITS' }: { readonly probability: number; readonly form?: QuantileForm },
  dialect: Dialect,
): Formula<SampleColumn> {
  assertQuantileProbability(probability);
  const { define, include, formula } = draft(prefix, 'Quantile of each arm, with the variance of its order statistics');
  const number = (value: number) => trusted(dialect.number(value));
  const values = define('values', sql`coalesce(${double(columns.values)}, 0e0)`);
  const units = define('units', sql`coalesce(${double(columns.units)}, 0e0)`);
  const odds = probability / (1 - probability);
  const fewest = number(QUANTILE_Z * QUANTILE_Z * Math.max(odds, 1 / odds));
  const share = columns.clusters === null ? null : include(ratioSample(`${prefix}_share`, columns.clusters, dialect));
  const independent = number(probability * (1 - probability));
  const effect = define(
    'design_effect',
    share === null ? sql`1e0` : sql`${share.variance} / nullif(${share.n}, 0e0) * (${values} / ${independent})`,
  );
  const width = define('width', sql`(${columns.upper} - ${columns.lower}) / ${number(2 * QUANTILE_Z)}`);
  const spread = define('per_value', sql`(${values} - 1e0) * (${width} * ${width}) * ${effect}`);
  const worth = sql`${values} / (case when ${effect} > 1e0 then ${effect} else 1e0 end)`;
  const untold = sql`${columns.estimate} is null or ${columns.lower} is null or ${columns.upper} is null`;
  const refusals: readonly Refusal[] = [
    ['NO_UNITS', sql`${values} = 0e0`],
    ['TOO_FEW_UNITS', sql`${untold} or ${units} < 2e0 or not (${values} > ${fewest})`],
  ];
  const unusable = unknownOf([], refusals, [], dialect);
  const ofShare = sql`coalesce(${unusable}, ${share?.unknown ?? sql`null`}, case when not ${dialect.isFinite(effect)} then 'OVERFLOW' end)`;
  const refused = define('refused', share === null ? unusable : ofShare);
  const ties: readonly Refusal[] =
    form === 'UNITS'
      ? [
          ['TOO_FEW_UNITS', sql`not (${worth} > ${fewest})`],
          ['ZERO_VARIANCE', sql`${spread} = 0e0`],
        ]
      : [['ZERO_VARIANCE', sql`${spread} = 0e0 and ${values} < ${GROWTHBOOK.refusesTiesBelow}`]];
  const floored = sql`case when ${values} >= ${GROWTHBOOK.from} and ${spread} < ${GROWTHBOOK.leastVariance} then ${GROWTHBOOK.leastVariance} else ${spread} end`;
  const counted = share === null ? values : units;
  const variance = define('raw_variance', form === 'UNITS' ? sql`${spread} / ${values} * ${counted}` : floored);
  const estimate = double(columns.estimate);
  const unknown = define('unknown', unknownOf([refused], ties, [estimate, variance], dialect));
  return formula({
    n: form === 'UNITS' ? counted : values,
    mean: define('mean', unless(unknown, estimate)),
    variance: define('variance', unless(unknown, variance)),
    unknown,
  });
}
