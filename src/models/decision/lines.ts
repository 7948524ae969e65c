import type { MetricVersion } from '../../catalog/catalog.ts';
import { groupBy } from '../../core/group-by.ts';
import { sqlTimestamp } from '../../core/instant.ts';
import { policyOf } from '../../experiment/rules/policy-tests.ts';
import { DEFAULT_TUNING_UNITS } from '../../experiment/sequence.ts';
import { leavesUnitsOut } from '../../metric-types/metric-type.ts';
import { assignmentSource } from '../../plan/scope.ts';
import { ident, join, type Parameter, sql, trusted } from '../../sql/sql.ts';
import { as, list, type Step } from '../../sql/statement.ts';
import { armColumnNames, capFault } from '../line/columns.ts';
import { lineSamples } from '../line/samples.ts';
import { type LineShape, shapeOf } from '../line/shape.ts';
import type { ModelContext } from '../model.ts';
import { type ListedColumn, listed } from '../results/listed.ts';
import type { Measured } from '../results/measured.ts';
import { formulaSteps } from '../statistics/formula.ts';
import type { Decided } from './decided.ts';

/** What the tests must know of each line, one row a goal or guardrail and treatment. */
const SETTINGS: readonly ListedColumn[] = [
  { name: 'experiment', type: 'STRING' },
  { name: 'metric', type: 'STRING' },
  { name: 'control', type: 'STRING' },
  { name: 'treatment', type: 'STRING' },
  { name: 'role', type: 'STRING' },
  { name: 'good_when', type: 'STRING' },
  { name: 'margin', type: 'FLOAT' },
  { name: 'minimum_detectable_effect', type: 'FLOAT' },
  { name: 'alpha', type: 'FLOAT' },
  { name: 'margin_alpha', type: 'FLOAT' },
  { name: 'margin_look_alpha', type: 'FLOAT' },
  { name: 'harm_alpha', type: 'FLOAT' },
  { name: 'planned_units', type: 'INTEGER' },
  { name: 'stopped', type: 'BOOLEAN' },
  { name: 'ends_at', type: 'STRING' },
  { name: 'monitoring', type: 'STRING' },
  { name: 'policy', type: 'STRING' },
  { name: 'counts_in_plan', type: 'BOOLEAN' },
];

/** The step with both samples of every line. */
export const SAMPLES = 'samples';
/** Its columns besides those of the settings. */
const SAMPLE_COLUMNS = ['c_units', 't_units', 'tuning_units'] as const;
const ARM_COLUMNS = ['n', 'mean', 'variance', 'unknown'] as const;

/** The columns of `samples` that are not of one arm's sample. */
export const LINE_COLUMNS: readonly string[] = [...SETTINGS.map(({ name }) => name), ...SAMPLE_COLUMNS];

interface Line {
  readonly decided: Decided;
  readonly one: Measured;
  readonly treatment: string;
  readonly shape: LineShape;
}

/** The goals and guardrails of all experiments × treatments, each with the samples that the tests take. */
export function sampleSteps(context: ModelContext, all: readonly Decided[]): readonly Step[] {
  const { catalog } = context;
  const lines = all
    .filter(({ inSql }) => inSql)
    .flatMap((decided) => {
      const { experiment, metrics, treatments } = decided;
      const timed = assignmentSource(catalog, experiment).timestamp !== null;
      const analysis = { ...experiment.analysis, sequential: 'NONE' } as const;
      return metrics.flatMap((one) =>
        treatments.map((treatment): Line => ({ decided, one, treatment, shape: shapeOf(analysis, one.metric, timed) })),
      );
    });
  // How a lift is made is no matter of decisions.
  const shapes = [...groupBy(lines, ({ shape }) => JSON.stringify({ ...shape, lift: null })).values()];
  if (shapes.length === 0) return [noSamples(context)];
  const parts = shapes.map((group, i) => shapeSteps(context, group, i + 1));
  return [
    ...parts.flatMap(({ steps }) => steps),
    {
      name: SAMPLES,
      comment: 'the samples of all lines',
      query: join(
        parts.map(({ select }) => select),
        '\nunion all\n',
      ),
    },
  ];
}

function noSamples({ dialect }: ModelContext): Step {
  const text = (arm: string) => ({ name: `${arm}_unknown`, type: 'STRING' }) as const;
  const number = (name: string) => ({ name, type: 'FLOAT' }) as const;
  const columns = [
    ...SETTINGS,
    ...SAMPLE_COLUMNS.map(number),
    ...['control', 'treatment'].flatMap((arm) => [
      ...['n', 'mean', 'variance'].map((of) => number(`${arm}_${of}`)),
      text(arm),
    ]),
  ];
  return { name: SAMPLES, comment: 'no experiment has a goal or guardrail', query: listed(dialect, columns, []) };
}

