import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Moments } from '../../src/core/moments.ts';
import { adjustedPValues } from '../../src/models/statistics/adjustment.ts';
import { type CupedColumn, cupedArms, cupedMean, cupedRatio } from '../../src/models/statistics/cuped.ts';
import type { Formula } from '../../src/models/statistics/formula.ts';
import { chiSquareUpperTail } from '../../src/models/statistics/gamma.ts';
import { normalUpperQuantile, normalUpperTail } from '../../src/models/statistics/normal.ts';
import { meanSample, proportionSample, ratioSample } from '../../src/models/statistics/samples.ts';
import { sampleRatioSteps } from '../../src/models/statistics/srm.ts';
import { studentTails, studentUpperQuantile } from '../../src/models/statistics/student-t.ts';
import type { Dialect } from '../../src/sql/dialect.ts';
import { ident, sql } from '../../src/sql/sql.ts';
import { statement } from '../../src/sql/statement.ts';
import { notComputable } from '../../src/statistics/inference.ts';
import { type ArmInput, momentsOf } from '../oracle/moments.ts';
import { type Answers, checkCase, loadCases, type OracleCase, type Reply } from '../oracle/oracle.ts';
import { describeOn, type EngineName } from '../support/engines.ts';
import { everyTest, momentCells, momentColumns, settingCells, united, withTests } from './arm-columns.ts';
import { type Cell, casesStep, cellOf, dialectOf, evaluateOn, type Row, runOn } from './support.ts';

const families = loadCases(fileURLToPath(new URL('../oracle/cases', import.meta.url)));
const casesOf = (...names: readonly string[]) => names.flatMap((name) => families.get(name)!);

type Values = Readonly<Record<string, Cell>>;
type Read = (values: Values, input: OracleCase['input']) => Reply;

const isBinary = ({ input }: OracleCase) => input.control.sum === input.control.sumSq && input.metricType !== 'count';
const open = (value: Cell | undefined, end: number): number => (typeof value === 'number' ? value : end);

/** Columns of one formula by expected key; its refusal is the reply. */
const columns =
  (formula: string, keys: Readonly<Record<string, string>>): Read =>
  (values) => {
    const refused = values[`${formula}.unknown`];
    if (typeof refused === 'string') return notComputable(refused as never);
    const bounds: Readonly<Record<string, number>> = {
      lower: Number.NEGATIVE_INFINITY,
      upper: Number.POSITIVE_INFINITY,
    };
    const read = (column: string) => values[column.includes('.') ? column : `${formula}.${column}`];
    const answers = Object.entries(keys).map(([key, column]) => [
      key,
      open(read(column), bounds[column] ?? Number.NaN),
    ]);
    return Object.fromEntries(answers) as Answers;
  };

const BOUNDS = { ciLow: 'lower', ciHigh: 'upper' };
const DIFFERENCE = {
  difference: 'difference',
  se: 'standardError',
  df: 'degreesOfFreedom',
  t: 'statistic',
  pValue: 'pValue',
};
const delta = columns('delta', {
  estimate: 'value',
  se: 'standardError',
  df: 'welch.degreesOfFreedom',
  pValue: 'pValue',
  ...BOUNDS,
});
const absolute = columns('welch', {
  estimate: 'difference',
  se: 'standardError',
  df: 'degreesOfFreedom',
  pValue: 'pValue',
  ...BOUNDS,
});
const growthBook: Read = (values, input) => (input.scale === 'absolute' ? absolute : delta)(values, input);
const MEANS = { control: 'control.mean', treatment: 'treatment.mean' };
const LIFTS = { lift: 'log.value', liftCiLow: 'log.lower', liftCiHigh: 'log.upper' };
const INTERVAL = { diffCiLow: 'lower', diffCiHigh: 'upper' };
const teaTasting = columns('welch', { ...MEANS, ...DIFFERENCE, ...LIFTS, ...INTERVAL });

