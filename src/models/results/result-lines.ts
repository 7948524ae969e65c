import type { Catalog, Variant } from '../../catalog/catalog.ts';
import { groupBy } from '../../core/group-by.ts';
import { sqlTimestamp } from '../../core/instant.ts';
import type { Correction } from '../../core/vocabulary.ts';
import { FAULT_P } from '../../experiment/line-faults.ts';
import { DEFAULT_TUNING_UNITS } from '../../experiment/sequence.ts';
import { measuresOf } from '../../metric-types/metric-type.ts';
import { METRIC_KINDS } from '../../metric-types/registry.ts';
import { assignmentSource, factSource } from '../../plan/scope.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { ident, join, type Parameter, type Sql, sql, trusted } from '../../sql/sql.ts';
import { as, list, type Step } from '../../sql/statement.ts';
import { armColumnNames, capFault, momentColumns } from '../line/columns.ts';
import { lineFormula } from '../line/line.ts';
import { lineSamples } from '../line/samples.ts';
import { type LineShape, notInSql, shapeOf } from '../line/shape.ts';
import type { ModelContext } from '../model.ts';
import { draft, formulaSteps } from '../statistics/formula.ts';
import { meanSample, ratioSample } from '../statistics/samples.ts';
import { welchTest } from '../statistics/welch.ts';
import { type ListedColumn, listed } from './listed.ts';
import { hasMoments, type Measured, measuredMetrics } from './measured.ts';

/** A metric of an experiment and a treatment: one line, and one more a slice. */
export interface DeclaredLine {
  readonly one: Measured;
  readonly control: Variant;
  readonly treatment: Variant;
  /** null: it is not said in SQL. */
  readonly shape: LineShape | null;
}

/** Every line of the whole population, metrics and treatments as declared. */
export function declaredLines(catalog: Catalog): readonly DeclaredLine[] {
  return measuredMetrics(catalog).flatMap((one) => {
    const { experiment, metric } = one;
    const { variants, analysis } = experiment;
    const timed = assignmentSource(catalog, experiment).timestamp !== null;
    const said = hasMoments(one) && notInSql(catalog, experiment, metric, analysis) === null;
    const shape = said ? shapeOf(analysis, metric, timed) : null;
    const control = variants.find(({ isControl }) => isControl)!; // a catalog has one
    return variants
      .filter(({ isControl }) => !isControl)
      .map((treatment): DeclaredLine => ({ one, control, treatment, shape }));
  });
}

/** Dunnett's family, looked at repeatedly, is Bonferroni's. */
export function correctionOf({ one: { experiment } }: DeclaredLine): Correction {
  const { correction, sequential } = experiment.analysis;
  return correction === 'DUNNETT' && sequential !== 'NONE' ? 'BONFERRONI' : correction;
}

/** What is known of a line before there are numbers. */
const SETTINGS: readonly ListedColumn[] = [
  { name: 'shape', type: 'INTEGER' },
  { name: 'experiment', type: 'STRING' },
  { name: 'metric', type: 'STRING' },
  { name: 'metric_version', type: 'INTEGER' },
  { name: 'role', type: 'STRING' },
  { name: 'control', type: 'STRING' },
  { name: 'treatment', type: 'STRING' },
  { name: 'alpha', type: 'FLOAT' },
  { name: 'level', type: 'FLOAT' },
  { name: 'correction', type: 'STRING' },
  { name: 'sequential', type: 'STRING' },
  { name: 'lift_method', type: 'STRING' },
  { name: 'metric_hash', type: 'STRING' },
  { name: 'good_when', type: 'STRING' },
  { name: 'is_ratio', type: 'BOOLEAN' },
  { name: 'has_moments', type: 'BOOLEAN' },
  { name: 'is_post_treatment', type: 'BOOLEAN' },
  { name: 'is_partial_day', type: 'BOOLEAN' },
  { name: 'planned_units', type: 'INTEGER' },
  { name: 'is_stopped', type: 'BOOLEAN' },
  { name: 'ends_at', type: 'STRING' },
];

