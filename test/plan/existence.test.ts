import { beforeAll, expect, test } from 'vitest';
import { Evaluator } from '../../src/evaluate/evaluator.ts';
import type { MomentsQuestion } from '../../src/plan/question.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import { describeOn, type EngineName, serveWrittenOn } from '../support/engines.ts';
import type { TestService } from '../support/service.ts';

const MINUTE = 60_000_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** The experiment's start, at which all units are exposed; times are microseconds from it. */
const START = Date.UTC(2026, 2, 1);
const END = 10 * DAY;
const AS_OF = 20 * DAY;

interface Click {
  readonly after: number;
  /** Absent: as the search. */
  readonly query?: string | null;
  readonly kind?: string;
}

interface Case {
  readonly name: string;
  /** When the search was. */
  readonly at: number;
  readonly query?: string | null;
  readonly clicks: readonly Click[];
  readonly found: boolean;
  /** Of the metric without a window, whose rows end with the experiment; absent: the same. */
  readonly openFound?: boolean;
}

const click = (after: number, rest: Partial<Click> = {}): Click => ({ after, ...rest });
const WITHIN = 30 * MINUTE;
/** Time is looked at in pieces of half an hour since 1970. */
const PIECE = HOUR;

const CASES: readonly Case[] = [
  { name: 'at the same instant', at: HOUR + 7, clicks: [click(0)], found: true },
  { name: 'a microsecond before', at: HOUR + 7, clicks: [click(-1)], found: false },
  { name: 'a microsecond after', at: HOUR + 7, clicks: [click(1)], found: true },
  { name: 'just in time', at: HOUR + 7, clicks: [click(WITHIN)], found: true },
  { name: 'a microsecond late', at: HOUR + 7, clicks: [click(WITHIN + 1)], found: false },
  { name: 'just in time, from the start of a piece', at: PIECE, clicks: [click(WITHIN)], found: true },
  { name: 'late, from the start of a piece', at: PIECE, clicks: [click(WITHIN + 1)], found: false },
  { name: 'from the end of a piece', at: PIECE - 1, clicks: [click(1)], found: true },
  { name: 'late, from the end of a piece', at: PIECE - 1, clicks: [click(WITHIN + 1)], found: false },
  { name: 'before and too late', at: HOUR + MINUTE, clicks: [click(-1), click(40 * MINUTE)], found: false },
  { name: 'before and in time', at: HOUR + MINUTE, clicks: [click(-1), click(10 * MINUTE)], found: true },
  { name: 'before and in the next piece', at: HOUR + 29 * MINUTE, clicks: [click(-1), click(9 * MINUTE)], found: true },
  {
    name: 'the earliest of the next piece is in time',
    at: HOUR + MINUTE,
    clicks: [click(30 * MINUTE), click(50 * MINUTE)],
    found: true,
  },
  { name: 'no click', at: HOUR, clicks: [], found: false },
  { name: 'another query', at: HOUR, clicks: [click(1, { query: 'another' })], found: false },
  { name: 'no query', at: HOUR, query: null, clicks: [click(1)], found: false },
  { name: 'an empty query', at: HOUR, query: '', clicks: [click(1)], found: false },
  { name: 'not a click that counts', at: HOUR, clicks: [click(1, { kind: 'ad' })], found: false },
  {
    name: 'after the end of the experiment',
    at: END - MINUTE,
    clicks: [click(2 * MINUTE)],
    found: true,
    openFound: false,
  },
  { name: 'at the end of the experiment', at: END - MINUTE, clicks: [click(MINUTE)], found: true, openFound: false },
  { name: 'before the end of the experiment', at: END - MINUTE, clicks: [click(MINUTE - 1)], found: true },
  { name: 'before the exposure, and found before it', at: -HOUR, clicks: [click(MINUTE)], found: true },
  { name: 'before the exposure, and found after it', at: -MINUTE, clicks: [click(2 * MINUTE)], found: false },
  { name: 'before the exposure, and could be found at it', at: -WITHIN, clicks: [click(1)], found: false },
  { name: 'before the exposure, and found just in time', at: -WITHIN - 1, clicks: [click(WITHIN)], found: true },
];

const instant = (at: number) =>
  `timestamp '${new Date(START + Math.floor(at / 1000)).toISOString().slice(0, 23).replace('T', ' ')}' + interval '${((at % 1000) + 1000) % 1000}' microsecond`;
const text = (value: string | null) => (value === null ? 'null::varchar' : `'${value}'`);
const table = (columns: string, rows: readonly string[]) =>
  `select * from (values ${rows.map((row) => `(${row})`).join(', ')}) as t (${columns})`;
const queryOf = ({ query }: Case, i: number) => (query === undefined ? `q${i}` : query);