const fieller: Read = (values, input) => {
  const method = input.method === 'z' ? 'fiellerZ' : 'fieller';
  const reply = columns(method, { lift: 'value', g: 'g', pValue: input.method === 'z' ? 'z.pValue' : 'welch.pValue' })(
    values,
    input,
  );
  if (typeof reply === 'string' || 'ok' in reply) return reply;
  const bounded = values[`${method}.intervalUnknown`] === null;
  const end = (column: string) => (bounded ? (values[`${method}.${column}`] as number) : notComputable('UNBOUNDED'));
  return { ...reply, bounded, ciLow: end('lower'), ciHigh: end('upper') } as Answers;
};

const sequential: Read = (values, input) => {
  const [name, estimate] = input.scale === 'relative' ? ['relative', 'delta.value'] : ['sequence', 'welch.difference'];
  const se = input.scale === 'relative' ? 'delta.standardError' : 'welch.standardError';
  return columns(name!, { estimate: estimate!, se, pValue: 'pValue', ...BOUNDS })(values, input);
};

const nonInferiority: Read = (values, input) => {
  const keys = { difference: 'difference', nullHypothesis: 'nullDifference', pValue: 'pValue', ...BOUNDS };
  const reply = columns('constantMargin', keys)(values, input);
  return typeof reply === 'string' || 'ok' in reply
    ? reply
    : { ...reply, significant: values['constantMargin.holds'] as boolean };
};

const twoSided =
  (read: Read): Read =>
  (values, input) =>
    input.alternative === 'greater' || input.alternative === 'larger'
      ? columns('greater', { ...DIFFERENCE, ...BOUNDS })(values, input)
      : read(values, input);

/** The tests of two arms by family; each family's cases go through all tests, in the statement of their kind of sample. */
const TWO_ARMS: Readonly<Record<string, Read>> = {
  mean_absolute_welch: twoSided(columns('welch', { ...DIFFERENCE, ...BOUNDS })),
  mean_absolute_z: columns('z', { difference: 'difference', pValue: 'pValue', ...BOUNDS }),
  mean_relative_delta: delta,
  mean_relative_log: columns('log', { lift: 'value', pValue: 'welch.pValue', ...BOUNDS }),
  relative_fieller: fieller,
  proportion_relative_delta: growthBook,
  ratio_delta: growthBook,
  ratio_tea: teaTasting,
  sequential_asymptotic: sequential,
  non_inferiority: nonInferiority,
};

const settings = (input: OracleCase['input']): Row =>
  settingCells({
    level: 1 - input.alpha,
    tuning: input.tuningParameter ?? 5000,
    margin: input.margin ?? null,
    good: input.preferredDirection === 'decrease' ? 'DOWN' : 'UP',
  });

const armRow = ({ input }: OracleCase, of: (arm: ArmInput) => Moments): Row => ({
  ...momentCells('c', of(input.control)),
  ...momentCells('t', of(input.treatment)),
  ...settings(input),
});

/** The cases whose replies do not meet what the reference says. */
async function failuresOf(cases: readonly OracleCase[], answers: readonly Values[], readOf: (family: string) => Read) {
  const checked = cases.map(async (one, i) => {
    const answer = () => readOf(one.family)(answers[i]!, one.input);
    return (await checkCase(one, { answer })).failures;
  });
  return (await Promise.all(checked)).flat();
}

type SampleFormula = typeof meanSample;

async function checkSamples(
  engine: EngineName,
  cases: readonly OracleCase[],
  sample: SampleFormula,
  variables: number,
) {
  const rows = cases.map((one) => armRow(one, momentsOf));
  const answers = await evaluateOn(engine, rows, (dialect) => {
    const [control, treatment] = ['c', 't'].map((arm) => sample(`${arm}_arm`, momentColumns(arm, variables), dialect));
    return withTests(control!, treatment!, dialect);
  });
  expect(await failuresOf(cases, answers, (family) => TWO_ARMS[family]!)).toEqual([]);
}

function covariedMoments(arm: ArmInput): Moments {
  if (arm.crossProducts !== undefined) return momentsOf(arm);
  const { n, sum, preSum, sumSq, cross_pre: cross, preSumSq } = arm as unknown as Readonly<Record<string, number>>;
  return { units: n!, pivots: [0, 0], sums: [sum!, preSum!], products: [[sumSq!], [cross!, preSumSq!]] };
}

