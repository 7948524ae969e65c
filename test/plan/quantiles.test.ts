import { beforeAll, describe, expect, test } from 'vitest';
import { differences } from '../support/close.ts';
import { describeOn } from '../support/engines.ts';
import {
  answersOn,
  byArm,
  CASES,
  expectedOf,
  expectedShown,
  serviceOn,
  shown,
  together,
  world,
} from './quantile-cases.ts';
import { QUANTILES } from './quantile-world.ts';

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    beforeAll(() => serviceOn(engine).then(() => {}));

    test.concurrent.each(CASES)('$name', async (one) => {
      const { answers } = await together(engine, one);
      const names = (one.experiments ?? ['pages']).flatMap(() => [...one.metrics, ...(one.beside ?? [])]);
      const quantiles = answers.filter((_, i) => names[i]! in QUANTILES);
      const expected = expectedOf(one);
      expect(quantiles).toHaveLength(expected.length);
      for (const [i, arms] of expected.entries()) {
        const got = byArm(quantiles[i]!).map((arm) => shown(arm, one));
        expect(arms.length).toBeGreaterThan(1);
        expect(
          differences(
            got,
            byArm(arms).map((arm) => expectedShown(arm, one)),
            1e-9,
          ),
        ).toEqual([]);
      }
    });

    test.concurrent('are in one statement with the metrics beside them, whose numbers stay the same', async () => {
      for (const one of CASES.filter(({ beside }) => beside !== undefined)) {
        const { answers, statements } = await together(engine, one);
        expect(statements).toHaveLength(1);
        const { answers: alone } = await answersOn(engine, { ...one, metrics: [] }, one.beside!);
        const count = one.metrics.length + one.beside!.length;
        const besides = answers.filter((_, i) => i % count >= one.metrics.length);
        for (const [i, arms] of alone.entries())
          expect(differences(byArm(besides[i]!), byArm(arms), 1e-12)).toEqual([]);
      }
    });
  });

describeOn('Trino', () => {
  test.concurrent.each(CASES)('as on DuckDB: $name', async (one) => {
    const [trino, duckdb] = await Promise.all([together('Trino', one), together('DuckDB', one)]);
    for (const [i, arms] of trino.answers.entries())
      expect(differences(byArm(arms), byArm(duckdb.answers[i]!), 1e-9)).toEqual([]);
  });
});

describe('the cases are about something', () => {
  const orders = CASES.flatMap((one) => expectedOf(one).flatMap((arms) => arms.map(({ order }) => order)));
  test.each([
    ['quantiles with a standard error', 100, orders.filter(({ lower, upper }) => lower !== null && upper !== null)],
    ['levels beyond the values', 20, orders.filter(({ values, upper }) => values > 0 && upper === null)],
    ['one value', 1, orders.filter(({ values }) => values === 1)],
    ['no value', 1, orders.filter(({ values }) => values === 0)],
    [
      'units with several values',
      50,
      orders.filter(({ clusters }) => clusters !== null && clusters.sums[1]! > clusters.units),
    ],
  ])('%s', (_, least, found) => {
    expect(found.length).toBeGreaterThanOrEqual(least);
  });
  test('values are tied', () => {
    const values = world.events.map(({ ms }) => ms);
    expect(new Set(values).size).toBeLessThan(0.7 * values.length);
  });
});
