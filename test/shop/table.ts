import { covarianceOf, sumOf } from '../../src/core/moments.ts';
import type { Arms } from '../../src/experiment/arm-pair.ts';
import { normalPosterior } from '../../src/statistics/bayesian.ts';
import { adjustPValues } from '../../src/statistics/multiple-testing.ts';
import { newcombeInterval, pooledZTest } from '../../src/statistics/proportions.ts';
import { asymptoticSequence } from '../../src/statistics/sequential.ts';
import { sampleRatioTest } from '../../src/statistics/srm.ts';
import { atPath } from '../support/at-path.ts';
import type { Data } from '../support/service.ts';

/**
 * What was served for one reading: the answer to SHOP; and the moments of the two ratios and of the latency, which have no field of
 * their own.
 */
export interface Served {
  readonly experiment: Data;
  readonly ratios: Readonly<Record<'orders_per_session' | 'aov', Arms>>;
  readonly latency: Arms;
  /** With the values before exposure. */
  readonly joint: Readonly<Record<'revenue' | 'orders_per_session', Arms>>;
  readonly asOf: string;
}

/** How exact: counts and words exactly, sums to 1e-9, statistics to 1e-7, both relative. */
export type Kind = 'exact' | 'sum' | 'statistic';

/** An expected key (a pattern with named parts) and where the served number is: a path of the answer, or a function of it. */
export interface Line {
  readonly key: RegExp;
  readonly kind: Kind;
  readonly at: string | ((served: Served, part: Record<string, string>) => unknown);
}

const MEANS = 'orders|revenue|revenue_capped|sessions|net_revenue|converted';
const RATIOS = 'orders_per_session|aov';
const pattern = (key: string) =>
  new RegExp(
    `^${key
      .replace('{arm}', '(?<arm>control|treatment)')
      .replace('{treatment}', '(?<treatment>treatment)')
      .replace('{mean}', `(?<metric>${MEANS})`)
      .replace('{tea}', `(?<metric>revenue|${RATIOS})`)
      .replace('{metric}', `(?<metric>${MEANS}|${RATIOS})`)
      .replace('{date}', String.raw`(?<date>\d{4}-\d{2}-\d{2})`)
      .replace(/\{([ij])\}/g, String.raw`(?<$1>\d+)`)}$`,
  );
const line = (kind: Kind, key: string, at: Line['at']): Line => ({ key: pattern(key), kind, at });

const LINE = 'results.nodes[metric.name={metric}]';
const dropped = (reason: string) => `assignments.excluded[reason=${reason}]`;

/** In the order of the matrix of cross products. */
const VARIABLES = [
  'orders',
  'revenue',
  'converted',
  'sessions',
  'net_revenue',
  'pre_revenue',
  'pre_orders',
  'pre_sessions',
  'revenue_capped',
];

const result = (served: Served, metric: string) =>
  atPath(served.experiment, `results.nodes[metric.name=${metric}]`) as Data;
const conversions = (served: Served) => {
  const { control, treatment } = result(served, 'converted');
  const count = (arm: Data) => ({ units: arm.units, successes: arm.sum });
  return [count(control), count(treatment)] as const;
};
const known = <T>(inference: { readonly ok: boolean } & T): Data => (inference.ok ? inference : { refused: inference });
const z = (served: Served) => known(pooledZTest(...conversions(served)));
const newcombe = (served: Served) => known(newcombeInterval(...conversions(served), 0.95));

/** Pearson's test over the units that count: the mature ones. */
const srm = (served: Served) => {
  const { control, treatment } = result(served, 'orders');
  const weights = new Map(served.experiment.variants.map(({ key, weight }: Data) => [key, weight as number]));
  return known(
    sampleRatioTest(
      [control, treatment].map(({ variant, units }) => ({
        observed: units,
        weight: weights.get(variant.key) as number,
      })),
    ),
  );
};

/** Mature units of a date: those whose hour of exposure was over 168 hours before the reading. */
const exposed = (served: Served, { date }: Record<string, string>) => {
  const latest = Date.parse(served.asOf) - 168 * 3_600_000;
  const hours = served.experiment.assignments.hourly.filter(
    (hour: Data) => hour.date === date && Date.parse(hour.at) + 3_600_000 <= latest,
  );
  return hours.reduce((sum: number, hour: Data) => sum + hour.units, 0);
};