type Cuped = (
  dialect: Dialect,
  arms: { control: ReturnType<typeof momentColumns>; treatment: ReturnType<typeof momentColumns> },
) => Formula<CupedColumn>;

async function checkCuped(
  engine: EngineName,
  cases: readonly OracleCase[],
  variables: number,
  formula: Cuped,
  read: Read,
) {
  const rows = cases.map((one) => armRow(one, covariedMoments));
  const answers = await evaluateOn(engine, rows, (dialect) => {
    const cuped = formula(dialect, {
      control: momentColumns('c', variables),
      treatment: momentColumns('t', variables),
    });
    const arms = cupedArms(cuped.columns);
    const tests = everyTest(arms, dialect);
    const means = { 'control.mean': arms.control.mean, 'treatment.mean': arms.treatment.mean };
    return {
      definitions: [...cuped.definitions, ...tests.definitions],
      columns: { ...united({ cuped }).columns, ...tests.columns, ...means },
    };
  });
  expect(await failuresOf(cases, answers, () => read)).toEqual([]);
}

const ALWAYS = { leastUnits: 0, leastReduction: Number.NEGATIVE_INFINITY } as const;
const TEA_KEYS = { ...MEANS, difference: 'difference', t: 'statistic', pValue: 'pValue', ...LIFTS, ...INTERVAL };

/** gbstats' lift over the unadjusted control mean is not rendered: of its relative cases the adjusted means are checked. */
const growthBookCuped: Read = (values, input) => {
  if (values['cuped.controlVariance'] === 0 || values['cuped.treatmentVariance'] === 0)
    return notComputable('ZERO_VARIANCE');
  const means = {
    theta: open(values['cuped.theta'], 0),
    adjMeanControl: values['control.mean'],
    adjMeanTreatment: values['treatment.mean'],
  };
  const reply = absolute(values, input);
  if (typeof reply === 'string' || 'ok' in reply) return reply;
  const shown =
    input.scale === 'absolute' ? reply : Object.fromEntries(Object.keys(reply).map((key) => [key, 'NOT_OFFERED']));
  return { ...shown, ...means } as Answers;
};

