import { beforeAll, describe, expect, test } from 'vitest';
import { pivotsNeeded } from '../../src/evaluate/conditioning.ts';
import type { MomentsAnswer } from '../../src/plan/answer.ts';
import { isClose } from '../support/close.ts';
import { ask, type Data, serveFiles, type TestService } from '../support/service.ts';

/** Units with a value of mean 1e8 and sd 1, another of mean 1e6 that goes with it, and a dimension. */
interface Unit {
  readonly id: string;
  readonly variant: 'control' | 'treatment';
  readonly group: string;
  readonly value: number;
  readonly size: number;
}

const UNITS: readonly Unit[] = Array.from({ length: 2_000 }, (_, i) => {
  const variant = i % 2 === 0 ? 'control' : 'treatment';
  // The sum of three incommensurable waves: spread like noise, the same in every run.
  const noise = Math.sin(i * 12.9898) + Math.sin(i * 78.233) * 0.9 + Math.cos(i * 0.731);
  return {
    id: `u${i}`,
    variant,
    group: i % 3 === 0 ? 'a' : 'b',
    value: 1e8 + noise + (variant === 'treatment' ? 0.25 : 0),
    size: 1e6 + noise * 0.5 + Math.sin(i),
  };
});

const CATALOG = `
engine: { kind: duckdb }
sources:
  assignments: { kind: assignments, file: assignments.csv, unit: id, variant: variant, dimensions: { group: { column: grp } } }
  values: { kind: facts, file: values.csv, unit: id }
metrics:
  large: { type: mean, source: values, value: { column: value } }
  ratio: { type: ratio, source: values, numerator: { column: value }, denominator: { column: size } }
  small: { type: mean, source: values, value: { column: "value - 100000000" } }
  one: { type: mean, source: values }
experiments:
  precise: { variants: { control: { control: true }, treatment: {} }, goals: [large, ratio, small, one] }
`;

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
/** In two passes: exact where the textbook's formula has no digit left. */
function covariance(a: readonly number[], b: readonly number[]): number {
  const shift = (values: readonly number[]) => {
    const rough = values[0]!;
    const centre = mean(values.map((value) => value - rough));
    return values.map((value) => value - rough - centre);
  };
  const [x, y] = [shift(a), shift(b)];
  return x.reduce((sum, value, i) => sum + value * y[i]!, 0) / (a.length - 1);
}

function expected(units: readonly Unit[], metric: string): number {
  const [values, sizes] = [units.map(({ value }) => value), units.map(({ size }) => size)];
  if (metric !== 'ratio') return covariance(values, values);
  const ratio = mean(values) / mean(sizes);
  return (
    (covariance(values, values) - 2 * ratio * covariance(values, sizes) + ratio ** 2 * covariance(sizes, sizes)) /
    mean(sizes) ** 2
  );
}

let service: TestService;
beforeAll(async () => {
  const rows = (columns: string, of: (unit: Unit) => readonly unknown[]) =>
    `${[columns, ...UNITS.map((unit) => of(unit).join(','))].join('\n')}\n`;
  service = await serveFiles(
    {
      'catalog.yaml': CATALOG,
      'assignments.csv': rows('id,variant,grp', ({ id, variant, group }) => [id, variant, group]),
      'values.csv': rows('id,value,size', ({ id, value, size }) => [id, value, size]),
    },
    '2026-06-01T00:00:00Z',
  );
});

async function lines(filter: string): Promise<readonly Data[]> {
  const data = await ask(
    service,
    `{ experiment(key: "precise") { results(filter: { ${filter} }) { nodes { metric { name } slice { value } control { variance } treatment { variance } difference { standardError value } provenance { statements { purpose hash } } } } } }`,
  );
  return data.experiment.results.nodes;
}

const armOf = (variant: Unit['variant'], group?: string) =>
  UNITS.filter((unit) => unit.variant === variant && (group === undefined || unit.group === group));

describe('a mean of 1e8 with a standard deviation of 1', () => {
  test.each(['large', 'ratio', 'small'])('%s has its variance right to 1e-6 through the whole path', async (metric) => {
    const [line] = await lines(`metrics: ["${metric}"]`);
    for (const side of ['control', 'treatment'] as const)
      expect(isClose(line[side].variance, expected(armOf(side), metric), 1e-6)).toBe(true);
  });

  test('and its difference, a quarter of a standard deviation, right to 1e-6', async () => {
    const [line] = await lines('metrics: ["large"]');
    const shifted = (side: Unit['variant']) => mean(armOf(side).map(({ value }) => value - 1e8));
    expect(isClose(line.difference.value, shifted('treatment') - shifted('control'), 1e-6)).toBe(true);
  });

  test.each(['large', 'ratio'])('%s is as right in slices', async (metric) => {
    for (const line of await lines(`metrics: ["${metric}"], sliceBy: ["group"]`)) {
      expect(isClose(line.control.variance, expected(armOf('control', line.slice[0].value), metric), 1e-6)).toBe(true);
    }
  });

  test('is asked for twice, the second time about a pivot, and both statements are its provenance', async () => {
    const [large] = await lines('metrics: ["large"]');
    const [small] = await lines('metrics: ["small"]');
    expect(large.provenance.statements.map(({ purpose }: Data) => purpose)).toEqual(['moments', 'moments']);
    expect(small.provenance.statements.map(({ purpose }: Data) => purpose)).toEqual(['moments']);
  });
});

describe('what needs a pivot', () => {
  const answer = (arms: readonly { readonly values: readonly number[]; readonly pivot?: number }[]): MomentsAnswer =>
    arms.map(({ values, pivot = 0 }, i) => ({
      variant: `v${i}`,
      slice: 0,
      exposed: values.length,
      moments: {
        units: values.length,
        pivots: [pivot],
        sums: [values.reduce((sum, value) => sum + (value - pivot), 0)],
        products: [[values.reduce((sum, value) => sum + (value - pivot) ** 2, 0)]],
      },
      order: null,
      joint: null,
      shape: null,
      unitsWithValue: null,
      capping: null,
      invalidRows: null,
      rowsBelowMinimum: null,
    }));
  const spread = (centre: number) => [-1.5, -0.5, 0.5, 1.5].map((step) => centre + step);

  test.each([
    ['values about 1e8', [{ values: spread(1e8) }], [1e8]],
    ['values about −1e8', [{ values: spread(-1e8) }], [-1e8]],
    ['values about 3', [{ values: spread(3) }], null],
    ['values about 0', [{ values: spread(0) }], null],
    ['ones only', [{ values: [1, 1, 1, 1] }], null],
    ['values about a pivot already', [{ values: spread(1e8), pivot: 1e8 }], null],
    ['one unit', [{ values: [1e8] }], null],
    ['no units', [{ values: [] }], null],
    ['values beyond what a double can square', [{ values: spread(1e200) }], null],
  ])('%s', (_, arms, pivots) => {
    expect(pivotsNeeded(answer(arms))).toEqual(pivots);
  });

  test('no products: nothing that could cancel', () => {
    const [arm] = answer([{ values: spread(1e8) }]);
    expect(pivotsNeeded([{ ...arm!, moments: { ...arm!.moments, products: null } }])).toBeNull();
  });
});
