import { type Moments, mergeMoments } from '../../src/core/moments.ts';
import { contrast } from '../../src/statistics/contrast.ts';
import { groupSequentialBoundaries } from '../../src/statistics/group-sequential/boundaries.ts';
import type { Inference, Sample } from '../../src/statistics/inference.ts';
import { fiellerSet } from '../../src/statistics/lift/fieller.ts';
import { lift } from '../../src/statistics/lift.ts';
import { sampleOfMean, sampleOfProportion } from '../../src/statistics/samples.ts';
import { asymptoticSequence, oneSidedSequentialP } from '../../src/statistics/sequential.ts';
import { mixturePrecision, mixtureSequence } from '../../src/statistics/sequential-mixture.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import type { Claim } from '../claim.ts';
import { BAND_Z, exactly, rate } from '../measure.ts';
import { bernoulliMetric, lognormalMetric, type Metric, normalMetric } from '../moments.ts';
import type { Random } from '../random.ts';
import type { Family, Outcome, Simulation } from '../simulation.ts';
import { ANY_TIME, FIVE_PERCENT, FIVE_PERCENT_HEAVY, rateTarget } from '../targets.ts';

const LOOKS = 100;
const [FIRST_LOOK, LAST_LOOK] = [50, 10_000];
/** Where the served sequence is tightest when an experiment has no plan. */
const TUNING_UNITS = 5000;
const ALPHA = 0.05;

/** Units an arm at each of 100 looks, from 50 to 10,000, each about a twentieth more than the last. */
export const UNITS_AT = Array.from({ length: LOOKS }, (_, k) => {
  return Math.round(FIRST_LOOK * (LAST_LOOK / FIRST_LOOK) ** (k / (LOOKS - 1)));
});

/** Both arms as they are at each look in turn: what came before, and the new units of this look. */
function* arms(random: Random, metric: Metric, unitsAt: readonly number[], factor = 1): Generator<[Moments, Moments]> {
  let [control, treatment, seen]: [Moments | null, Moments | null, number] = [null, null, 0];
  for (const units of unitsAt) {
    const [c, t] = [metric.moments(random, units - seen), metric.moments(random, units - seen, factor)];
    control = control === null ? c : mergeMoments(control, c);
    treatment = treatment === null ? t : mergeMoments(treatment, t);
    seen = units;
    yield [control, treatment];
  }
}

const sampleFor = ({ type }: Metric) => (type === 'PROPORTION' ? sampleOfProportion : sampleOfMean);

/** The look from 1 at which something was first found, for the plot of errors by look. */
const PLOTTED = ['naive', 'asymptotic', 'groupSequential'] as const;
export const firstLookOf = (find: (typeof PLOTTED)[number]) => `${find} first`;

/** Group-sequential looks on the same data: the first at which a fifth, two fifths … of the units are there. */
const FIFTHS = [1, 2, 3, 4, 5].map((fifth) => UNITS_AT.findIndex((units) => units >= (fifth / 5) * LAST_LOOK) + 1);

/** The critical value of the sequence with this many units in both arms, as `sequentialLift` takes it. */
function sequenceCriticalValue(units: number): number {
  const look = asymptoticSequence({ estimate: 0, standardError: 1, units, alpha: ALPHA, tuningUnits: TUNING_UNITS });
  if (!look.ok) throw new Error('The sequence has a critical value at every number of units.');
  return look.interval.upper!;
}