/** The goals' p-values in the order of their family, corrected. */
const adjusted = (served: Served, { i }: Record<string, string>, correction: Parameters<typeof adjustPValues>[1]) =>
  adjustPValues(
    family(served).map(([metric]) => result(served, metric!).pValue),
    correction,
  )[Number(i)];
const family = (served: Served): readonly (readonly string[])[] =>
  result(served, 'orders').family.members.map((member: string) => member.split(' / '));

/** Σx²: by the variance and the sum of a mean. Σxy: by the moments of the ratio x / y. */
const product = (served: Served, { arm, i, j }: Record<string, string>) => {
  const names = [VARIABLES[Number(i)]!, VARIABLES[Number(j)]!];
  const side = arm as 'control' | 'treatment';
  if (i === j) {
    const { units, sum, variance } = result(served, names[0]!)[side];
    return variance * (units - 1) + sum ** 2 / units;
  }
  const { moments } = served.ratios[names.includes('sessions') ? 'orders_per_session' : 'aov'][side];
  return covarianceOf(moments, 0, 1) * (moments.units - 1) + (sumOf(moments, 0) * sumOf(moments, 1)) / moments.units;
};

/** Which variables are known together with their values before exposure. */
const JOINT = {
  revenue: ['revenue', 'pre_revenue'],
  orders_per_session: ['orders', 'sessions', 'pre_orders', 'pre_sessions'],
} as const;
/** Σx or Σxy of variables, at least one of them from before the exposure. */
const before = ({ joint }: Served, { arm, i, j = i }: Record<string, string>) => {
  const names = [VARIABLES[Number(i)]!, VARIABLES[Number(j)]!];
  const [metric, all] = Object.entries(JOINT).find(([, known]) =>
    names.every((name) => known.includes(name as never)),
  )!;
  const { moments } = joint[metric as keyof typeof JOINT][arm as 'control' | 'treatment'].joint!;
  const [a, b] = names.map((name) => all.indexOf(name as never)) as [number, number];
  return { moments, a, b };
};
const sumBefore = (served: Served, part: Record<string, string>) => {
  const { moments, a } = before(served, part);
  return sumOf(moments, a);
};
const productBefore = (served: Served, part: Record<string, string>) => {
  const { moments, a, b } = before(served, part);
  return covarianceOf(moments, a, b) * (moments.units - 1) + (sumOf(moments, a) * sumOf(moments, b)) / moments.units;
};

/** The order statistics of an arm's latencies. */
const latency = ({ latency: arms }: Served, { arm }: Record<string, string>) =>
  arms[arm as 'control' | 'treatment'].order!;
const latencyClusters = (served: Served, part: Record<string, string>) => latency(served, part).clusters!;
/** GrowthBook's estimate of the lift of the latency. */
const latencyLift = (served: Served) => {
  const { value, standardError } = result(served, 'latency_p90').delta;
  return { estimate: value as number, standardError: standardError as number };
};
/** GrowthBook counts the events as units. */
const latencySequence = (served: Served) =>
  known(
    asymptoticSequence({
      ...latencyLift(served),
      units: served.latency.control.order!.values + served.latency.treatment.order!.values,
      alpha: 0.05,
      tuningUnits: 5000,
    }),
  );
const latencyPosterior = (served: Served) =>
  known(normalPosterior(latencyLift(served), { mean: 0, sd: 0.3 }, { level: 0.95, goodWhen: 'UP' }));
const LATENCY = 'comparisons/{treatment}/latencyP90/gbstats_relative';
const LATENCY_LINE = 'results.nodes[metric.name=latency_p90]';

/** The line of a key: of the metric, or of the metric under CUPED. */
const lineOf = (served: Served, name: string): Data =>
  name.endsWith('_cuped')
    ? (atPath(served.experiment, `cuped.nodes[metric.name=${name.slice(0, -'_cuped'.length)}]`) as Data)
    : result(served, name);
