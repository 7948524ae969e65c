import type { MetricVersion } from '../catalog/catalog.ts';
import type { Threshold } from '../metric-types/metric-type.ts';
import type { ArmMoments } from '../plan/answer.ts';
import type { MomentNeed } from '../plan/question.ts';
import type { Inference } from '../statistics/inference.ts';
import { type UniformityTest, uniformityTest } from '../statistics/kolmogorov-smirnov.ts';
import { wilsonInterval } from '../statistics/proportions.ts';
import { bothSamples, momentsOf, samplesOf } from './arms.ts';
import { fixedTest } from './comparison.ts';
import type { ResultRow } from './result-row.ts';
import { populationOf, type Session } from './session.ts';

export interface AaOptions {
  readonly runs: number;
  readonly alpha: number;
  /** Names the random assignments: the same seed, the same runs. */
  readonly seed: string;
  onProgress?(done: number): void;
}

/** What A/A tests over a metric's real units say of the metric. */
export interface AaReport {
  readonly metric: string;
  readonly runs: number;
  /** Units of one run, both halves. */
  readonly units: number;
  /** Of the runs that could be computed, in order. */
  readonly pValues: readonly number[];
  readonly notComputable: number;
  readonly alpha: number;
  readonly falsePositives: number;
  readonly falsePositiveRate: number | null;
  /** Wilson's, at 99.9 %: where the true rate lies. */
  readonly interval: { readonly lower: number; readonly upper: number } | null;
  /** Whether the p-values are uniform. */
  readonly uniformity: Inference<UniformityTest>;
  /** PASSED: alpha lies in the interval and nothing speaks against uniform p-values. */
  readonly status: 'PASSED' | 'FAILED' | 'UNKNOWN';
  readonly message: string;
}

/** Rows that a statement may make of the units. */
const MOST_ROWS = 4_000_000;
const MOST_SEEDS = 200;
const LEVEL = 0.999;

/**
 * Vets a metric as Microsoft's ExP does (Kohavi, Tang & Xu 2020, ch. 19): its real units are split at random into halves again
 * and again, in SQL, and each split goes the whole way of a result: moments, samples, test. Without an effect the p-values must
 * be uniform. Where they are not, the variance is wrong (units that are not independent, a tail too heavy for the number of
 * units), and no result of the metric can be trusted.
 */
export async function aaOf(session: Session, row: ResultRow, options: AaOptions): Promise<AaReport> {
  const metric = await withFixedCaps(session, row);
  const all = await momentsOf(session, { ...row, metric }, needsOf(row));
  const pivots = all.find(({ moments }) => moments.pivots.some((pivot) => pivot !== 0))?.moments.pivots ?? null;
  const units = all.reduce((sum, arm) => sum + arm.exposed, 0);
  const batch = Math.max(1, Math.min(MOST_SEEDS, Math.floor(MOST_ROWS / Math.max(1, units))));
  const pValues: number[] = [];
  let failed = 0;
  for (let done = 0; done < options.runs; done += batch) {
    const seeds = Array.from({ length: Math.min(batch, options.runs - done) }, (_, i) => `${options.seed} ${done + i}`);
    const answer = await session.evaluator.ask({
      kind: 'rerandomised',
      population: populationOf(session, row.experiment, row.where, row.analysis.asOf),
      metric,
      maturity: row.analysis.maturity,
      seeds,
      needs: needsOf(row),
      pivots,
    });
    for (const i of seeds.keys()) {
      const p = pValueOf({ ...row, metric }, answer, i);
      if (p === null) failed += 1;
      else pValues.push(p);
    }
    options.onProgress?.(Math.min(options.runs, done + batch));
  }
  return reportOf(row, { pValues, failed, units, options });
}

const needsOf = ({ metric, analysis }: ResultRow): readonly MomentNeed[] =>
  analysis.cuped && metric.covariate != null ? ['products', 'covariates'] : ['products'];

/** Thresholds from the data are those of all units: the halves of a run are no reason for others. */
async function withFixedCaps(session: Session, row: ResultRow): Promise<MetricVersion> {
  const { cap } = row.metric;
  if (cap === null || (cap.lower?.kind !== 'percentile' && cap.upper?.kind !== 'percentile')) return row.metric;
  const answer = await momentsOf(session, row, ['products', 'capping']);
  const found = answer.find(({ capping }) => capping !== null)?.capping;
  const fixed = (side: 'lower' | 'upper'): Threshold | null => {
    const value = found?.[side] ?? null;
    return value === null ? null : { kind: 'value', value };
  };
  return { ...row.metric, cap: { ...cap, lower: fixed('lower'), upper: fixed('upper') } };
}

function pValueOf(row: ResultRow, answer: readonly ArmMoments[], run: number): number | null {
  const arm = (variant: string) => answer.find((one) => one.slice === run && one.variant === variant);
  const [control, treatment] = [arm('0'), arm('1')];
  if (control === undefined || treatment === undefined) return null;
  const arms = { control, treatment };
  const test = fixedTest({ row, arms, samples: bothSamples(samplesOf(row, arms)) }, row.analysis.level);
  return test.ok ? test.pValue : null;
}

function reportOf(
  row: ResultRow,
  found: {
    readonly pValues: readonly number[];
    readonly failed: number;
    readonly units: number;
    readonly options: AaOptions;
  },
): AaReport {
  const { pValues, failed, units, options } = found;
  const { alpha } = options;
  const falsePositives = pValues.filter((p) => p <= alpha).length;
  const counted = pValues.length;
  const wilson = wilsonInterval({ units: counted, successes: falsePositives }, LEVEL);
  const uniformity = uniformityTest(pValues);
  const fits = wilson.ok && wilson.lower <= alpha && alpha <= wilson.upper;
  const uniform = uniformity.ok && uniformity.pValue >= 1 - LEVEL;
  // Too few values of a 0/1 metric are no continuous p-values: they lie on a grid.
  const status = counted === 0 ? 'UNKNOWN' : fits && uniform ? 'PASSED' : 'FAILED';
  const base = { metric: row.metric.metric, runs: options.runs, units, pValues, notComputable: failed, alpha };
  const rate = counted === 0 ? null : falsePositives / counted;
  return {
    ...base,
    falsePositives,
    falsePositiveRate: rate,
    interval: wilson.ok ? { lower: wilson.lower, upper: wilson.upper } : null,
    uniformity,
    status,
    message: sentence(row, status, { rate, fits, uniform }),
  };
}

function sentence(
  { metric }: ResultRow,
  status: AaReport['status'],
  { rate, fits, uniform }: { readonly rate: number | null; readonly fits: boolean; readonly uniform: boolean },
): string {
  if (status === 'UNKNOWN') return `${metric.metric} could not be tested in any run.`;
  const share = `${(100 * rate!).toFixed(2)} % of the runs were significant`;
  if (status === 'PASSED') return `${share}, as many as there should be, and the p-values are uniform.`;
  const faults = [
    ...(fits ? [] : [`${share}, which is not what alpha promises`]),
    ...(uniform ? [] : ['the p-values are not uniform']),
  ];
  return `${faults.join(', and ')}: do not trust results of ${metric.metric} before its variance is understood.`;
}
