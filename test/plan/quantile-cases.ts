import { Evaluator } from '../../src/evaluate/evaluator.ts';
import type { ArmMoments } from '../../src/plan/answer.ts';
import type { Filter } from '../../src/plan/filter.ts';
import type { MomentsQuestion } from '../../src/plan/question.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import { type EngineName, serveWrittenOn } from '../support/engines.ts';
import type { TestService } from '../support/service.ts';
import { type PlainArm, type PlainQuestion, quantilesBy } from './quantile-reference.ts';
import {
  APPROXIMATE,
  type ApproximateName,
  type ExperimentKey,
  makeQuantileWorld,
  type OtherName,
  type PlainQuantile,
  QUANTILE_CATALOG,
  QUANTILES,
  type QuantileName,
  quantileTables,
} from './quantile-world.ts';

export const world = makeQuantileWorld();
const LATE = '2026-12-01T00:00:00Z';
const EARLY = '2026-03-30T12:00:00Z';
const PLAIN = { ...QUANTILES, ...APPROXIMATE };
const EVERY = Object.keys(QUANTILES) as readonly QuantileName[]; // its own keys

type MetricName = QuantileName | ApproximateName | OtherName;

export interface Case extends Partial<Omit<PlainQuestion, 'metric' | 'experiment' | 'asOf' | 'where'>> {
  readonly name: string;
  readonly metrics: readonly (QuantileName | ApproximateName)[];
  readonly beside?: readonly OtherName[];
  readonly experiments?: readonly ExperimentKey[];
  readonly asOf?: string;
  /** Only units of these countries. */
  readonly countries?: readonly string[];
}

const SLICES = ['DE', null, 'JP'] as const;
export const CASES: readonly Case[] = [
  { name: 'of events', metrics: ['p95'] },
  { name: 'of units, zeros counted', metrics: ['total_p75'] },
  { name: 'of units with a value', metrics: ['average_p50'] },
  { name: 'several of the same values', metrics: ['p95', 'p50', 'p57', 'p05_open'] },
  { name: 'all at once, with what else can be asked', metrics: EVERY, needs: ['products', 'values', 'quality'] },
  { name: 'without their uncertainty', metrics: EVERY, needs: [] },
  { name: 'too few values, one value, none', metrics: ['p90_rare', 'p90_alone'], experiments: ['carts'] },
  { name: 'sliced', metrics: EVERY, slices: SLICES },
  { name: 'filtered', metrics: EVERY, countries: ['DE', 'FR'] },
  { name: 'in the midst, mature units', metrics: EVERY, asOf: EARLY },
  { name: 'in the midst, all units', metrics: EVERY, asOf: EARLY, maturity: 'ALL' },
  { name: 'the first of several variants', metrics: ['p95', 'total_p75'], first: true },
  { name: 'of several experiments', metrics: EVERY, experiments: ['pages', 'carts'] },
  {
    name: 'of several experiments, sliced and filtered, in the midst',
    ...{ metrics: EVERY, experiments: ['pages', 'carts'], slices: SLICES, countries: ['DE', 'US', 'JP'], asOf: EARLY },
  },
  { name: 'beside a mean and a ratio', metrics: ['p95', 'total_p75'], beside: ['spent', 'per_load', 'bought'] },
  {
    name: 'beside metrics that are capped by the data',
    ...{ metrics: EVERY, beside: ['spent', 'spent_capped', 'spent_cut', 'per_load'], slices: SLICES },
  },
  {
    name: 'beside capped metrics, filtered, of several experiments',
    ...{ metrics: ['p95', 'loads_p60'], beside: ['spent_capped', 'per_load'], countries: ['DE', 'FR'] },
    experiments: ['pages', 'carts'],
  },
];

const BUCKETED = Object.keys(APPROXIMATE) as readonly ApproximateName[]; // its own keys
export const APPROXIMATE_CASES: readonly Case[] = [
  { name: 'by buckets', metrics: BUCKETED, needs: ['products', 'values', 'quality'] },
  { name: 'by buckets, without their uncertainty', metrics: BUCKETED, needs: [] },
  { name: 'by buckets, sliced and filtered', metrics: BUCKETED, slices: SLICES, countries: ['DE', 'US', 'JP'] },
  { name: 'by buckets, in the midst', metrics: BUCKETED, asOf: EARLY },
  {
    name: 'by buckets, of several experiments, beside others',
    ...{ metrics: ['p95_by_buckets', 'p95', 'total_p75_by_buckets'], beside: ['spent_capped'] },
    experiments: ['pages', 'carts'],
  },
];

