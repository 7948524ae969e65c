import { beforeAll, expect, test } from 'vitest';
import { Evaluator } from '../../src/evaluate/evaluator.ts';
import type { MomentNeed, Question } from '../../src/plan/question.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import { differences } from '../support/close.ts';
import { describeOn, type EngineName } from '../support/engines.ts';
import { serve, type TestService } from '../support/service.ts';
import { CONFORMANCE_CASES, type PlanCase } from './cases.ts';
import { answerBy } from './world/answers.ts';
import { columnsOf, WORLD_CATALOG } from './world/catalog.ts';
import { makeWorld } from './world/data.ts';
import { worldDirectory, worldOnTrino } from './world/warehouse.ts';

const world = makeWorld();

/** The world on each engine that the statements must give the same numbers on. */
const DIRECTORIES: Readonly<Record<EngineName, () => Promise<string>>> = {
  DuckDB: () => worldDirectory(world, WORLD_CATALOG),
  Trino: () => worldOnTrino(world),
};
const ENGINES = Object.keys(DIRECTORIES) as readonly EngineName[]; // its own keys

const services = new Map<EngineName, Promise<TestService>>();
function serviceOn(engine: EngineName): Promise<TestService> {
  const known = services.get(engine);
  const service = known ?? DIRECTORIES[engine]().then((directory) => serve(directory, '2026-12-01T00:00:00Z'));
  services.set(engine, service);
  return service;
}

const asked = new Map<string, ReturnType<typeof answersOf>>();
/** What an engine answers a case's questions with; each case is run once. */
function answersOn(engine: EngineName, one: PlanCase): ReturnType<typeof answersOf> {
  const key = `${engine}: ${one.name}`;
  const answers = asked.get(key) ?? answersOf(engine, one);
  asked.set(key, answers);
  return answers;
}

async function answersOf(engine: EngineName, { questions }: PlanCase) {
  const { catalog, engine: opened, runner } = await serviceOn(engine);
  const evaluator = new Evaluator({ catalog: catalog(), dialect: DIALECTS[opened.dialect], runner });
  const all = questions(catalog());
  const answers = await Promise.all(all.map((question: Question) => evaluator.ask(question)));
  return all.map((question, i) => ({ question, rows: ordered(rowsOf(question, answers[i])) }));
}

for (const engine of ENGINES)
  describeOn(engine, () => {
    beforeAll(() => serviceOn(engine).then(() => {}));

    test("the tables' columns have the types that the goldens are written for", async () => {
      const { catalog, engine: opened } = await serviceOn(engine);
      for (const { name, relation, columns } of catalog().sources.values()) {
        const table = relation.kind === 'table' ? relation.name.at(-1)! : name;
        expect([name, columns]).toEqual([name, columnsOf(table, opened.dialect)]);
      }
    });

    test.concurrent.each(CONFORMANCE_CASES)('$name', async (one) => {
      for (const { question, rows } of await answersOn(engine, one)) {
        const expected = answerBy(world, question);
        expect(expected.length, 'the case is about something').toBeGreaterThan(0);
        expect(differences(rows, ordered(rowsOf(question, expected)), 1e-9)).toEqual([]);
      }
    });
  });

describeOn('Trino', () => {
  test.concurrent.each(CONFORMANCE_CASES)('as on DuckDB: $name', async (one) => {
    const [trino, duckdb] = await Promise.all([answersOn('Trino', one), answersOn('DuckDB', one)]);
    for (const [i, { rows }] of trino.entries()) expect(differences(rows, duckdb[i]!.rows, 1e-9)).toEqual([]);
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
    joint: asked('covariates', row.joint),
    shape: asked('shape', row.shape),
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