/** The columns of `result_lines` that are not computed by a line's formula. */
const CARRIED: readonly string[] = [
  ...SETTINGS.map(({ name }) => name).filter(
    (name) => !['shape', 'planned_units', 'is_stopped', 'ends_at'].includes(name),
  ),
  ...['slice_dimension', 'slice_value', 'c_shown_units', 't_shown_units', 'capped_units', 'degenerate'],
];

/** Numbers of a line by the names they have in the step, and what of a line they are. */
const NUMBERS = {
  control_mean: 'controlMean',
  treatment_mean: 'treatmentMean',
  difference: 'difference',
  standard_error: 'standardError',
  degrees_of_freedom: 'degreesOfFreedom',
  difference_lower: 'differenceLower',
  difference_upper: 'differenceUpper',
  lift: 'lift',
  lift_lower: 'liftLower',
  lift_upper: 'liftUpper',
  p_value: 'pValue',
} as const;

/** The step with every line and slice, and its numbers before any correction. */
export const RESULT_LINES = 'result_lines';

/** Lines with both arms side by side, computed shape by shape. */
export function resultLineSteps(context: ModelContext, lines: readonly DeclaredLine[]): readonly Step[] {
  const groups = [...groupBy(lines, ({ shape }) => JSON.stringify(shape)).values()];
  const shapes = groups.map((group) => group[0]!.shape);
  const indexOf = (line: DeclaredLine) => groups.findIndex((group) => group.includes(line));
  const parts = shapes.map((shape, i) => (shape === null ? untold(i) : told(context, shape, i)));
  return [
    settingsStep(context, lines, indexOf),
    slicesStep(context),
    pairsStep(context, shapes),
    ...parts.flatMap(({ steps }) => steps),
    {
      name: RESULT_LINES,
      comment: 'all lines',
      query: join(
        parts.map(({ select }) => select),
        '\nunion all\n',
      ),
    },
  ];
}

function settingsStep(
  { catalog, dialect }: ModelContext,
  lines: readonly DeclaredLine[],
  indexOf: (line: DeclaredLine) => number,
): Step {
  const rows = lines.map((line): readonly Parameter[] => {
    const { experiment, member, metric } = line.one;
    const { alpha, sequential, lift } = experiment.analysis;
    return [
      ...[
        indexOf(line),
        experiment.key,
        metric.metric,
        metric.number,
        member.role,
        line.control.key,
        line.treatment.key,
      ],
      ...[alpha, 1 - alpha, correctionOf(line), sequential, lift, metric.hash, metric.goodWhen],
      METRIC_KINDS[metric.type].estimator === 'RATIO',
      hasMoments(line.one),
      metric.among?.postTreatment ?? false,
      measuresOf(metric).some(({ source }) => factSource(catalog, source).grain === 'day'),
      experiment.plan?.unitsPerVariant ?? null,
      experiment.status === 'STOPPED' || experiment.status === 'ARCHIVED',
      experiment.end === null ? null : sqlTimestamp(experiment.end),
    ];
  });
  return {
    name: 'declared',
    comment: 'metrics in their roles × treatments',
    query: listed(dialect, SETTINGS, rows),
    reused: true,
  };
}

function slicesStep({ ref }: ModelContext): Step {
  return {
    name: 'slices',
    comment: 'the whole population of each experiment, and its slices',
    query: sql`select "experiment", cast(null as varchar) as "slice_dimension", cast(null as varchar) as "slice_value" from declared group by "experiment"\nunion all\nselect "experiment", "slice_dimension", "slice_value" from ${ref('metric_moments')} where "slice_dimension" is not null group by "experiment", "slice_dimension", "slice_value"`,
  };
}

/** The columns of `metric_moments` that some line needs. */
function armNames(shapes: readonly (LineShape | null)[]): readonly string[] {
  const needed = shapes.flatMap((shape) => (shape === null ? [] : armColumnNames(shape)));
  // Of what is not said in SQL there still are the means.
  const means = ['units', ...[0, 1].flatMap((i) => [`pivot_${i}`, `sum_${i}`]), 'quantile_estimate'];
  return [...new Set([...means, ...needed])];
}