const PARQUET = {
  'assignments.parquet': table(
    'user_id, variant, name, assigned_at',
    CASES.map(({ name }, i) => `${i}::bigint, '${i % 2 === 0 ? 'control' : 'treatment'}', '${name}', ${instant(0)}`),
  ),
  'searches.parquet': table(
    'user_id, query, searched_at',
    CASES.map((one, i) => `${i}::bigint, ${text(queryOf(one, i))}, ${instant(one.at)}`),
  ),
  'clicks.parquet': table(
    'search, kind, clicked_at',
    CASES.flatMap((one, i) =>
      one.clicks.map(
        ({ after, query = queryOf(one, i), kind = 'result' }) =>
          `${text(query)}, '${kind}', ${instant(one.at + after)}`,
      ),
    ),
  ),
};

const FOUND = `type: mean, source: searches, value: { exists: { source: clicks, on: { query: search }, within: 30m, where: "kind = 'result'" } }`;
const CATALOG = `
engine: { kind: duckdb }
sources:
  assignments: { kind: assignments, file: assignments.parquet, unit: user_id, variant: variant, timestamp: assigned_at, dimensions: { name: {} } }
  searches: { kind: facts, file: searches.parquet, unit: user_id, timestamp: searched_at }
  clicks: { kind: facts, file: clicks.parquet, unit: search, timestamp: clicked_at }
metrics:
  found: { ${FOUND}, window: { length: 12d }, covariate: { lookback: 7d } }
  open_found: { ${FOUND} }
  any_time: { type: mean, source: searches, value: { exists: { source: clicks, on: { query: search } } } }
experiments:
  search:
    start: 2026-03-01T00:00:00Z
    end: 2026-03-11T00:00:00Z
    variants: { control: {}, treatment: {} }
    diagnostics: [found, open_found, any_time]
`;

for (const engine of ['DuckDB', 'Trino'] as readonly EngineName[])
  describeOn(engine, () => {
    let service: TestService;
    beforeAll(async () => {
      service = await serveWrittenOn(engine, { catalog: CATALOG, parquet: PARQUET }, '2026-06-01T00:00:00Z');
    });

    /** What each case counts as: in its window, without one, and before the exposure. */
    async function counted(metrics: readonly string[], asOf: number): Promise<ReadonlyMap<string, readonly unknown[]>> {
      const catalog = service.catalog();
      const evaluator = new Evaluator({ catalog, dialect: DIALECTS[service.engine.dialect], runner: service.runner });
      const questions = metrics.map(
        (name): MomentsQuestion => ({
          kind: 'moments',
          population: {
            experiment: catalog.experiments.get('search')!,
            where: null,
            asOf: `${new Date(START + asOf / 1000).toISOString().slice(0, 19)}.000000Z`,
          },
          metric: catalog.metrics.get(name)!.versions[0]!,
          maturity: 'REQUIRED',
          sliceBy: ['name'],
          slices: CASES.map((one) => [one.name]),
          needs: ['covariates'],
          pivots: null,
        }),
      );
      const answers = await Promise.all(questions.map((question) => evaluator.ask(question)));
      return new Map(
        CASES.map(({ name }, i) => [
          name,
          answers.flatMap((answer) => {
            const { moments, joint } = answer.find(({ slice }) => slice === i)!;
            return [moments.units === 0 ? null : moments.sums[0], ...(joint === null ? [] : [joint.moments.sums[1]])];
          }),
        ]),
      );
    }

    test('a row counts where the other source has one at its time or within the time after it', async () => {
      const got = await counted(['found', 'open_found'], AS_OF);
      const expected = CASES.map(({ name, at, found, openFound = found }) => {
        const after = at >= 0;
        return [name, [Number(after && found), Number(!after && found), Number(after && openFound)]];
      });
      expect([...got]).toEqual(expected);
    });

    test('what happens at or after asOf does not exist', async () => {
      const asOf = HOUR + 30 * MINUTE;
      const got = await counted(['open_found'], asOf);
      const expected = CASES.map((one) => {
        const known = one.clicks.filter(({ after }) => one.at + after < asOf);
        const may = one.at >= 0 && one.at < asOf && one.query === undefined;
        const found = known.some(
          ({ after, query, kind }) => after >= 0 && after <= WITHIN && query === undefined && kind === undefined,
        );
        return [one.name, [Number(may && found)]] as const;
      });
      expect([...got]).toEqual(expected);
      expect(expected.filter(([, [found]]) => found === 1).length).toBeGreaterThan(3);
    });

    test('a unit is mature when the last row of its window can no longer be followed by another', async () => {
      const units = async (asOf: number) =>
        new Set([...(await counted(['found'], asOf)).values()].map(([value]) => value === null));
      expect(await units(12 * DAY + WITHIN - MINUTE)).toEqual(new Set([true]));
      expect(await units(12 * DAY + WITHIN)).toEqual(new Set([false]));
    });

    test('without a time any row of the other source will do, before as well', async () => {
      const got = await counted(['any_time'], AS_OF);
      for (const one of CASES) {
        const until = END;
        const found = one.clicks.some(({ after, query }) => query === undefined && one.at + after < until);
        const may = one.at >= 0 && one.query === undefined;
        expect([one.name, got.get(one.name)![0]]).toEqual([one.name, Number(may && found)]);
      }
    });
  });
