import { beforeAll, describe, expect, test } from 'vitest';
import { Evaluator } from '../../src/evaluate/evaluator.ts';
import type { Answers } from '../../src/plan/answer.ts';
import type { Filter, FilterOperator } from '../../src/plan/filter.ts';
import type { MomentsQuestion, Population, Question } from '../../src/plan/question.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import { describeOn, serveWrittenOn } from '../support/engines.ts';
import type { TestService } from '../support/service.ts';

const NOW = '2026-12-01T00:00:00Z';
const AS_OF = '2026-12-01T00:00:00.000000Z';

/** Texts that SQL, JSON, LIKE or a regular expression might take for something else; three units have each. */
const TEXTS = [
  "it's",
  "''",
  '"quoted"',
  'back\\slash',
  '\\',
  '100%',
  '%',
  'under_score',
  '_',
  'underXscore',
  "'; drop table x; --",
  '/* c */',
  '{{x}}',
  '$1',
  '?',
  ':x',
  'line\nbreak',
  ' tab\t',
  'é',
  'e\u0301',
  'ÜBER',
  'über',
  '中文',
  '😀',
  'null',
  '{"a": [1]}',
  '[.*]',
] as const;

/** First exposures about the two changes of the clock of 2026 in Berlin, and the day that each belongs to there. */
const CLOCK = [
  ['2026-03-28T22:59:59.999999Z', '2026-03-28', '2026-03-23'],
  ['2026-03-28T23:00:00.000000Z', '2026-03-29', '2026-03-23'],
  ['2026-03-29T00:59:59.999999Z', '2026-03-29', '2026-03-23'],
  ['2026-03-29T01:00:00.000000Z', '2026-03-29', '2026-03-23'],
  ['2026-03-29T21:59:59.999999Z', '2026-03-29', '2026-03-23'],
  ['2026-03-29T22:00:00.000000Z', '2026-03-30', '2026-03-30'],
  ['2026-10-24T21:59:59.999999Z', '2026-10-24', '2026-10-19'],
  ['2026-10-24T22:00:00.000000Z', '2026-10-25', '2026-10-19'],
  ['2026-10-25T00:30:00.000000Z', '2026-10-25', '2026-10-19'],
  ['2026-10-25T01:30:00.000000Z', '2026-10-25', '2026-10-19'],
  ['2026-10-25T22:59:59.999999Z', '2026-10-25', '2026-10-19'],
  ['2026-10-25T23:00:00.000000Z', '2026-10-26', '2026-10-26'],
] as const;

const DIMENSIONS = [
  'label',
  'account',
  'score',
  'share',
  'odd',
  'price',
  'member',
  'born',
  'joined',
  'seen_first',
  'session',
];

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const values = (rows: readonly (readonly string[])[], columns: string) =>
  `select * from (values ${rows.map((row) => `(${row.join(', ')})`).join(', ')}) as v(${columns})`;
const experiment = (assignments: string, metrics: readonly string[] = []) =>
  `{ assignments: ${assignments}, timezone: Europe/Berlin, start: 2026-03-01T00:00:00Z, end: 2026-11-01T00:00:00Z, variants: { control: { control: true }, treatment: {} }, diagnostics: [${metrics.join(', ')}] }`;
const assigned = (file: string, more = '') =>
  `{ kind: assignments, file: ${file}.parquet, unit: user_id, variant: variant, timestamp: seen_at${more} }`;
const facts = (file: string, timestamp: string) =>
  `{ kind: facts, file: ${file}.parquet, unit: user_id, timestamp: ${timestamp} }`;

