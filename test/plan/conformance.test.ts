import { beforeAll, describe, expect, test } from 'vitest';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { Evaluator } from '../../src/evaluate/evaluator.ts';
import type { Runner } from '../../src/evaluate/single-flight.ts';
import type { MomentNeed, Question } from '../../src/plan/question.ts';
import type { Dialect } from '../../src/sql/dialect.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import { isClose } from '../support/close.ts';
import { serve } from '../support/service.ts';
import { CONFORMANCE_CASES } from './cases.ts';
import { answerBy } from './world/answers.ts';
import { WORLD_CATALOG } from './world/catalog.ts';
import { makeWorld, type World } from './world/data.ts';
import { worldDirectory } from './world/warehouse.ts';

/** The world on one engine. */
interface Warehouse {
  readonly catalog: Catalog;
  readonly dialect: Dialect;
  readonly runner: Runner;
}

/** Every engine that the statements must give the same numbers on. */
const ENGINES: readonly { readonly engine: string; readonly open: (world: World) => Promise<Warehouse> }[] = [
  {
    engine: 'DuckDB',
    async open(world) {
      const service = await serve(await worldDirectory(world, WORLD_CATALOG), '2026-12-01T00:00:00Z');
      return { catalog: service.catalog(), dialect: DIALECTS.DUCKDB, runner: service.runner };
    },
  },
];

const world = makeWorld();

describe.each(ENGINES)('on $engine', ({ open }) => {
  let warehouse: Warehouse;
  beforeAll(async () => {
    warehouse = await open(world);
  });

  test.each(CONFORMANCE_CASES)('$name', async ({ questions }) => {
    const evaluator = new Evaluator(warehouse);
    const asked = questions(warehouse.catalog);
    const answers = await Promise.all(asked.map((question: Question) => evaluator.ask(question)));
    for (const [i, question] of asked.entries()) {
      const expected = answerBy(world, question);
      expect(expected.length, 'the case is about something').toBeGreaterThan(0);
      expect(differences(ordered(rowsOf(question, answers[i])), ordered(rowsOf(question, expected)))).toEqual([]);
    }
  });
});

/** An answer as a list; of a moments question only what it asked for: a statement may hold more, for others. */
function rowsOf(question: Question, answer: unknown): readonly Readonly<Record<string, unknown>>[] {
  const rows = (Array.isArray(answer) ? answer : [answer]) as readonly Readonly<Record<string, unknown>>[];
  if (question.kind !== 'moments') return rows;
  const asked = (need: MomentNeed, value: unknown) => (question.needs.includes(need) ? value : null);
  return rows.map((row) => ({
    ...row,
    unitsWithValue: asked('values', row.unitsWithValue),
    capping: asked('capping', row.capping),
    invalidRows: asked('quality', row.invalidRows),
    rowsBelowMinimum: asked('quality', row.rowsBelowMinimum),
  }));
}

/** Rows in a fixed order: engines answer in whatever order. */
function ordered(rows: readonly Readonly<Record<string, unknown>>[]): readonly unknown[] {
  const keyOf = ({ variant, slice, reason, period, values }: Readonly<Record<string, unknown>>) =>
    JSON.stringify([variant, slice, reason, period, values]);
  return rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** Where two answers differ: texts and counts at all, sums by more than 1e-9 of their size. */
function differences(got: unknown, expected: unknown, path = ''): readonly string[] {
  if (typeof expected !== 'object' || expected === null)
    return isClose(got, expected, 1e-9) ? [] : [`${path}: expected ${expected}, got ${got}`];
  if (typeof got !== 'object' || got === null) return [`${path}: expected ${JSON.stringify(expected)}, got ${got}`];
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(got)])];
  return keys.flatMap((key) =>
    differences(got[key as keyof typeof got], expected[key as keyof typeof expected], `${path}/${key}`),
  );
}