/** A/A tests of one metric, looked at 100 times. A heavy tail may err on the safe side, as it may in fixed tests. */
function anyTime(metric: Metric, isHeavy: boolean): Simulation {
  const sampleOf = sampleFor(metric);
  const what = (method: string) => `${method}: ${metric.name}`;
  const sequences: Claim[] = [
    { what: what('asymptotic sequence'), promise: '≤ 5 % at any look', measure: rate('asymptotic'), target: ANY_TIME },
    {
      what: what('mixture sequence, tuned by the true variance'),
      promise: '≤ 5 % at any look',
      measure: rate('mixture'),
      target: ANY_TIME,
    },
    {
      what: what('mixture sequence, tuned by each look’s variance as served'),
      promise: '≤ 5 % at any look',
      measure: rate('served'),
      target: ANY_TIME,
    },
    {
      what: what('asymptotic sequence, one-sided (harm)'),
      promise: '≤ 5 % at any look',
      measure: rate('harm'),
      target: ANY_TIME,
    },
    {
      what: what('group sequential, O’Brien–Fleming, five looks at these data'),
      promise: '5 % over its looks',
      measure: rate('groupSequential'),
      target: isHeavy ? FIVE_PERCENT_HEAVY : FIVE_PERCENT,
    },
  ];
  const naive: Claim = {
    what: what('t test at each look'),
    promise: 'must fail: its error grows with the looks',
    measure: rate('naive'),
    target: ANY_TIME,
    negativeControl: { atLeast: 0.3 },
  };
  return {
    name: `100 looks: ${metric.name}`,
    runs: 4000,
    chunk: 40,
    keep: PLOTTED.map(firstLookOf),
    prepare: () => {
      const precision = mixturePrecision({ alpha: ALPHA, information: LAST_LOOK / (2 * metric.variance) });
      const design = groupSequentialBoundaries({
        alpha: ALPHA,
        spending: { kind: 'OBRIEN_FLEMING' },
        looks: FIFTHS.map((look) => UNITS_AT[look - 1]! / LAST_LOOK),
      });
      if (!design.ok) throw new Error('Five looks have boundaries.');
      const boundaryAt = new Map(FIFTHS.map((look, k) => [look, design.looks[k]!.z!]));
      return (random) => {
        const first: Record<string, number> = {};
        let look = 0;
        for (const [control, treatment] of arms(random, metric, UNITS_AT)) {
          look++;
          for (const find of crossings(sampleOf(control), sampleOf(treatment), precision, boundaryAt.get(look))) {
            first[find] ??= look;
          }
        }
        const outcome: Record<string, Outcome[string]> = {};
        for (const find of ['naive', 'asymptotic', 'mixture', 'served', 'harm', 'groupSequential']) {
          outcome[find] = first[find] !== undefined;
        }
        for (const find of PLOTTED) outcome[firstLookOf(find)] = first[find];
        return outcome;
      };
    },
    claims: [...sequences, naive],
  };
}

/** What says at this look that there is an effect. */
function crossings(
  control: Inference<Sample>,
  treatment: Inference<Sample>,
  precision: number,
  boundary: number | undefined,
): string[] {
  if (!control.ok || !treatment.ok) return [];
  const test = welchTest(control, treatment, { level: 1 - ALPHA });
  if (!test.ok) return [];
  const { difference: estimate, standardError, statistic } = test;
  const input = {
    estimate,
    standardError,
    units: control.n + treatment.n,
    alpha: ALPHA,
    tuningUnits: TUNING_UNITS,
  };
  const sequence = asymptoticSequence(input);
  const mixture = mixtureSequence({ estimate, standardError, alpha: ALPHA, precision });
  // as `repeatedLook`: the information that this look foretells at N* units
  const information = TUNING_UNITS / input.units / standardError ** 2;
  const served = mixtureSequence({ ...input, precision: mixturePrecision({ alpha: ALPHA, information }) });
  const harm = oneSidedSequentialP({ ...input, alternative: 'less' });
  const found = {
    naive: test.pValue <= ALPHA,
    asymptotic: sequence.ok && sequence.pValue <= ALPHA,
    mixture: mixture.ok && mixture.pValue <= ALPHA,
    served: served.ok && served.pValue <= ALPHA,
    harm: harm.ok && harm.pValue <= ALPHA,
    groupSequential: boundary !== undefined && Math.abs(statistic) >= boundary,
  };
  return Object.entries(found).flatMap(([find, crossed]) => (crossed ? [find] : []));
}

function relativeCrosses(control: Inference<Sample>, treatment: Inference<Sample>): boolean {
  if (!control.ok || !treatment.ok) return false;
  const result = lift(control, treatment, { method: 'DELTA', level: 1 - ALPHA });
  if (!result.ok) return false;
  const look = asymptoticSequence({
    estimate: result.value,
    standardError: result.standardError!,
    units: control.n + treatment.n,
    alpha: ALPHA,
    tuningUnits: TUNING_UNITS,
  });
  return look.ok && look.pValue <= ALPHA;
}

/**
 * What is not served: the sequence around the delta method's lift. An arm without variance is refused, as GrowthBook refuses it;
 * were it not, the error would be higher still.
 */
