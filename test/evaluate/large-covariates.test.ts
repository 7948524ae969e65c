import { beforeAll, describe, expect, test } from 'vitest';
import { covarianceOf } from '../../src/core/moments.ts';
import { Evaluator } from '../../src/evaluate/evaluator.ts';
import type { Runner } from '../../src/evaluate/single-flight.ts';
import type { MomentNeed, MomentsQuestion } from '../../src/plan/question.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import type { CompiledSql } from '../../src/sql/sql.ts';
import { describeOn, type EngineName, serveWrittenOn } from '../support/engines.ts';
import type { TestService } from '../support/service.ts';

const UNITS = 4_000;
/** Spread evenly over [−1, 1), differently for each `factor`; whole numbers over powers of two, the same everywhere. */
const noise = (factor: number) => (i: number) => ((i * factor) % 1024) / 512 - 1;
const [first, second] = [noise(7919), noise(523)];

interface Unit {
  readonly arm: number;
  /** Of the week after the exposure. */
  readonly value: number;
  readonly size: number;
  /** Of the days before; null for every fifth. */
  readonly valueBefore: number | null;
  readonly sizeBefore: number | null;
}

const units: readonly Unit[] = Array.from({ length: UNITS }, (_, i) => {
  const known = i % 5 !== 0;
  return {
    arm: i % 2,
    value: 1e8 + first(i) + second(i) / 2,
    size: 1e6 + second(i),
    valueBefore: known ? 1e8 + first(i) : null,
    sizeBefore: known ? 1e6 + first(i) / 2 : null,
  };
});

const n = (factor: number) => `((i * ${factor}) % 1024) / 512e0 - 1e0`;
const PARQUET = {
  'assignments.parquet': `select 'u' || i as id, case when i % 2 = 0 then 'a' else 'b' end as variant, timestamptz '2026-03-10 00:00:00+00' as happened_at from range(${UNITS}) t(i)`,
  'facts.parquet': `
    select 'u' || i as id, timestamptz '2026-03-11 00:00:00+00' as happened_at, false as early, 1e8 + ${n(7919)} + (${n(523)}) / 2e0 as v, 1e6 + ${n(523)} as s from range(${UNITS}) t(i)
    union all
    select 'u' || i, timestamptz '2026-03-08 00:00:00+00', true, 1e8 + ${n(7919)}, 1e6 + (${n(7919)}) / 2e0 from range(${UNITS}) t(i) where i % 5 <> 0`,
};

const CATALOG = `
engine: { kind: duckdb }
sources:
  assignments: { kind: assignments, file: assignments.parquet, unit: id, variant: variant, timestamp: happened_at }
  facts: { kind: facts, file: facts.parquet, unit: id, timestamp: happened_at }
metrics:
  both_large: { type: mean, source: facts, value: { column: v }, window: { length: 7d }, covariate: { lookback: 7d, missing: indicator } }
  small_after: { type: mean, source: facts, value: { column: "case when early then v else v - 100000000 end" }, window: { length: 7d }, covariate: { lookback: 7d, missing: indicator } }
  capped: { type: mean, source: facts, value: { column: v }, window: { length: 7d }, cap: { upper: { percentile: 0.75 } }, covariate: { lookback: 7d, missing: indicator } }
  ratio: { type: ratio, source: facts, numerator: { column: v }, denominator: { column: s }, window: { length: 7d }, covariate: { lookback: 7d } }
experiments:
  precise: { assignments: assignments, start: 2026-03-01T00:00:00Z, end: 2026-03-20T00:00:00Z, variants: { a: { control: true }, b: {} }, goals: [both_large, small_after, capped, ratio] }
`;

/** In two passes about a rough centre: exact where the textbook's formula has no digit left. */
function covariance(a: readonly number[], b: readonly number[]): number {
  const centred = (values: readonly number[]) => {
    const shifted = values.map((value) => value - values[0]!);
    const centre = shifted.reduce((sum, value) => sum + value, 0) / shifted.length;
    return shifted.map((value) => value - centre);
  };
  const [x, y] = [centred(a), centred(b)];
  return x.reduce((sum, value, i) => sum + value * y[i]!, 0) / (a.length - 1);
}

/** Linear interpolation, of all arms. */
function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = p * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  return below + (sorted[Math.ceil(place)]! - below) * (place - Math.floor(place));
}

const missing = ({ valueBefore }: Unit) => (valueBefore === null ? 1 : 0);
const known = units.flatMap(({ valueBefore }) => valueBefore ?? []);
const [CAP, CAP_BEFORE] = [
  percentile(
    units.map(({ value }) => value),
    0.75,
  ),
  percentile(known, 0.75),
];

