import { type QuantileSummary, sampleOfQuantile } from '../../src/statistics/quantile.ts';
import { interpolationRanks, quantileLevels } from '../../src/statistics/quantile-ranks.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import type { Claim, Target } from '../claim.ts';
import { rate } from '../measure.ts';
import { drawnMoments } from '../moments.ts';
import type { Random } from '../random.ts';
import type { Family, Outcome, Simulation } from '../simulation.ts';
import { EXTREME_QUANTILE, FIVE_PERCENT, QUANTILE } from '../targets.ts';

const PROBABILITIES = [0.5, 0.9, 0.99] as const;
const nameOf = (probability: number) => `p${Math.round(100 * probability)}`;
const TARGETS: readonly Target[] = [QUANTILE, QUANTILE, EXTREME_QUANTILE];

/** Values of an arm's units, one unit's after another's; unit i's are those from `starts[i]` to `starts[i + 1]`. */
interface DrawnValues {
  readonly values: Float64Array;
  readonly starts: readonly number[];
}

/** The linearly interpolated quantile, as PERCENTILE_CONT gives it. */
function quantileOf(sorted: Float64Array, probability: number): number {
  const { below, above, fraction } = interpolationRanks(sorted.length, probability);
  return sorted[below - 1]! + fraction * (sorted[above - 1]! - sorted[below - 1]!);
}

/** With `clustered`, how many of each unit's events lie at or below the quantile. */
function summaryOf(
  { values, starts }: DrawnValues,
  sorted: Float64Array,
  probability: number,
  clustered: boolean,
): QuantileSummary {
  const n = values.length;
  const levels = quantileLevels(n, probability);
  if (!levels.ok) throw new Error(`${n} values are too few for ${nameOf(probability)}.`);
  const estimate = quantileOf(sorted, probability);
  const shares = () =>
    drawnMoments(starts.length - 1, [0, 0], (row, unit) => {
      let below = 0;
      for (let i = starts[unit]!; i < starts[unit + 1]!; i++) if (values[i]! <= estimate) below++;
      row[0] = below;
      row[1] = starts[unit + 1]! - starts[unit]!;
    });
  const clusters = clustered ? shares() : null;
  const [lower, upper] = [quantileOf(sorted, levels.lower), quantileOf(sorted, levels.upper)];
  return { probability, n, estimate, lower, upper, clusters };
}

function quantiles(
  name: string,
  draw: (random: Random) => DrawnValues,
  claims: readonly Claim[],
  clustered: boolean,
  runs = 10_000,
): Simulation {
  return {
    name,
    runs,
    chunk: 100,
    prepare: () => (random) => {
      const arms = [draw(random), draw(random)].map((drawn) => ({ drawn, sorted: drawn.values.toSorted() }));
      const outcome: Record<string, Outcome[string]> = {};
      for (const probability of PROBABILITIES) {
        const [control, treatment] = arms.map(({ drawn, sorted }) => summaryOf(drawn, sorted, probability, clustered));
        const rejected = (robust: boolean) => {
          const [c, t] = [control!, treatment!].map((arm) =>
            sampleOfQuantile(robust ? arm : { ...arm, clusters: null }),
          );
          if (!c!.ok || !t!.ok) return null;
          const test = welchTest(c!, t!, { level: 0.95 });
          return test.ok ? test.pValue <= 0.05 : null;
        };
        outcome[nameOf(probability)] = rejected(clustered);
        if (clustered) outcome[`${nameOf(probability)} naive`] = rejected(false);
      }
      return outcome;
    },
    claims,
  };
}

const claimsFor = (name: string) =>
  PROBABILITIES.map((probability, i): Claim => {
    return {
      what: `${nameOf(probability)}: ${name}`,
      promise: i < 2 ? 'rejects 5 % of A/A tests' : 'rejects at most 5 % of A/A tests',
      measure: rate(nameOf(probability)),
      target: TARGETS[i]!,
    };
  });

const oneEach = (value: (random: Random) => number) => (random: Random) => ({
  values: Float64Array.from({ length: 1000 }, () => value(random)),
  starts: Array.from({ length: 1001 }, (_, i) => i),
});

/** 1 to 9 events a unit, alike within a unit. */
function clusteredEvents(random: Random): DrawnValues {
  const starts = [0];
  const values: number[] = [];
  for (let unit = 0; unit < 1000; unit++) {
    const own = random.normal();
    const events = 1 + Math.floor(9 * random.uniform());
    for (let event = 0; event < events; event++) values.push(Math.exp(own + random.normal()));
    starts.push(values.length);
  }
  return { values: Float64Array.from(values), starts };
}

const CLUSTERED = '1 to 9 lognormal events of each of 1,000 units';

export const quantileFamily: Family = {
  title: 'Quantiles',
  note: `Welch's test of sample quantiles whose error is the width of their outer 95 % interval (Deng, Knoblich & Lu 2018). The
quantiles are those that PERCENTILE_CONT gives. Events of one unit are alike: the unit's own part has half of the variance of the
logarithm.`,
  simulations: [
    quantiles(
      'quantiles: normal, n 1,000',
      oneEach((random) => random.normal()),
      claimsFor('normal, n 1,000'),
      false,
    ),
    quantiles(
      'quantiles: lognormal(0, 1), n 1,000',
      oneEach((random) => Math.exp(random.normal())),
      claimsFor('lognormal(0, 1), n 1,000'),
      false,
    ),
    quantiles(
      `quantiles: ${CLUSTERED}`,
      clusteredEvents,
      [
        ...claimsFor(CLUSTERED),
        {
          what: `p90 with events as units: ${CLUSTERED}`,
          promise: 'must fail: its error is far above 5 %',
          measure: rate('p90 naive'),
          target: FIVE_PERCENT,
          negativeControl: { atLeast: 0.15 },
        },
      ],
      true,
    ),
  ],
};