function pairsStep({ dialect, ref }: ModelContext, shapes: readonly (LineShape | null)[]): Step {
  const same = (alias: string, column: string) =>
    sql`coalesce(${ident(alias, column)}, '') = coalesce(s.${ident(column)}, '') and (${ident(alias, column)} is null) = (s.${ident(column)} is null)`;
  const arm = (alias: 'c' | 't', variant: string) =>
    sql`\nleft join ${ref('metric_moments')} as ${ident(alias)} on ${ident(alias, 'experiment')} = d."experiment" and ${ident(alias, 'metric')} = d."metric" and ${ident(alias, 'variant')} = d.${ident(variant)} and ${same(alias, 'slice_dimension')} and ${same(alias, 'slice_value')}`;
  const either = (name: string) => sql`coalesce(c.${ident(name)}, t.${ident(name)})`;
  const fault = capFault({
    lower: either('lower'),
    upper: either('upper'),
    minimum: either('least'),
    maximum: either('greatest'),
  });
  const units = (alias: string) => sql`coalesce(${ident(alias, 'units')}, 0)`;
  const atHand = sql`(${units('c')} + ${units('t')})`;
  const ended = sql`(d."is_stopped" or coalesce(${dialect.timestamp(sql`d."ends_at"`)} <= ${dialect.horizon}, false))`;
  const planned = dialect.number(DEFAULT_TUNING_UNITS);
  const tuning = sql`case when d."planned_units" is not null then 2e0 * d."planned_units" when ${ended} and ${atHand} > 0 then cast(${atHand} as double) else ${trusted(planned)} end`;
  // Without units all sums are 0.
  const value = (alias: string, name: string) =>
    name.startsWith('quantile_') && name !== 'quantile_values'
      ? ident(alias, name)
      : sql`coalesce(${ident(alias, name)}, 0)`;
  return {
    name: 'pairs',
    comment: 'every line with both arms in one row: c_ is the control, t_ the treatment',
    query: sql`select\n  ${list([
      ...SETTINGS.map(({ name }) => ident('d', name)),
      ...['slice_dimension', 'slice_value'].map((name) => ident('s', name)),
      ...(['c', 't'] as const).flatMap((alias) => [
        as(sql`case when d."has_moments" then ${units(alias)} end`, `${alias}_shown_units`),
        ...armNames(shapes).map((name) => as(value(alias, name), `${alias}_${name}`)),
      ]),
      as(fault, 'cap_fault'),
      as(fault, 'degenerate'),
      as(sql`coalesce(c."capped_units", 0) + coalesce(t."capped_units", 0)`, 'capped_units'),
      as(tuning, 'tuning_units'),
    ])}\nfrom declared as d\njoin slices as s on s."experiment" = d."experiment"${arm('c', 'control')}${arm('t', 'treatment')}`,
    reused: true,
  };
}

interface Part {
  readonly steps: readonly Step[];
  readonly select: Sql;
}

/** Lines of one shape. */
function told({ dialect }: ModelContext, shape: LineShape, i: number): Part {
  const prefix = `line_${i}`;
  const line = lineFormula(prefix, shape, dialect);
  const faults = faultsOf(prefix, shape, dialect);
  const computed: Record<string, Sql> = {
    ...Object.fromEntries(Object.entries(NUMBERS).map(([name, of]) => [name, line.columns[of]])),
    unknown: line.columns.unknown,
    lift_unknown: line.columns.liftUnknown,
    ...faults.columns,
  };
  const from = sql`(select * from pairs where "shape" = ${trusted(String(i))}) as p`;
  const steps = formulaSteps(
    prefix,
    from,
    [...line.definitions, ...faults.definitions],
    [...CARRIED.map((name) => ident(name)), ...Object.values(computed).filter(({ pieces }) => !isNull(pieces))],
  );
  const select = sql`select\n  ${list([...CARRIED.map((name) => ident(name)), ...Object.entries(computed).map(([name, value]) => as(value, name)), as(sql`false`, 'is_untold')])}\nfrom ${ident(steps.at(-1)!.name)}`;
  return { steps, select };
}