/** The variables of each metric's joint moments; `none`: what stands for a missing value where an indicator tells it. */
const VARIABLES: Readonly<Record<string, readonly ((unit: Unit, none: number) => number)[]>> = {
  both_large: [({ value }) => value, ({ valueBefore }, none) => valueBefore ?? none, missing],
  small_after: [({ value }) => value - 1e8, ({ valueBefore }, none) => valueBefore ?? none, missing],
  capped: [
    ({ value }) => Math.min(value, CAP),
    ({ valueBefore }, none) => (valueBefore === null ? none : Math.min(valueBefore, CAP_BEFORE)),
    missing,
  ],
  ratio: [
    ({ value }) => value,
    ({ size }) => size,
    ({ valueBefore }) => valueBefore ?? 0,
    ({ sizeBefore }) => sizeBefore ?? 0,
  ],
};

const services = new Map<EngineName, Promise<TestService>>();
const serviceOn = (engine: EngineName): Promise<TestService> => {
  const service =
    services.get(engine) ?? serveWrittenOn(engine, { catalog: CATALOG, parquet: PARQUET }, '2026-06-01T00:00:00Z');
  services.set(engine, service);
  return service;
};

function question(service: TestService, metric: string, needs: readonly MomentNeed[]): MomentsQuestion {
  const catalog = service.catalog();
  return {
    kind: 'moments',
    population: { experiment: catalog.experiments.get('precise')!, where: null, asOf: '2026-06-01T00:00:00.000000Z' },
    metric: catalog.metrics.get(metric)!.versions.at(-1)!,
    maturity: 'REQUIRED',
    sliceBy: [],
    slices: [],
    needs,
    pivots: null,
  };
}

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    beforeAll(() => serviceOn(engine).then(() => {}));

    test.each(Object.keys(VARIABLES))(
      '%s: values of 1e8 that spread by 1 keep their covariances to 1e-6',
      async (name) => {
        const service = await serviceOn(engine);
        const evaluator = new Evaluator({
          catalog: service.catalog(),
          dialect: DIALECTS[service.engine.dialect],
          runner: service.runner,
        });
        const arms = await evaluator.ask(question(service, name, ['products', 'covariates']));
        expect(arms).toHaveLength(2);
        for (const { variant, joint } of arms) {
          const own = units.filter(({ arm }) => arm === (variant === 'a' ? 0 : 1));
          const none = joint!.moments.pivots;
          const values = VARIABLES[name]!.map((variable, i) => own.map((unit) => variable(unit, none[i]!)));
          expect(joint!.unitsWithCovariate).toBe(own.filter(({ valueBefore }) => valueBefore !== null).length);
          expect(joint!.moments.pivots).toHaveLength(values.length);
          const told = (i: number, j: number) => covarianceOf(joint!.moments, i, j);
          const right = (i: number, j: number) => covariance(values[i]!, values[j]!);
          for (const i of values.keys())
            for (const j of values.keys()) {
              const scale = Math.sqrt(right(i, i) * right(j, j));
              expect(Math.abs(told(i, j) - right(i, j)) / scale, `${i}, ${j}`).toBeLessThan(1e-6);
            }
        }
      },
    );
  });

describe('questions with and without covariates in one request', () => {
  const asking = async (...needs: readonly (readonly MomentNeed[])[]) => {
    const service = await serviceOn('DuckDB');
    const ran: CompiledSql[] = [];
    const runner: Runner = {
      run: (statement, options) => {
        ran.push(statement);
        return service.runner.run(statement, options);
      },
    };
    const evaluator = new Evaluator({ catalog: service.catalog(), dialect: DIALECTS.DUCKDB, runner });
    const answers = await Promise.all(needs.map((need) => evaluator.ask(question(service, 'both_large', need))));
    return { ran, answers };
  };

  test('a narrower question after a wider one is answered by it', async () => {
    const { ran, answers } = await asking(['products', 'covariates'], ['products']);
    expect(ran).toHaveLength(2); // about no pivot, and about one
    expect(answers[1]).toBe(answers[0]);
  });

  test('a wider question after a narrower one: one statement for both, about the same pivots', async () => {
    const { ran, answers } = await asking(['products'], ['products', 'covariates']);
    expect(ran).toHaveLength(2);
    expect(answers[0]!.map(({ moments }) => moments)).toEqual(answers[1]!.map(({ moments }) => moments));
    expect(answers[1]![0]!.joint!.moments.pivots.every((pivot) => pivot !== 0)).toBe(true);
  });
});