const DISTRIBUTIONS: Readonly<Record<string, (values: Values) => Cell>> = {
  normalSf: (values) => values['normal.tail']!,
  tTwoSidedP: (values) => values['student.twoSided']!,
  normalQuantile: (values) => -(values['normalQuantile.quantile'] as number),
  tQuantile: (values) => -(values['studentQuantile.quantile'] as number),
  chi2Sf: (values) => values['chi.tail']!,
};

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    const kinds = casesOf(...Object.keys(TWO_ARMS));
    const ratios = kinds.filter(({ family }) => family.startsWith('ratio'));
    const shares = kinds.filter(
      (one) =>
        one.family === 'proportion_relative_delta' ||
        (['mean_absolute_z', 'non_inferiority'].includes(one.family) && isBinary(one)),
    );
    const means = kinds.filter((one) => !ratios.includes(one) && !shares.includes(one));

    test('means', () => checkSamples(engine, means, meanSample, 1));
    test('proportions', () =>
      checkSamples(
        engine,
        shares,
        (prefix, moments, dialect) => proportionSample(prefix, moments, dialect, 'BINOMIAL'),
        1,
      ));
    test('ratios', () => checkSamples(engine, ratios, ratioSample, 2));

    test('CUPED of means, centred at the origin', () =>
      checkCuped(
        engine,
        casesOf('cuped_mean'),
        2,
        (dialect, arms) => cupedMean('cuped', arms, { centre: 'ORIGIN', ...ALWAYS }, dialect),
        growthBookCuped,
      ));
    test('CUPED of means, centred at the pooled covariate', () =>
      checkCuped(
        engine,
        casesOf('cuped_tea'),
        2,
        (dialect, arms) => cupedMean('cuped', arms, ALWAYS, dialect),
        columns('welch', TEA_KEYS),
      ));
    test('CUPED of ratios', () =>
      checkCuped(
        engine,
        casesOf('ratio_cuped'),
        4,
        (dialect, arms) => cupedRatio('cuped', arms, ALWAYS, dialect),
        columns('welch', TEA_KEYS),
      ));

    test('sample ratio', async () => {
      // gbstats leaves an arm without weight out of the sum; that is refused by convention
      const cases = casesOf('srm').filter(({ input }) => input.weights.every((weight: number) => weight > 0));
      const rows = cases.flatMap(({ input }, i) =>
        input.counts.map((observed: number, arm: number) => ({ experiment: i, observed, weight: input.weights[arm] })),
      );
      const dialect = dialectOf(engine);
      const named = { test: ['experiment'], observed: ident('observed'), weight: ident('weight') };
      const steps = [casesStep(engine, 'cases', rows), ...sampleRatioSteps('srm', ident('cases'), named, dialect)];
      const final = sql`select "chi_square", "degrees_of_freedom", "p_value", "unknown" from "srm" order by "experiment"`;
      const answers = (await runOn(engine, statement(steps, final, dialect.reuse))).map((row) => {
        const [chi2, df, pValue, unknown] = row.map(cellOf);
        return { 'srm.chi2': chi2!, 'srm.df': df!, 'srm.pValue': pValue!, 'srm.unknown': unknown! };
      });
      const read = columns('srm', { chi2: 'chi2', df: 'df', pValue: 'pValue' });
      const empty = ({ counts }: OracleCase['input']) => counts.every((count: number) => count === 0);
      const failures = cases.map((one, i) =>
        checkCase(one, { answer: () => read(answers[i]!, one.input), refuses: empty }),
      );
      expect((await Promise.all(failures)).flatMap((checked) => checked.failures)).toEqual([]);
    });

    test('adjusted p-values', async () => {
      const cases = casesOf('multiple_testing');
      const rows = cases.flatMap(({ input }, i) =>
        (input.p as Cell[]).map((p) => ({ family: i, p: p === null ? null : Number(p) })),
      );
      const corrections = {
        bonferroni: 'BONFERRONI',
        holm: 'HOLM',
        'simes-hochberg': 'HOCHBERG',
        fdr_bh: 'BENJAMINI_HOCHBERG',
      } as const;
      const answers = await evaluateOn(engine, rows, () =>
        united(
          Object.fromEntries(
            Object.entries(corrections).map(([key, name]) => [
              key,
              adjustedPValues(name.toLowerCase(), { pValue: ident('p'), family: [ident('family')] }, name),
            ]),
          ),
        ),
      );
      const rest = {
        sidak: 'NOT_OFFERED',
        fdr_by: 'NOT_OFFERED',
        hommel: 'NOT_OFFERED',
        'holm-sidak': 'NOT_OFFERED',
      } as const;
      const failures = cases.map((one, i) => {
        const own = answers.filter((_, row) => rows[row]!.family === i);
        const adjusted = Object.keys(corrections).map((key) => [key, own.map((values) => values[`${key}.adjusted`])]);
        return checkCase(one, { answer: () => ({ ...rest, ...Object.fromEntries(adjusted) }) });
      });
      expect((await Promise.all(failures)).flatMap((checked) => checked.failures)).toEqual([]);
    });

    test('distributions', async () => {
      const cases = casesOf('distribution').filter(({ input }) => input.fn in DISTRIBUTIONS);
      const rows = cases.map(({ input }) => ({
        x: Number(input.args[0]),
        df: input.args.length > 1 ? Number(input.args[1]) : null,
      }));
      const [x, degreesOfFreedom] = [ident('x'), ident('df')];
      const answers = await evaluateOn(engine, rows, (dialect) =>
        united({
          normal: normalUpperTail('normal', x, dialect),
          normalQuantile: normalUpperQuantile('normal_quantile', x, dialect),
          student: studentTails('student', { statistic: x, degreesOfFreedom }, dialect),
          studentQuantile: studentUpperQuantile('student_quantile', { tail: x, degreesOfFreedom }, dialect),
          chi: chiSquareUpperTail('chi', { chiSquare: x, degreesOfFreedom }, dialect),
        }),
      );
      const read: Read = (values, { fn }) => ({ value: DISTRIBUTIONS[fn]!(values) as number });
      expect(await failuresOf(cases, answers, () => read)).toEqual([]);
    });
  });