/** Lines of one shape: their settings, both arms side by side, both samples. */
function shapeSteps(context: ModelContext, group: readonly Line[], number: number) {
  const { dialect, ref } = context;
  const [{ shape }] = group as readonly [Line];
  const declared = `declared_${number}`;
  const lines = `lines_${number}`;
  const moments = ref('metric_moments');
  const arm = (alias: 'c' | 't', variant: string) =>
    sql`\nleft join ${moments} as ${ident(alias)} on ${ident(alias, 'experiment')} = l."experiment" and ${ident(alias, 'metric')} = l."metric" and ${ident(alias, 'variant')} = ${ident('l', variant)} and ${ident(alias, 'slice_dimension')} is null`;
  const either = (name: string) => sql`coalesce(${ident('c', name)}, ${ident('t', name)})`;
  const fault = capFault({
    lower: either('lower'),
    upper: either('upper'),
    minimum: either('least'),
    maximum: either('greatest'),
  });
  const ended = sql`(l."stopped" or coalesce(${dialect.timestamp(sql`l."ends_at"`)} <= ${dialect.horizon}, false))`;
  const atHand = sql`(coalesce(c."units", 0) + coalesce(t."units", 0))`;
  const tuning = sql`case when l."planned_units" is not null then 2e0 * l."planned_units" when ${ended} and ${atHand} > 0 then cast(${atHand} as double) else ${trusted(dialect.number(DEFAULT_TUNING_UNITS))} end`;
  const columns = (['c', 't'] as const).flatMap((alias) =>
    armColumnNames(shape).map((name) =>
      as(isCount(name) ? sql`coalesce(${ident(alias, name)}, 0)` : ident(alias, name), `${alias}_${name}`),
    ),
  );
  const samples = lineSamples(`line_${number}`, shape, dialect);
  const kept = [...LINE_COLUMNS.map((name) => ident(name)), ...Object.values(samples.columns)];
  const computed = formulaSteps(`samples_${number}`, ident(lines), samples.definitions, kept);
  const steps: readonly Step[] = [
    {
      name: declared,
      comment: `goals and guardrails × treatments: ${describe(shape)}`,
      query: listed(dialect, SETTINGS, group.map(settingsOf)),
    },
    {
      name: lines,
      comment: 'with both arms side by side: c_ is the control, t_ the treatment',
      query: sql`select\n  ${list([
        ...SETTINGS.map(({ name }) => ident('l', name)),
        as(tuning, 'tuning_units'),
        ...columns,
        ...(shape.capped ? [as(fault, 'cap_fault')] : []),
      ])}\nfrom ${ident(declared)} as l${arm('c', 'control')}${arm('t', 'treatment')}`,
    },
    ...computed,
  ];
  const sampleColumns = (['control', 'treatment'] as const).flatMap((side) =>
    ARM_COLUMNS.map((of) => as(samples.arms[side][of], `${side}_${of}`)),
  );
  const select = sql`select ${list([...LINE_COLUMNS.map((name) => ident(name)), ...sampleColumns])}\nfrom ${ident(computed.at(-1)!.name)}`;
  return { steps, select };
}

const isCount = (name: string): boolean => name === 'units' || name === 'quantile_values';

function describe({ estimator, covariates, capped }: LineShape): string {
  return [
    `${estimator.toLowerCase()}s`,
    ...(covariates > 0 ? ['with a covariate'] : []),
    ...(capped ? ['capped'] : []),
  ].join(', ');
}

function settingsOf({ decided, one, treatment }: Line): readonly Parameter[] {
  const { experiment, control, treatments } = decided;
  const { alpha, harmAlpha } = experiment.analysis;
  const { member, metric } = one;
  // As `marginAlpha` and `repeatedOneSidedP`.
  const marginAlpha = alpha / treatments.length;
  return [
    ...[experiment.key, metric.metric, control, treatment, member.role, directionOf(metric)],
    ...[member.margin, member.minimumDetectableEffect],
    ...[alpha, marginAlpha, Math.min(2 * marginAlpha, 0.5), harmAlpha],
    experiment.plan?.unitsPerVariant ?? null,
    experiment.status === 'STOPPED' || experiment.status === 'ARCHIVED',
    experiment.end === null ? null : sqlTimestamp(experiment.end),
    ...[experiment.monitoring, policyOf(experiment).name],
    !metric.variables.some(leavesUnitsOut),
  ];
}

const directionOf = ({ goodWhen }: MetricVersion): string | null => (goodWhen === 'NEITHER' ? null : goodWhen);