function relativeSequence(metric: Metric, negativeControl: Claim['negativeControl']): Simulation {
  const what = `asymptotic sequence of the delta-method lift: ${metric.name}`;
  const sampleOf = (moments: Moments) =>
    metric.type === 'PROPORTION' ? sampleOfProportion(moments, 'BINOMIAL') : sampleOfMean(moments);
  const record = { what, promise: 'not served', measure: rate('crossed'), target: null };
  return {
    name: what,
    runs: 4000,
    ...(negativeControl === undefined ? {} : { short: 0.25 }),
    chunk: 40,
    prepare: () => (random) => {
      for (const [control, treatment] of arms(random, metric, UNITS_AT)) {
        if (relativeCrosses(sampleOf(control), sampleOf(treatment))) return { crossed: true };
      }
      return { crossed: false };
    },
    claims: [
      negativeControl === undefined
        ? record
        : { ...record, promise: 'must fail: it is not served', target: ANY_TIME, negativeControl },
    ],
  };
}

/** With an effect of +20 %: whether the truth is ever outside, of the difference and of the lift (Fieller's set at the sequence's critical value). */
function anyTimeCoverage(metric: Metric): Simulation {
  const sampleOf = sampleFor(metric);
  const truth = 0.2;
  const what = (of: string) => `${of}: ${metric.name}, +20 %`;
  return {
    name: `100 looks, +20 %: ${metric.name}`,
    runs: 4000,
    chunk: 40,
    prepare: () => {
      const critical = UNITS_AT.map((units) => sequenceCriticalValue(2 * units));
      return (random) => {
        let [difference, relative, look] = [false, false, 0];
        for (const [c, t] of arms(random, metric, UNITS_AT, 1 + truth)) {
          const q = critical[look++]!;
          const [control, treatment] = [sampleOf(c), sampleOf(t)];
          const test = control.ok && treatment.ok ? contrast(control, treatment) : control;
          if (!control.ok || !treatment.ok || !test.ok || !('standardError' in test)) continue;
          difference ||= Math.abs(test.estimate - truth * metric.mean) > q * test.standardError;
          const { bounds } = control.mean === 0 ? { bounds: null } : fiellerSet(control, treatment, q);
          relative ||= bounds !== null && (truth < bounds.lower || truth > bounds.upper);
        }
        return { difference, relative };
      };
    },
    claims: [
      {
        what: what('sequence of the difference'),
        promise: 'truth outside at any look: ≤ 5 %',
        measure: rate('difference'),
        target: ANY_TIME,
      },
      {
        what: what('sequence of the lift (Fieller)'),
        promise: 'truth outside at any look: ≤ 5 %',
        measure: rate('relative'),
        target: ANY_TIME,
      },
    ],
  };
}

/** At the margin of a guardrail: how often continuous monitoring ever calls it non-inferior, by the one-sided sequence. */
function marginSequence(metric: Metric, margin: number): Simulation {
  const sampleOf = sampleFor(metric);
  const what = `non-inferiority sequence at a margin of ${100 * margin} %: ${metric.name}`;
  return {
    name: what,
    runs: 4000,
    chunk: 40,
    prepare: () => (random) => {
      let holds = false;
      for (const [c, t] of arms(random, metric, UNITS_AT, 1 - margin)) {
        const [control, treatment] = [sampleOf(c), sampleOf(t)];
        const shifted = control.ok && treatment.ok ? contrast(control, treatment, 1 - margin) : control;
        if (!shifted.ok || !('standardError' in shifted)) continue;
        const { estimate, standardError } = shifted;
        const look = oneSidedSequentialP({
          estimate,
          standardError,
          units: 2 * c.units,
          alpha: 2 * ALPHA,
          tuningUnits: TUNING_UNITS,
          alternative: 'greater',
        });
        holds ||= look.ok && look.pValue < ALPHA;
      }
      return { holds };
    },
    claims: [{ what, promise: '≤ 5 % at any look', measure: rate('holds'), target: ANY_TIME }],
  };
}

/**
 * Power by these looks under the effect, by numerical integration (`crossingProbabilities` with the boundary less θ√t, both sides;
 * .5216 and .8807). With a look at every unit it would be .55 and .89.
 */
const DRIFT_POWER = [
  { find: 'byPlan', power: 0.5216, by: 'N*' },
  { find: 'byTwice', power: 0.8807, by: '2N*' },
] as const;