const ADJUSTED = '(?<name>(?:revenue|orders_per_session)_cuped)';
const ANY = `(?<name>${MEANS}|${RATIOS}|revenue_cuped)`;

const cupedLine = (key: string, at: (of: Data) => unknown): Line =>
  line(
    key.endsWith('error') ? 'exact' : 'statistic',
    `comparisons/{treatment}/${ADJUSTED}/${key}`,
    (served, { name }) => at(lineOf(served, name!)),
  );
const CUPED: readonly Line[] = [
  cupedLine('tea_tasting/control', ({ control }) => control.adjustedMean),
  cupedLine('tea_tasting/treatment', ({ treatment }) => treatment.adjustedMean),
  cupedLine('tea_tasting/difference', ({ difference }) => difference.value),
  cupedLine('tea_tasting/ciLow', ({ difference }) => difference.interval.lower),
  cupedLine('tea_tasting/ciHigh', ({ difference }) => difference.interval.upper),
  cupedLine('tea_tasting/pValue', ({ difference }) => difference.pValue),
  cupedLine('tea_tasting/lift', ({ log }) => log.value),
  cupedLine('tea_tasting/liftCiLow', ({ log }) => log.interval.lower),
  cupedLine('tea_tasting/liftCiHigh', ({ log }) => log.interval.upper),
  cupedLine('gbstats_relative/fixed/lift', ({ delta }) => delta.value),
  cupedLine('gbstats_relative/fixed/ciLow', ({ delta }) => delta.interval.lower),
  cupedLine('gbstats_relative/fixed/ciHigh', ({ delta }) => delta.interval.upper),
  cupedLine('gbstats_relative/fixed/pValue', ({ delta }) => delta.pValue),
  cupedLine('gbstats_relative/fixed/error', ({ delta }) => delta.unknown),
];

/** GrowthBook's sequence of the lift as it is served, tuned at 5,000 units: ours would be tuned at the experiment's own. */
const sequence = (served: Served, name: string) => {
  const { value, standardError } = lineOf(served, name).delta;
  const { control, treatment } = result(served, name.replace(/_cuped$/, ''));
  const units = (control.units as number) + (treatment.units as number);
  return known(asymptoticSequence({ estimate: value, standardError, units, alpha: 0.05, tuningUnits: 5000 }));
};
const sequenceLine = (key: string, at: (look: Data) => unknown): Line =>
  line('statistic', `comparisons/{treatment}/${ANY}/gbstats_relative/sequential_N5000/${key}`, (served, { name }) =>
    at(sequence(served, name!)),
  );
const SEQUENTIAL: readonly Line[] = [
  sequenceLine('ciLow', ({ interval }) => interval.lower),
  sequenceLine('ciHigh', ({ interval }) => interval.upper),
  sequenceLine('pValue', ({ pValue }) => pValue),
];

const bayesianLine = (key: string, at: (bayesian: Data) => unknown): Line =>
  line('statistic', `comparisons/{treatment}/${ANY}/gbstats_relative/bayes_prior_N0_sd03/${key}`, (served, { name }) =>
    at(lineOf(served, name!).bayesian),
  );
const BAYESIAN: readonly Line[] = [
  bayesianLine('estimate', ({ estimate }) => estimate.value),
  bayesianLine('ciLow', ({ estimate }) => estimate.interval.lower),
  bayesianLine('ciHigh', ({ estimate }) => estimate.interval.upper),
  bayesianLine('chanceToWin', ({ chanceToBeatControl }) => chanceToBeatControl),
  bayesianLine('risk/0', ({ expectedLossOfKeeping }) => expectedLossOfKeeping),
  bayesianLine('risk/1', ({ expectedLoss }) => expectedLoss),
];