const isNull = (pieces: Sql['pieces']): boolean => pieces.every((piece) => piece === 'cast(null as double)');

/** What is tested about a line beside its headline: the covariate, the denominator, whether both means are below zero. */
function faultsOf(prefix: string, shape: LineShape, dialect: Dialect) {
  const { define, include, formula } = draft(`${prefix}_faults`, 'What is tested beside the headline');
  const samples = lineSamples(`${prefix}_samples`, shape, dialect);
  include(samples);
  const { control, treatment } = samples.arms;
  const isFault = (name: string, sample: (arm: 'c' | 't') => ReturnType<typeof meanSample>) => {
    const [c, t] = [include(sample('c')), include(sample('t'))];
    const { pValue } = include(
      welchTest(`${prefix}_${name}_test`, { control: c, treatment: t }, { level: 0.95 }, dialect),
    );
    return define(name, sql`coalesce(${pValue} < ${trusted(dialect.number(FAULT_P))}, false)`);
  };
  const isRatio = shape.estimator === 'RATIO';
  const never = sql`false`;
  const before = (arm: 'c' | 't') => {
    const all = momentColumns(arm, shape.variables + shape.covariates);
    if (!isRatio) return meanSample(`${prefix}_before_${arm}`, all, dialect, 1);
    const { units, pivots, sums, products } = all;
    const two = {
      units,
      pivots: pivots.slice(2),
      sums: sums.slice(2),
      products: [[products[2]![2]!], [products[3]![2]!, products[3]![3]!]],
    };
    return ratioSample(`${prefix}_before_${arm}`, two, dialect);
  };
  const imbalanced = shape.covariates > 0 ? isFault('imbalanced', before) : never;
  const moved = isRatio
    ? isFault('moved', (arm) => meanSample(`${prefix}_moved_${arm}`, momentColumns(arm, 2), dialect, 1))
    : never;
  const negative = define(
    'negative',
    sql`coalesce(${control.unknown} is null and ${treatment.unknown} is null and ${control.mean} < 0e0 and ${treatment.mean} < 0e0, false)`,
  );
  return formula({ is_imbalanced: imbalanced, has_moved: moved, is_negative: negative });
}

/** Lines that are not said in SQL: the means as they are, and that the rest is not known. */
function untold(i: number): Part {
  const double = (name: string) => sql`cast(${ident(name)} as double)`;
  const mean = (arm: 'c' | 't') => {
    const total = (variable: number) =>
      sql`(${double(`${arm}_units`)} * ${double(`${arm}_pivot_${variable}`)} + ${double(`${arm}_sum_${variable}`)})`;
    const ratio = sql`${total(0)} / nullif(case when "is_ratio" then ${total(1)} else ${double(`${arm}_units`)} end, 0e0)`;
    return sql`case when "has_moments" then coalesce(${ident(`${arm}_quantile_estimate`)}, ${ratio}) end`;
  };
  const none = sql`cast(null as double)`;
  const numbers = Object.keys(NUMBERS).map((name) =>
    as(name === 'control_mean' ? mean('c') : name === 'treatment_mean' ? mean('t') : none, name),
  );
  const text = sql`cast(null as varchar)`;
  const select = sql`select\n  ${list([
    ...CARRIED.map((name) => ident(name)),
    ...numbers,
    as(text, 'unknown'),
    as(text, 'lift_unknown'),
    ...['is_imbalanced', 'has_moved', 'is_negative'].map((name) => as(sql`false`, name)),
    as(sql`true`, 'is_untold'),
  ])}\nfrom pairs\nwhere "shape" = ${trusted(String(i))}`;
  return { steps: [], select };
}
