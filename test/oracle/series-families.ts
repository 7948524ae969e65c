import type { Moments } from '../../src/core/moments.ts';
import { presentValues } from '../../src/statistics/anomaly/anomaly.ts';
import { ewma } from '../../src/statistics/anomaly/ewma.ts';
import { median, medianAbsoluteDeviation } from '../../src/statistics/anomaly/robust-scale.ts';
import { robustZAnomalies } from '../../src/statistics/anomaly/robust-z.ts';
import { residualsAbout, seasonalCentres } from '../../src/statistics/anomaly/seasonal-median.ts';
import { stl } from '../../src/statistics/anomaly/stl.ts';
import { notComputable } from '../../src/statistics/inference.ts';
import { lift } from '../../src/statistics/lift.ts';
import { sampleOfQuantile } from '../../src/statistics/quantile.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import type { Family, Reply } from './oracle.ts';

interface QuantileArm {
  readonly n: number;
  readonly nStar: number;
  readonly nu: number;
  readonly quantile: number;
  readonly quantileLower: number;
  readonly quantileUpper: number;
  readonly nClusters?: number;
  readonly mainSum?: number;
  readonly mainSumSq?: number;
  readonly denSum?: number;
  readonly denSumSq?: number;
  readonly cross_den?: number;
}

function clustersOf(arm: QuantileArm): Moments | null {
  if (arm.nClusters === undefined) return null;
  return {
    units: arm.nClusters,
    pivots: [0, 0],
    sums: [arm.mainSum!, arm.denSum!],
    products: [[arm.mainSumSq!], [arm.cross_den!, arm.denSumSq!]],
  };
}

function sampleOf(arm: QuantileArm) {
  return sampleOfQuantile(
    {
      probability: arm.nu,
      n: arm.n,
      levelsFor: arm.nStar,
      estimate: arm.quantile,
      lower: arm.quantileLower,
      upper: arm.quantileUpper,
      clusters: clustersOf(arm),
    },
    'GROWTHBOOK',
  );
}

interface QuantileInput {
  readonly control: QuantileArm;
  readonly treatment: QuantileArm;
  readonly alpha: number;
  readonly scale: 'relative' | 'absolute';
}

function quantile({ control, treatment, alpha, scale }: QuantileInput): Reply {
  const [c, t] = [sampleOf(control), sampleOf(treatment)];
  if (!c.ok) return c;
  if (!t.ok) return t;
  const level = 1 - alpha;
  if (scale === 'relative') {
    const test = lift(c, t, { method: 'DELTA', level });
    if (!test.ok) return test;
    const { value, standardError, degreesOfFreedom, pValue, interval } = test;
    return {
      estimate: value,
      se: standardError!,
      df: degreesOfFreedom!,
      pValue,
      ciLow: interval!.lower!,
      ciHigh: interval!.upper!,
      varianceControl: c.variance,
    };
  }
  if (c.variance === 0 || t.variance === 0) return notComputable('ZERO_VARIANCE');
  const test = welchTest(c, t, { level });
  if (!test.ok) return test;
  return {
    estimate: test.difference,
    se: test.standardError,
    df: test.degreesOfFreedom,
    pValue: test.pValue,
    ciLow: test.interval.lower!,
    ciHigh: test.interval.upper!,
    varianceControl: c.variance,
  };
}

interface SeriesInput {
  readonly values: readonly number[];
  readonly period: number;
  readonly stlRobust: boolean;
}

function anomaly({ values, period, stlRobust }: SeriesInput): Reply {
  const parts = stl(values, { period, robust: stlRobust });
  return {
    median: median(values),
    mad: medianAbsoluteDeviation(values),
    robustZ: robustZAnomalies(values).map(({ score }) => score),
    weekdayResidual: presentValues(residualsAbout(values, seasonalCentres(values, period))),
    ewma03: ewma(values, 0.3),
    stlResid: parts.ok ? parts.residual : parts,
  };
}

/** How the families of quantiles and of daily series go through the project's functions. */
export const SERIES_FAMILIES: Readonly<Record<string, Family>> = {
  quantile: { answer: quantile },
  anomaly: { answer: anomaly },
};