/** Every expected key of exp_checkout that this version answers. */
export const TABLE: readonly Line[] = [
  line('exact', 'assignmentRows', 'assignments.rows'),
  line('exact', 'nullUserRows', `${dropped('NULL_UNIT')}.rows`),
  line('exact', 'nullVariantRows', `${dropped('NULL_VARIANT')}.rows`),
  line('exact', 'unknownVariantRows', `${dropped('UNKNOWN_VARIANT')}.rows`),
  line('exact', 'outsidePeriodRows', `${dropped('OUTSIDE_PERIOD')}.rows`),
  line('exact', 'multiExposedUsers', `${dropped('MULTIPLE_VARIANTS')}.units`),
  line(
    'exact',
    'multiExposedByFirstVariant/{arm}',
    `${dropped('MULTIPLE_VARIANTS')}.byVariant[variant.key={arm}].units`,
  ),
  line(
    'exact',
    'exposedUsers',
    ({ experiment: { assignments } }) =>
      assignments.units + (atPath(assignments, 'excluded[reason=MULTIPLE_VARIANTS].units') as number),
  ),
  line('exact', 'immatureUsers', 'results.nodes[metric.name=orders].excluded[reason=IMMATURE].units'),
  line('exact', 'analysedUsers/{arm}', 'results.nodes[metric.name=orders].{arm}.units'),
  line('statistic', 'srm/chi2', (served) => srm(served).chiSquare),
  line('exact', 'srm/df', (served) => srm(served).degreesOfFreedom),
  line('statistic', 'srm/pValue', (served) => srm(served).pValue),
  line('sum', 'revenueCapP99', 'results.nodes[metric.name=revenue_capped].capping.upper'),
  line('exact', 'dailyExposuresEuropeBerlin/{date}', exposed),

  line('exact', 'sufficient/{arm}/n', 'results.nodes[metric.name=revenue].{arm}.units'),
  line('exact', 'sufficient/{arm}/vars/{i}', (_, { i }) => VARIABLES[Number(i)]),
  line(
    'sum',
    'sufficient/{arm}/sums/(?<i>[012348])',
    (served, { arm, i }) => result(served, VARIABLES[Number(i)]!)[arm!].sum,
  ),
  line('sum', String.raw`sufficient/{arm}/crossProducts/(?<i>[012348])/(?<j>\k<i>)`, product),
  line('sum', 'sufficient/{arm}/crossProducts/(?<i>0)/(?<j>[13])', product),
  line('sum', 'sufficient/{arm}/crossProducts/(?<i>[13])/(?<j>0)', product),
  line('sum', 'sufficient/{arm}/sums/(?<i>[567])', sumBefore),
  line('sum', 'sufficient/{arm}/crossProducts/(?<i>[15])/(?<j>5)', productBefore),
  line('sum', 'sufficient/{arm}/crossProducts/(?<i>5)/(?<j>1)', productBefore),
  line('sum', 'sufficient/{arm}/crossProducts/(?<i>[67])/(?<j>[0367])', productBefore),
  line('sum', 'sufficient/{arm}/crossProducts/(?<i>[03])/(?<j>[67])', productBefore),

  line('statistic', 'comparisons/{treatment}/{mean}/welch_scipy/meanControl', `${LINE}.control.mean`),
  line('statistic', 'comparisons/{treatment}/{mean}/welch_scipy/meanTreatment', `${LINE}.treatment.mean`),
  line('statistic', 'comparisons/{treatment}/{mean}/welch_scipy/difference', `${LINE}.difference.value`),
  line('statistic', 'comparisons/{treatment}/{mean}/welch_scipy/t', `${LINE}.statistic`),
  line('statistic', 'comparisons/{treatment}/{mean}/welch_scipy/df', `${LINE}.degreesOfFreedom`),
  line('statistic', 'comparisons/{treatment}/{mean}/welch_scipy/pValue', `${LINE}.pValue`),
  line('statistic', 'comparisons/{treatment}/{mean}/welch_scipy/ciLow', `${LINE}.difference.interval.lower`),
  line('statistic', 'comparisons/{treatment}/{mean}/welch_scipy/ciHigh', `${LINE}.difference.interval.upper`),

  line('statistic', 'comparisons/{treatment}/{tea}/tea_tasting/control', `${LINE}.control.mean`),
  line('statistic', 'comparisons/{treatment}/{tea}/tea_tasting/treatment', `${LINE}.treatment.mean`),
  line('statistic', 'comparisons/{treatment}/{tea}/tea_tasting/difference', `${LINE}.difference.value`),
  line('statistic', 'comparisons/{treatment}/{tea}/tea_tasting/ciLow', `${LINE}.difference.interval.lower`),
  line('statistic', 'comparisons/{treatment}/{tea}/tea_tasting/ciHigh', `${LINE}.difference.interval.upper`),
  line('statistic', 'comparisons/{treatment}/{tea}/tea_tasting/pValue', `${LINE}.difference.pValue`),
  line('statistic', 'comparisons/{treatment}/{tea}/tea_tasting/lift', `${LINE}.log.value`),
  line('statistic', 'comparisons/{treatment}/{tea}/tea_tasting/liftCiLow', `${LINE}.log.interval.lower`),
  line('statistic', 'comparisons/{treatment}/{tea}/tea_tasting/liftCiHigh', `${LINE}.log.interval.upper`),

  line('statistic', 'comparisons/{treatment}/{metric}/gbstats_relative/fixed/lift', `${LINE}.delta.value`),
  line('statistic', 'comparisons/{treatment}/{metric}/gbstats_relative/fixed/ciLow', `${LINE}.delta.interval.lower`),
  line('statistic', 'comparisons/{treatment}/{metric}/gbstats_relative/fixed/ciHigh', `${LINE}.delta.interval.upper`),
  line('statistic', 'comparisons/{treatment}/{metric}/gbstats_relative/fixed/pValue', `${LINE}.delta.pValue`),
  line('exact', 'comparisons/{treatment}/{metric}/gbstats_relative/fixed/error', `${LINE}.delta.unknown`),

  ...CUPED,
  ...SEQUENTIAL,
  ...BAYESIAN,

  line('statistic', 'comparisons/{treatment}/converted/z_pooled_statsmodels/z', (served) => z(served).statistic),
  line('statistic', 'comparisons/{treatment}/converted/z_pooled_statsmodels/pValue', (served) => z(served).pValue),
  line(
    'statistic',
    'comparisons/{treatment}/converted/z_pooled_statsmodels/newcombeLow',
    (served) => newcombe(served).lower,
  ),
  line(
    'statistic',
    'comparisons/{treatment}/converted/z_pooled_statsmodels/newcombeHigh',
    (served) => newcombe(served).upper,
  ),

  line('exact', 'latencyP90/{arm}/n(?:Star)?', (served, part) => latency(served, part).values),
  line('exact', 'latencyP90/{arm}/nu', `${LATENCY_LINE}.metricVersion.definition.quantile`),
  line('sum', 'latencyP90/{arm}/quantile', `${LATENCY_LINE}.{arm}.mean`),
  line('sum', 'latencyP90/{arm}/quantileLower', (served, part) => latency(served, part).lower),
  line('sum', 'latencyP90/{arm}/quantileUpper', (served, part) => latency(served, part).upper),
  line('exact', 'latencyP90/{arm}/nClusters', `${LATENCY_LINE}.{arm}.units`),
  line('exact', 'latencyP90/{arm}/mainSum', (served, part) => latencyClusters(served, part).sums[0]),
  line('exact', 'latencyP90/{arm}/mainSumSq', (served, part) => latencyClusters(served, part).products![0]![0]),
  line('exact', 'latencyP90/{arm}/denSum', (served, part) => latencyClusters(served, part).sums[1]),
  line('exact', 'latencyP90/{arm}/denSumSq', (served, part) => latencyClusters(served, part).products![1]![1]),
  line('exact', 'latencyP90/{arm}/cross_den', (served, part) => latencyClusters(served, part).products![1]![0]),
  line('statistic', `${LATENCY}/fixed/lift`, `${LATENCY_LINE}.delta.value`),
  line('statistic', `${LATENCY}/fixed/ciLow`, `${LATENCY_LINE}.delta.interval.lower`),
  line('statistic', `${LATENCY}/fixed/ciHigh`, `${LATENCY_LINE}.delta.interval.upper`),
  line('statistic', `${LATENCY}/fixed/pValue`, `${LATENCY_LINE}.delta.pValue`),
  line('exact', `${LATENCY}/fixed/error`, `${LATENCY_LINE}.delta.unknown`),
  line('statistic', `${LATENCY}/sequential_N5000/ciLow`, (served) => latencySequence(served).interval.lower),
  line('statistic', `${LATENCY}/sequential_N5000/ciHigh`, (served) => latencySequence(served).interval.upper),
  line('statistic', `${LATENCY}/sequential_N5000/pValue`, (served) => latencySequence(served).pValue),
  line('statistic', `${LATENCY}/bayes_prior_N0_sd03/estimate`, (served) => latencyPosterior(served).mean),
  line('statistic', `${LATENCY}/bayes_prior_N0_sd03/ciLow`, (served) => latencyPosterior(served).interval.lower),
  line('statistic', `${LATENCY}/bayes_prior_N0_sd03/ciHigh`, (served) => latencyPosterior(served).interval.upper),
  line(
    'statistic',
    `${LATENCY}/bayes_prior_N0_sd03/chanceToWin`,
    (served) => latencyPosterior(served).chanceToBeatControl,
  ),
  line(
    'statistic',
    `${LATENCY}/bayes_prior_N0_sd03/risk/0`,
    (served) => latencyPosterior(served).expectedLossOfKeeping,
  ),
  line('statistic', `${LATENCY}/bayes_prior_N0_sd03/risk/1`, (served) => latencyPosterior(served).expectedLoss),

  line('exact', 'multipleTesting/order/{i}/0', (served, { i }) => family(served)[Number(i)]![1]),
  line('exact', 'multipleTesting/order/{i}/1', (served, { i }) => family(served)[Number(i)]![0]),
  line('statistic', 'multipleTesting/p/{i}', (served, part) => adjusted(served, part, 'NONE')),
  line('statistic', 'multipleTesting/bonferroni/{i}', (served, part) => adjusted(served, part, 'BONFERRONI')),
  line('statistic', 'multipleTesting/fdr_bh/{i}', (served, part) => adjusted(served, part, 'BENJAMINI_HOCHBERG')),
  line(
    'statistic',
    'multipleTesting/holm/{i}',
    (served, { i }) => result(served, family(served)[Number(i)]![0]!).adjustedPValue,
  ),
];