const PARQUET = {
  'labelled.parquet': `select * exclude (n) from (${values(
    TEXTS.flatMap((text, i) => [0, 1, 2].map((j) => [String(3 * i + j), quoted(text)])),
    'n, label',
  )}) as l, (select n as m, 'u' || n as user_id, case when n % 3 = 0 then 'control' else 'treatment' end as variant,
    timestamp '2026-03-02 00:00:00' as seen_at, 9007199254740992 + n % 3 as account,
    (n % 3 / 10)::real as score, (n % 5 / 3)::double as share, case when n % 4 < 3 then n % 4 / 10 else 'nan'::double end as odd,
    (n % 3 + 0.1)::decimal(10,2) as price, n % 2 = 0 as member, date '2026-03-28' + (n % 3)::integer as born,
    timestamp '2026-03-28 23:59:59.999999' + to_microseconds(n % 3) as joined, timestamptz '2026-10-25 00:30:00.5+00' + to_hours(n % 3) as seen_first,
    case when n % 3 > 0 then ('00000000-0000-0000-0000-00000000000' || n % 3)::uuid end as session from range(${3 * TEXTS.length}) as r(n)) as u where n = m`,
  'clock.parquet': values(
    CLOCK.map(([at], i) => [quoted(`u${i}`), quoted('control'), `timestamptz ${quoted(at)}`]),
    'user_id, variant, seen_at',
  ),
  // Units as Postgres likes them. u7 is exposed three times; its first country is not known.
  'typed.parquet': `select ('00000000-0000-0000-0000-00000000000' || n)::uuid as user_id, case when n % 2 = 0 then 'control' else 'treatment' end as variant,
    timestamp '2026-03-02 00:00:00' + to_seconds(coalesce(again, 0)) as seen_at, case when again is null and n = 7 then null else 'DE' end as country
    from range(10) as r(n) left join (values (7, null), (7, 60), (7, 3600)) as a(m, again) on n = m`,
  // One sound event a unit, at noon of the day after, by columns of every type that a time may have.
  'times.parquet': `select ('00000000-0000-0000-0000-00000000000' || n)::uuid as user_id, '2026-03-03 12:00:00'::timestamp as at_bare,
    '2026-03-03 12:00:00+00'::timestamptz as at_zoned, date '2026-03-03' as at_date,
    ['2026-03-03T12:00:00Z', '2026-03-03T14:00:00+02:00', '2026-03-03 14:00:00+0200', '2026-03-03 12:00:00', '2026-03-03T07:00:00.000-05:00', '2026-03-03', '2026-03-03 12:00:00.000001 UTC', 'n/a', '', null][n + 1] as at_text,
    n::decimal(10,2) / 4 as price, (n / 4)::real as weight, n::integer as pieces, n % 2 = 0 as paid,
    case n when 1 then 'nan' when 2 then 'inf' when 3 then '-inf' else '1.5' end::double as amount,
    [' 12.5 ', '1e2', '-3', 'NaN', 'Infinity', 'abc', '', '1,5', null, '.5'][n + 1] as said,
    ['5d', '0x1p3', '1_000', '0x10', '5f', '1e', '+5', '5.', '٥', '--1'][n + 1] as lookalike
    from range(10) as r(n)`,
};

const METRICS: Readonly<Record<string, readonly [yaml: string, control: number, treatment: number]>> = {
  by_bare: ['source: bare, value: {}', 5, 5],
  by_zoned: ['source: zoned, value: {}', 5, 5],
  by_date: ['source: date, value: {}', 5, 5],
  by_text: ['source: text, value: {}', 4, 3],
  price: ['source: bare, value: { column: price }', 5, 6.25],
  weight: ['source: bare, value: { column: weight }', 5, 6.25],
  pieces: ['source: bare, value: { column: pieces }', 20, 25],
  products: ['source: bare, value: { column: "price * pieces" }', 30, 41.25],
  paid: ['source: bare, value: { column: "case when paid then 1 else 0 end" }', 5, 0],
  amount: ['source: bare, value: { column: amount }', 6, 4.5],
  said: ['source: bare, value: { column: said, min: 0 }', 9.5, 100.5],
  // What only some engines read as numbers is none.
  lookalike: ['source: bare, value: { column: lookalike }', 5, 5],
};
/** Rows of a column that hold no finite number, and those below the minimum. */
const FAULTY = { amount: [1, 2, 0, 0], said: [2, 3, 1, 0], lookalike: [4, 4, 0, 0] } as const;