const services = new Map<EngineName, Promise<TestService>>();
export function serviceOn(engine: EngineName): Promise<TestService> {
  const service =
    services.get(engine) ??
    serveWrittenOn(engine, { catalog: QUANTILE_CATALOG(), parquet: quantileTables(world) }, LATE);
  services.set(engine, service);
  return service;
}

const where = (countries: readonly string[]): Filter => ({
  kind: 'test',
  dimension: 'country',
  operator: 'IN',
  values: countries,
});

function questionsOf(service: TestService, one: Case, names: readonly MetricName[]) {
  const catalog = service.catalog();
  const { experiments = ['pages'], needs = ['products'], maturity = 'REQUIRED', slices = null, first } = one;
  return experiments.flatMap((key) =>
    names.map(
      (name): MomentsQuestion => ({
        kind: 'moments',
        population: {
          experiment: { ...catalog.experiments.get(key)!, ...(first ? { multiExposure: 'first' } : {}) },
          where: one.countries === undefined ? null : where(one.countries),
          asOf: (one.asOf ?? LATE).replace('Z', '.000000Z'),
        },
        metric: catalog.metrics.get(name)!.versions[0]!,
        maturity,
        sliceBy: slices === null ? [] : ['country'],
        slices: slices?.map((country) => [country]) ?? [],
        needs: name === 'spent_capped' ? [...needs, 'capping'] : needs,
        pivots: null,
      }),
    ),
  );
}

/** Answers of one statement, in the order of the questions. */
export async function answersOn(engine: EngineName, one: Case, names: readonly MetricName[]) {
  const service = await serviceOn(engine);
  const { catalog, engine: opened, runner } = service;
  const evaluator = new Evaluator({ catalog: catalog(), dialect: DIALECTS[opened.dialect], runner });
  const answers = await Promise.all(questionsOf(service, one, names).map((question) => evaluator.ask(question)));
  return { answers, statements: evaluator.statements };
}

const asked = new Map<string, ReturnType<typeof answersOn>>();
export function together(engine: EngineName, one: Case): ReturnType<typeof answersOn> {
  const key = `${engine} ${one.name}`;
  const found = asked.get(key) ?? answersOn(engine, one, [...one.metrics, ...(one.beside ?? [])]);
  asked.set(key, found);
  return found;
}

export function expectedOf(one: Case): readonly (readonly PlainArm[])[] {
  const { experiments = ['pages'], needs = ['products'], maturity = 'REQUIRED', slices = null, first = false } = one;
  return experiments.flatMap((experiment) =>
    one.metrics.map((name) => {
      const metric: PlainQuantile = PLAIN[name];
      const countries = one.countries;
      return quantilesBy(world, {
        ...{ experiment, metric, asOf: Date.parse(one.asOf ?? LATE), maturity, slices, first, needs },
        where: countries === undefined ? null : (country) => country !== null && countries.includes(country),
      });
    }),
  );
}

export const byArm = <T extends { readonly variant: string; readonly slice: number }>(arms: readonly T[]) =>
  arms.toSorted((a, b) => (`${a.variant} ${a.slice}` < `${b.variant} ${b.slice}` ? -1 : 1));

const asksQuality = ({ needs = [] }: Case) => needs.includes('quality');

export function shown(
  { variant, slice, exposed, moments, order, invalidRows, rowsBelowMinimum }: ArmMoments,
  one: Case,
) {
  const faults = asksQuality(one) ? { invalidRows, rowsBelowMinimum } : {};
  return { variant, slice, exposed, units: moments.units, order, ...faults };
}

export function expectedShown({ invalidRows, rowsBelowMinimum, ...arm }: PlainArm, one: Case) {
  return { ...arm, ...(asksQuality(one) ? { invalidRows, rowsBelowMinimum } : {}) };
}