/** The configuration, which both readings share. */
export const CONFIGURATION: readonly Line[] = [
  line('exact', 'start', 'startAt'),
  line('exact', 'end', 'endAt'),
  line('exact', 'control', 'variants[isControl=true].key'),
  line('exact', 'variants/{i}', 'variants[{i}].key'),
  line('exact', 'weights/{i}', 'variants[{i}].weight'),
  line('exact', 'preHours', (served) =>
    Number.parseInt(result(served, 'revenue').metricVersion.definition.covariate.lookback, 10),
  ),
  line('exact', 'windowHours', (served) =>
    Number.parseInt(result(served, 'orders').metricVersion.definition.window.length, 10),
  ),
];

/** Expected keys that wait for a later version, and why. Each must be there, so that none is waited for in vain. */
export const STILL_TO_COME: readonly { readonly key: RegExp; readonly why: string }[] = [
  {
    key: /^sufficient\/\w+\/crossProducts\/(5\/[0234678]|[0234678]\/5|[67]\/[1248]|[1248]\/[67])$/,
    why: 'products of different metrics with values before exposure',
  },
  {
    key: /^sufficient\/\w+\/crossProducts\/(?!(\d)\/\1$)([1-48]\/[1-48]|0\/[248]|[248]\/0)$/,
    why: 'products of different metrics, but those of a ratio',
  },
  { key: /^(nullUser|nullTs|rows|duplicateEventRows|usable)$/, why: 'a report on the cleaning of events' },
  { key: /^multipleTesting\/family$/, why: 'a sentence, no number' },
];

/** The served value of a key. */
export function servedAt({ at, key: shape }: Line, key: string, served: Served): unknown {
  const parts = shape.exec(key)!.groups ?? {};
  if (typeof at === 'function') return at(served, parts);
  return atPath(
    served.experiment,
    at.replace(/\{(\w+)\}/g, (_, name: string) => parts[name]!),
  );
}

export const TOLERANCE: Record<Kind, number> = { exact: 0, sum: 1e-9, statistic: 1e-7 };