const CATALOG = `
engine: { kind: duckdb }
sources:
  labelled: ${assigned('labelled', `, dimensions: { ${DIMENSIONS.map((name) => `${name}: {}`).join(', ')} }`)}
  clock: ${assigned('clock')}
  typed: ${assigned('typed', ', dimensions: { country: {} }')}
${['bare', 'zoned', 'date', 'text'].map((type) => `  ${type}: ${facts('times', `at_${type}`)}`).join('\n')}
metrics:
${Object.entries(METRICS)
  .map(([name, [yaml]]) => `  ${name}: { type: mean, ${yaml}, window: { length: 7d } }`)
  .join('\n')}
experiments:
  labelled: ${experiment('labelled')}
  clock: ${experiment('clock')}
  typed: ${experiment('typed', Object.keys(METRICS))}
`;

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    let service: TestService;
    beforeAll(async () => {
      service = await serveWrittenOn(engine, { catalog: CATALOG, parquet: PARQUET }, NOW);
    });

    const population = (key: string, where: Filter | null = null): Population => ({
      experiment: service.catalog().experiments.get(key)!,
      where,
      asOf: AS_OF,
    });
    const momentsOf = (key: string, metric: string, more: Partial<MomentsQuestion>): MomentsQuestion => ({
      kind: 'moments',
      population: population(key),
      metric: service.catalog().metrics.get(metric)!.versions.at(-1)!,
      maturity: 'REQUIRED',
      sliceBy: [],
      slices: [],
      needs: [],
      pivots: null,
      ...more,
    });
    function ask<Q extends Question>(questions: readonly Q[]): Promise<readonly Answers[Q['kind']][]> {
      const { engine: opened, runner, catalog } = service;
      const evaluator = new Evaluator({ catalog: catalog(), dialect: DIALECTS[opened.dialect], runner });
      return Promise.all(questions.map((question) => evaluator.ask(question)));
    }
    const unitsBy = async (grain: 'HOUR' | 'DAY' | 'WEEK') => {
      const [counts] = await ask([{ kind: 'exposures', population: population('clock'), grain }]);
      return counts!.map(({ period, units }) => [period, units]);
    };
    const tally = (periods: readonly string[]) =>
      [...new Set(periods)].map((period) => [period, periods.filter((one) => one === period).length]);

    describe('texts that are special elsewhere', () => {
      test('are slices under their own names', async () => {
        const [counts] = await ask([
          { kind: 'slices', population: population('labelled'), sliceBy: ['label'], limit: 50 },
        ]);
        const units = new Map<string | null, number>();
        for (const {
          values: [label],
          units: more,
        } of counts!.map((one) => ({ ...one, values: one.values! })))
          units.set(label!, (units.get(label!) ?? 0) + more);
        expect(units).toEqual(new Map(TEXTS.map((text) => [text, 3])));
      });

      const fits: Readonly<Record<string, (text: string, first: string, wanted: readonly string[]) => boolean>> = {
        EQ: (text, first) => text === first,
        NE: (text, first) => text !== first,
        IN: (text, _, wanted) => wanted.includes(text),
        NOT_IN: (text, _, wanted) => !wanted.includes(text),
        CONTAINS: (text, first) => text.includes(first),
        STARTS_WITH: (text, first) => text.startsWith(first),
      };
      const tests: readonly { readonly operator: FilterOperator; readonly wanted: readonly string[] }[] = [
        ...["it's", "'; drop table x; --", 'back\\slash', 'line\nbreak', 'é'].map((text) => ({
          operator: 'EQ' as const,
          wanted: [text],
        })),
        { operator: 'NE', wanted: ['😀'] },
        { operator: 'IN', wanted: TEXTS.slice(0, 20) },
        { operator: 'NOT_IN', wanted: TEXTS.slice(5) },
        ...['%', '_', '\\', "'", 'b'].map((text) => ({ operator: 'CONTAINS' as const, wanted: [text] })),
        ...['"', '[.', 'under_'].map((text) => ({ operator: 'STARTS_WITH' as const, wanted: [text] })),
      ];
      test.concurrent.each(tests)('are found as they are: $operator $wanted', async ({ operator, wanted }) => {
        const where: Filter = { kind: 'test', dimension: 'label', operator, values: wanted };
        const [counts] = await ask([{ kind: 'assignments', population: population('labelled', where) }]);
        expect(counts!.reduce((sum, { units }) => sum + units, 0)).toBe(
          3 * TEXTS.filter((text) => fits[operator]!(text, wanted[0]!, wanted)).length,
        );
      });

      test('and whole numbers that a double cannot tell apart', async () => {
        const [counts] = await ask([
          { kind: 'slices', population: population('labelled'), sliceBy: ['account'], limit: 50 },
        ]);
        expect(new Set(counts!.map(({ values: of, units }) => `${of} ${units}`))).toEqual(
          new Set(['9007199254740992', '9007199254740993', '9007199254740994'].map((of) => `${of} ${TEXTS.length}`)),
        );
      });
    });

    test.concurrent.each(DIMENSIONS)(
      'slices by %s are found again under the names that they were given',
      async (name) => {
        const sliceBy = [name];
        const [counts] = await ask([{ kind: 'slices', population: population('labelled'), sliceBy, limit: 50 }]);
        const slices = [...new Map(counts!.map(({ values: of }) => [JSON.stringify(of), of!])).values()];
        const [arms] = await ask([momentsOf('labelled', 'by_bare', { sliceBy, slices })]);
        const found = arms!.map(({ slice, variant, exposed }) => [slices[slice] ?? 'the rest', variant, exposed]);
        const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
        expect(slices.length).toBeGreaterThan(1);
        expect(sorted(found)).toEqual(sorted(counts!.map(({ values: of, variant, units }) => [of, variant, units])));
      },
    );

    describe('the days on which the clock is changed', () => {
      test('are days of the zone', async () => {
        expect(await unitsBy('DAY')).toEqual(tally(CLOCK.map(([, day]) => day)));
      });

      test('and so are the weeks', async () => {
        expect(await unitsBy('WEEK')).toEqual(tally(CLOCK.map(([, , week]) => week)));
      });

      test('hours are those of UTC, so that the hour that comes twice is two', async () => {
        expect(await unitsBy('HOUR')).toEqual(tally(CLOCK.map(([at]) => `${at.slice(0, 13)}:00:00Z`)));
      });
    });

    test('values and times of every type', async () => {
      const names = Object.keys(METRICS);
      const answers = await ask(names.map((name) => momentsOf('typed', name, { needs: ['products', 'quality'] })));
      const found = Object.fromEntries(
        answers.map((arms, i) => {
          const of = (variant: string) => arms.find((arm) => arm.variant === variant)!;
          const [control, treatment] = [of('control'), of('treatment')];
          const quality = [control, treatment].map(({ invalidRows }) => invalidRows!);
          const below = [control, treatment].map(({ rowsBelowMinimum }) => rowsBelowMinimum ?? 0);
          return [
            names[i],
            {
              units: [control.exposed, treatment.exposed],
              sums: [control.moments.sums[0], treatment.moments.sums[0]],
              faulty: [...quality, ...below],
            },
          ];
        }),
      );
      expect(found).toEqual(
        Object.fromEntries(
          Object.entries(METRICS).map(([name, [, control, treatment]]) => [
            name,
            { units: [5, 5], sums: [control, treatment], faulty: FAULTY[name as keyof typeof FAULTY] ?? [0, 0, 0, 0] },
          ]),
        ),
      );
    });

    test('of a unit that was exposed again, the first exposure counts, also where its dimension is not known', async () => {
      const where: Filter = { kind: 'test', dimension: 'country', operator: 'IS_NULL', values: [] };
      const [counts] = await ask([{ kind: 'assignments', population: population('typed', where) }]);
      expect(counts!.map(({ variant, rows, units }) => ({ variant, rows, units }))).toEqual([
        { variant: 'treatment', rows: 3, units: 1 },
      ]);
    });
  });