/** An effect that a fixed test at N* units finds with 80 % power, looked at 100 times until N* and 100 times until 2N*. */
function drift(): Simulation {
  const metric = normalMetric(10, 2);
  const planned = 20_000;
  const unitsAt = Array.from({ length: 2 * LOOKS }, (_, k) => ((k + 1) * planned) / 2 / LOOKS);
  const effect = (1.959963984540054 + 0.8416212335729143) * Math.sqrt((4 * metric.variance) / planned);
  const what = 'asymptotic sequence, effect with 80 % fixed power at N*';
  return {
    name: `drift with 80 % power at N*: ${metric.name}`,
    runs: 4000,
    chunk: 40,
    prepare: () => (random) => {
      for (const [c, t] of arms(random, metric, unitsAt)) {
        const [control, treatment] = [sampleOfMean(c), sampleOfMean(t)];
        const test = control.ok && treatment.ok ? contrast(control, treatment) : control;
        if (!test.ok || !('standardError' in test)) continue;
        const look = asymptoticSequence({
          estimate: test.estimate + effect,
          standardError: test.standardError,
          units: 2 * c.units,
          alpha: ALPHA,
          tuningUnits: planned,
        });
        if (look.ok && look.pValue <= ALPHA) return { byPlan: 2 * c.units <= planned, byTwice: true };
      }
      return { byPlan: false, byTwice: false };
    },
    claims: [
      { what, promise: 'found by N* in .54', measure: rate('byPlan'), target: rateTarget(0.51, 0.57, 4000) },
      { what, promise: 'found by 2N* in .87', measure: rate('byTwice'), target: rateTarget(0.85, 0.89, 4000) },
      ...DRIFT_POWER.map(({ find, power, by }): Claim => {
        const half = BAND_Z * Math.sqrt((power * (1 - power)) / 4000);
        return {
          what,
          promise: `found by ${by} in ${power}, the exact crossing probability of these looks`,
          measure: rate(find),
          target: rateTarget(power - half, power + half, 4000),
        };
      }),
    ],
  };
}

/** No draw: the critical value where the sequence is tightest. */
const tightest: Simulation = {
  name: 'critical |z| at N*',
  runs: 1,
  chunk: 1,
  prepare: () => () => {
    const precision = mixturePrecision({ alpha: ALPHA, information: 1 });
    const mixture = mixtureSequence({ estimate: 0, standardError: 1, alpha: ALPHA, precision });
    return { asymptotic: sequenceCriticalValue(TUNING_UNITS), mixture: mixture.ok ? mixture.interval.upper : null };
  },
  claims: [
    {
      what: 'mixture sequence: critical |z| at its tuning',
      promise: '3.0351 at α = .05, the least there is',
      measure: exactly('mixture'),
      target: { kind: 'FIXED', low: 3.03505, high: 3.03515 },
    },
    {
      what: 'asymptotic sequence: critical |z| at N*',
      promise: 'within .0002 of it, by the closed form of its tuning',
      measure: exactly('asymptotic'),
      target: { kind: 'FIXED', low: 3.03505, high: 3.03535 },
    },
  ],
};

const plotted = normalMetric(10, 3);
export const PEEKING_SIMULATION = `100 looks: ${plotted.name}`;

export const sequenceFamily: Family = {
  title: 'Any-time error of sequential tests',
  note: `Up to 10,000 units an arm are looked at 100 times, the number of units growing by a
twentieth from each to the next. The asymptotic sequence is tuned to N* = 5,000 units as
it is served without a plan, the mixture to the last look. Normal units are drawn as exact sufficient statistics of each look's new
units (a normal mean and a chi-square sum of squares, independent of each other); zeros and ones as binomial counts; the rest one by one.`,
  simulations: [
    anyTime(plotted, false),
    anyTime(bernoulliMetric(0.05), false),
    anyTime(lognormalMetric(2, 1.5), true),
    relativeSequence(bernoulliMetric(0.05), { atLeast: 0.0589 }),
    relativeSequence(lognormalMetric(2, 1.5), undefined),
    ...[bernoulliMetric(0.05), lognormalMetric(2, 1.5)].map(anyTimeCoverage),
    ...[plotted, bernoulliMetric(0.05)].map((metric) => marginSequence(metric, 0.1)),
    drift(),
    tightest,
  ],
};
