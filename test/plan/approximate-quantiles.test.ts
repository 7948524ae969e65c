import { beforeAll, describe, expect, test } from 'vitest';
import type { ArmMoments } from '../../src/plan/answer.ts';
import { BUCKET_WIDTH } from '../../src/plan/order-statistics-buckets.ts';
import { differences, isClose } from '../support/close.ts';
import { describeOn } from '../support/engines.ts';
import { APPROXIMATE_CASES, byArm, type Case, expectedOf, serviceOn, shown, together } from './quantile-cases.ts';
import type { PlainArm } from './quantile-reference.ts';
import { APPROXIMATE } from './quantile-world.ts';

/** How far a bucket's values are apart at most, relative. */
const BUCKET = Math.expm1(BUCKET_WIDTH);

/** Where the answer by buckets is not as near to the exact one as it promises. */
function misses(arm: ArmMoments, exact: PlainArm): readonly string[] {
  const { estimate, lower, upper, values, clusters } = arm.order!;
  const { order } = exact;
  const shares =
    clusters === null || order.clusters === null
      ? []
      : [0, 1].map((i) => [i, clusters.sums[i]!, order.clusters!.sums[i]!]);
  return [
    ...differences({ ...plain(arm), values }, { ...plain(exact), values: order.values }, 0),
    ...(
      [
        ['estimate', estimate, order.estimate],
        ['lower', lower, order.lower],
        ['upper', upper, order.upper],
      ] as const
    ).flatMap(([name, got, expected]) =>
      isClose(got, expected, BUCKET) ? [] : [`${name}: ${got}, exact ${expected}`],
    ),
    // Values of one bucket cannot be told apart: of some hundred values a few.
    ...shares.flatMap(([i, got, expected]) =>
      Math.abs(got! - expected!) <= [5, 0][i!]! ? [] : [`cluster sum ${i}: ${got}, exact ${expected}`],
    ),
    ...((clusters === null) === (order.clusters === null) ? [] : ['clusters']),
  ];
}

function plain(arm: ArmMoments | PlainArm) {
  const { variant, slice, exposed } = arm;
  return { variant, slice, exposed, units: 'moments' in arm ? arm.moments.units : arm.units };
}

const namesOf = ({ experiments = ['pages'], metrics, beside = [] }: Case) =>
  experiments.flatMap(() => [...metrics, ...beside]);

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    beforeAll(() => serviceOn(engine).then(() => {}));

    test.concurrent.each(APPROXIMATE_CASES)('$name', async (one) => {
      const { answers } = await together(engine, one);
      const expected = expectedOf(one);
      const quantiles = answers.filter((_, i) => namesOf(one)[i] !== 'spent_capped');
      const bucketed = expected.flatMap((arms, i) =>
        namesOf({ ...one, beside: [] })[i]! in APPROXIMATE
          ? byArm(arms).map((exact, a) => ({ exact, got: byArm(quantiles[i]!)[a]! }))
          : [],
      );
      expect(bucketed.length).toBeGreaterThan(2);
      expect(bucketed.flatMap(({ got, exact }) => misses(got, exact))).toEqual([]);
      if (!(one.needs ?? []).includes('quality')) return;
      for (const { got, exact } of bucketed)
        expect(shown(got, one)).toMatchObject({
          invalidRows: exact.invalidRows,
          rowsBelowMinimum: exact.rowsBelowMinimum,
        });
    });

    test.concurrent('each is in a statement of its own', async () => {
      for (const one of APPROXIMATE_CASES) {
        const { statements } = await together(engine, one);
        const apart = new Set(one.metrics.filter((name) => name in APPROXIMATE)).size;
        expect(statements).toHaveLength(apart + (apart < one.metrics.length ? 1 : 0));
      }
    });
  });

describeOn('Trino', () => {
  test.concurrent.each(APPROXIMATE_CASES)('as on DuckDB: $name', async (one) => {
    const [trino, duckdb] = await Promise.all([together('Trino', one), together('DuckDB', one)]);
    for (const [i, arms] of trino.answers.entries())
      expect(differences(byArm(arms), byArm(duckdb.answers[i]!), 1e-9)).toEqual([]);
  });
});

describe('buckets', () => {
  test('are a thousandth wide', () => {
    expect(BUCKET).toBeLessThan(0.00101);
  });
});
