import { type Alternative, assertProbability, pValueOf } from './alternative.ts';
import { normalUpperQuantile } from './distributions.ts';
import { type Inference, type NotComputable, notComputable } from './inference.ts';

/** Successes out of units of one arm. */
export interface Count {
  readonly units: number;
  readonly successes: number;
}

/** Both bounds of an interval for a proportion or a difference of two. */
export interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

function refuse(...counts: readonly Count[]): NotComputable | null {
  if (counts.some(({ units, successes }) => !(successes >= 0 && successes <= units))) {
    throw new RangeError('A count needs 0 ≤ successes ≤ units.');
  }
  return counts.some(({ units }) => units === 0) ? notComputable('NO_UNITS') : null;
}

/** The normal critical value of a two-sided level. */
function critical(level: number): number {
  assertProbability('level', level);
  return normalUpperQuantile((1 - level) / 2);
}

export interface PooledZTest {
  readonly difference: number;
  readonly statistic: number;
  readonly pValue: number;
}

/** z test of two proportions with the variance pooled under the null, p(1 − p)(1/n_T + 1/n_C) (Pearson 1900; statsmodels' `proportions_ztest`). */
export function pooledZTest(
  control: Count,
  treatment: Count,
  alternative: Alternative = 'two-sided',
): Inference<PooledZTest> {
  const refused = refuse(control, treatment);
  if (refused) return refused;
  const difference = treatment.successes / treatment.units - control.successes / control.units;
  const units = control.units + treatment.units;
  const successes = control.successes + treatment.successes;
  if (successes === 0 || successes === units) return notComputable('ZERO_VARIANCE');
  const variance = (successes / units) * ((units - successes) / units) * (1 / control.units + 1 / treatment.units);
  const statistic = difference / Math.sqrt(variance);
  return { ok: true, difference, statistic, pValue: pValueOf(statistic, Number.POSITIVE_INFINITY, alternative) };
}

/** Wald interval of the difference, p(1 − p)/n unpooled. Has no width where both shares are 0 or 1: use another one there. */
export function waldInterval(control: Count, treatment: Count, level: number): Inference<Bounds> {
  return refuse(control, treatment) ?? wald(control, treatment, critical(level));
}

/** Agresti–Caffo interval (2000): Wald's after one success and one failure are added to each arm. May leave [−1, 1]. */
export function agrestiCaffoInterval(control: Count, treatment: Count, level: number): Inference<Bounds> {
  const plus = ({ units, successes }: Count) => ({ units: units + 2, successes: successes + 1 });
  return refuse(control, treatment) ?? wald(plus(control), plus(treatment), critical(level));
}

function wald(control: Count, treatment: Count, z: number): Inference<Bounds> {
  const terms = [control, treatment].map(({ units, successes }) => {
    const p = successes / units;
    return { p, squaredError: (p * (1 - p)) / units };
  });
  const difference = terms[1]!.p - terms[0]!.p;
  const half = z * Math.sqrt(terms[0]!.squaredError + terms[1]!.squaredError);
  return { ok: true, lower: difference - half, upper: difference + half };
}

/** Wilson's score interval (1927) of one proportion. */
export function wilsonInterval(count: Count, level: number): Inference<Bounds> {
  return refuse(count) ?? { ok: true, ...wilson(count, critical(level)) };
}

function wilson({ units, successes }: Count, z: number): Bounds {
  const p = successes / units;
  const z2 = z * z;
  const centre = p + z2 / (2 * units);
  const half = z * Math.sqrt((p * (1 - p)) / units + (z2 / units) * (1 / (4 * units)));
  const scale = 1 + z2 / units;
  return { lower: Math.max(0, (centre - half) / scale), upper: Math.min(1, (centre + half) / scale) };
}

/** Newcombe's hybrid score interval of the difference (1998, method 10): the Wilson limits of both arms combined. */
export function newcombeInterval(control: Count, treatment: Count, level: number): Inference<Bounds> {
  const refused = refuse(control, treatment);
  if (refused) return refused;
  const z = critical(level);
  const [c, t] = [wilson(control, z), wilson(treatment, z)];
  const [pC, pT] = [control.successes / control.units, treatment.successes / treatment.units];
  const difference = pT - pC;
  return {
    ok: true,
    lower: difference - Math.hypot(pT - t.lower, c.upper - pC),
    upper: difference + Math.hypot(t.upper - pT, pC - c.lower),
  };
}

/**
 * Score interval of the difference (Mee 1984; Miettinen & Nurminen 1985 without their factor N/(N − 1)): all differences δ
 * that the score test, with both shares estimated under p_T − p_C = δ, does not reject. Found by bisection. It excludes 0
 * exactly when {@link pooledZTest} rejects.
 */
export function scoreInterval(control: Count, treatment: Count, level: number): Inference<Bounds> {
  const refused = refuse(control, treatment);
  if (refused) return refused;
  const z = critical(level);
  const difference = treatment.successes / treatment.units - control.successes / control.units;
  const bound = (outside: number) => {
    let [rejected, kept] = [outside, difference];
    for (let step = 0; step < 200 && rejected !== kept; step++) {
      const middle = rejected + (kept - rejected) / 2;
      if (middle === rejected || middle === kept) break;
      if (Math.abs(scoreStatistic(control, treatment, middle)) > z) rejected = middle;
      else kept = middle;
    }
    return kept;
  };
  return { ok: true, lower: bound(-1), upper: bound(1) };
}

/** (p̂_T − p̂_C − δ) over its standard error at the shares that are most likely under a difference of δ. */
function scoreStatistic(control: Count, treatment: Count, delta: number): number {
  const pC = constrainedShare(control, treatment, delta);
  const pT = Math.min(1, Math.max(0, pC + delta));
  const gap = treatment.successes / treatment.units - control.successes / control.units - delta;
  const squaredError = (pT * (1 - pT)) / treatment.units + (pC * (1 - pC)) / control.units;
  return gap === 0 ? 0 : gap / Math.sqrt(squaredError);
}

/** The control share of greatest likelihood when the treatment's is δ above it: the zero of a falling score, by bisection. */
function constrainedShare(control: Count, treatment: Count, delta: number): number {
  const score = ({ units, successes }: Count, p: number) =>
    (successes === 0 ? 0 : successes / p) - (successes === units ? 0 : (units - successes) / (1 - p));
  let [low, high] = [Math.max(0, -delta), Math.min(1, 1 - delta)];
  for (let step = 0; step < 100; step++) {
    const middle = low + (high - low) / 2;
    if (middle === low || middle === high) break;
    if (score(control, middle) + score(treatment, middle + delta) > 0) low = middle;
    else high = middle;
  }
  return low + (high - low) / 2;
}
