import {
  CORRECTIONS,
  type Correction,
  LIFT_METHODS,
  METRIC_ROLES,
  SEQUENTIAL_METHODS,
  UNKNOWNS,
} from '../../core/vocabulary.ts';
import { isRamped } from '../../experiment/allocation.ts';
import { RESULT_FLAGS, type ResultFlag, SMALL_SAMPLE, SUSPICIOUS_LIFT } from '../../experiment/flags.ts';
import { FAULT_P } from '../../experiment/line-faults.ts';
import { OUTCOMES } from '../../experiment/outcome.ts';
import { resultColumns } from '../../experiment/results-table.ts';
import { bind, ident, join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { as, list, type Step, statement } from '../../sql/statement.ts';
import { modelledExperiments } from '../declared.ts';
import type { Model, ModelColumn, ModelContext } from '../model.ts';
import { adjustedPValues, type RenderedCorrection } from '../statistics/adjustment.ts';
import { formulaSteps } from '../statistics/formula.ts';
import { sampleRatioSteps } from '../statistics/srm.ts';
import { AS_OF, asOfSql } from '../tables/shared-columns.ts';
import { listed } from './listed.ts';
import { correctionOf, type DeclaredLine, declaredLines, RESULT_LINES, resultLineSteps } from './result-lines.ts';
import { staleStep } from './stale.ts';

/** Why a number is null that the API computes and SQL does not. */
export const NOT_IN_SQL = 'NOT_IN_SQL';

/** Flags that need the rows themselves, or the policy's evidence. */
const UNTOLD_FLAGS: readonly ResultFlag[] = ['HEAVY_TAIL', 'WORSE_WITHIN_MARGIN'];

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  experiment: 'Key of the experiment.',
  metric: 'Name of the metric.',
  metric_version: 'Version of the metric that was computed.',
  role: 'What the metric is for in the experiment.',
  control: 'Key of the variant that the treatment is compared with.',
  treatment: 'Key of the treatment.',
  slice_dimension: 'Dimension of the assignments that the units are sliced by; null: the whole population.',
  slice_value: 'Value of the dimension, which may be null; `(other)`: all beyond the 50 largest.',
  control_units: 'Units of the control that count; null: a quantile of events or an approximate one.',
  treatment_units: 'Units of the treatment that count; null: a quantile of events or an approximate one.',
  control_mean: "The control's mean, share, ratio or quantile, not adjusted.",
  treatment_mean: "The treatment's mean, share, ratio or quantile, not adjusted.",
  difference: 'Treatment minus control, adjusted as the analysis says.',
  difference_lower: 'Lower end of the interval of the difference.',
  difference_upper: 'Upper end of the interval of the difference.',
  lift: 'Relative change, 0.05 is 5 %.',
  lift_lower: 'Lower end of the interval of the lift.',
  lift_upper: 'Upper end of the interval of the lift.',
  p_value: 'Two-sided p-value of the difference.',
  adjusted_p_value:
    "A goal's p-value corrected over goals × treatments; of slices by Benjamini and Hochberg over the dimension's.",
  outcome: 'What the headline says at alpha, for goals by the corrected p-value.',
  unknown: `Why a number is null; ${NOT_IN_SQL}: the API computes it, SQL does not (clusters, strata, phases, group-sequential looks, quantiles of events, some corrections).`,
  flags: `JSON list of what a reader must know. Not told here: ${UNTOLD_FLAGS.join(', ')}; OUTLIERS_CAPPED and CAP_DEGENERATE of a cap of rows; SRM where the allocation changed.`,
};

const VALUES: Readonly<Record<string, readonly string[]>> = {
  role: METRIC_ROLES,
  outcome: OUTCOMES,
  unknown: [...UNKNOWNS, NOT_IN_SQL],
};

const NEVER_NULL = ['experiment', 'metric', 'metric_version', 'role', 'control', 'treatment', 'outcome', 'flags'];

/** As the API's table has them, the slice in two columns behind the treatment. */
function shared(): readonly ModelColumn[] {
  const told = resultColumns([])
    .filter(({ name }) => name !== AS_OF.name)
    .map(({ name, type }): ModelColumn => {
      const values = VALUES[name];
      const nullable = NEVER_NULL.includes(name) ? {} : { nullable: true };
      return { name, type, description: DESCRIPTIONS[name]!, ...nullable, ...(values === undefined ? {} : { values }) };
    });
  const slice = ['slice_dimension', 'slice_value'].map(
    (name): ModelColumn => ({ name, type: 'STRING', description: DESCRIPTIONS[name]!, nullable: true }),
  );
  const at = told.findIndex(({ name }) => name === 'treatment') + 1;
  return [...told.slice(0, at), ...slice, ...told.slice(at)];
}

const COLUMNS: readonly ModelColumn[] = [
  ...shared(),
  { name: 'standard_error', type: 'FLOAT', nullable: true, description: 'Standard error of the difference.' },
  { name: 'degrees_of_freedom', type: 'FLOAT', nullable: true, description: "Of Welch's t test." },
  { name: 'alpha', type: 'FLOAT', description: 'Level of the tests, two-sided.' },
  { name: 'level', type: 'FLOAT', description: 'Level of the intervals, 1 − alpha.' },
  { name: 'correction', type: 'STRING', description: 'How p-values of the family are corrected.', values: CORRECTIONS },
  {
    name: 'sequential',
    type: 'STRING',
    description: 'How the tests stay valid when looked at repeatedly.',
    values: SEQUENTIAL_METHODS,
  },
  { name: 'lift_method', type: 'STRING', description: 'How the interval of the lift is made.', values: LIFT_METHODS },
  {
    name: 'metric_hash',
    type: 'STRING',
    description: "Of the metric's definition: what changes the number changes it.",
  },
  AS_OF,
];

/** The results of every metric, treatment and slice. */
export const experimentResults: Model = {
  name: 'experiment_results',
  materialization: 'table',
  description: 'Results of every metric of every experiment, by treatment, of the whole population and of its slices.',
  columns: () => COLUMNS,
  key: ['experiment', 'metric', 'control', 'treatment', 'slice_dimension', 'slice_value'],
  uses: ['experiment_exclusions', 'source_freshness', 'metric_moments'],
  sources: () => [],
  select(context) {
    const lines = declaredLines(context.catalog);
    return lines.length === 0 ? noRows(context) : results(context, lines);
  },
};

function noRows({ dialect }: ModelContext): Sql {
  const none = COLUMNS.map(({ name, type }) =>
    as(name === AS_OF.name ? dialect.horizon : dialect.literal(sql`null`, type), name),
  );
  return sql`select ${list(none)}\nwhere false`;
}

/** Corrections that SQL has; of the others a line's corrected p-value is not said. */
const RENDERED: readonly Correction[] = ['NONE', 'BONFERRONI', 'HOLM', 'HOCHBERG', 'BENJAMINI_HOCHBERG'];

function results(context: ModelContext, lines: readonly DeclaredLine[]): Sql {
  const corrected = correctedSteps(lines);
  const steps = [
    ...resultLineSteps(context, lines),
    ...corrected.steps,
    ...staleStep(context),
    ...mismatchSteps(context),
    judgedStep(corrected.adjusted, corrected.last),
  ];
  return statement(steps, lastSelect(context), context.dialect.reuse);
}

/** p-values corrected within their families: all goals × treatments, of slices those of a dimension. */
function correctedSteps(lines: readonly DeclaredLine[]): {
  readonly steps: readonly Step[];
  readonly adjusted: Sql;
  readonly last: string;
} {
  const inFamily = sql`over (partition by "experiment", "slice_dimension")`;
  const families: Step = {
    name: 'families',
    comment: 'the correction of each line, and whether SQL has the p-values of its whole family',
    query: sql`select *,\n  ${list([
      as(sql`case when "slice_dimension" is null then "correction" else 'BENJAMINI_HOCHBERG' end`, 'family_correction'),
      as(sql`max(case when "role" = 'GOAL' and "is_untold" then 1 else 0 end) ${inFamily}`, 'is_partial'),
    ])}\nfrom ${ident(RESULT_LINES)}`,
  };
  const used = RENDERED.filter(
    (one) => one === 'BENJAMINI_HOCHBERG' || lines.some((line) => correctionOf(line) === one),
  ) as readonly RenderedCorrection[]; // all that are listed are rendered
  const family = ['experiment', 'slice_dimension'].map((name) => ident(name));
  const formulas = used.map((correction) => {
    const own = sql`case when "role" = 'GOAL' and "is_partial" = 0 and "family_correction" = '${trusted(correction)}' then "p_value" end`;
    return {
      correction,
      formula: adjustedPValues(`family_${correction.toLowerCase()}`, { pValue: own, family }, correction),
    };
  });
  const adjusted = sql`case "family_correction" ${join(
    formulas.map(({ correction, formula }) => sql`when '${trusted(correction)}' then ${formula.columns.adjusted}`),
    ' ',
  )} end`;
  const kept = [...KEPT.map((name) => ident(name)), ...formulas.map(({ formula }) => formula.columns.adjusted)];
  const steps = formulaSteps(
    'corrected',
    ident(families.name),
    formulas.flatMap(({ formula }) => formula.definitions),
    kept,
  );
  return { steps: [families, ...steps], adjusted, last: steps.at(-1)!.name };
}

/** Columns of `result_lines` that are needed behind the correction. */
const KEPT = [
  ...['experiment', 'metric', 'metric_version', 'role', 'control', 'treatment', 'slice_dimension', 'slice_value'],
  ...[
    'c_shown_units',
    't_shown_units',
    'control_mean',
    'treatment_mean',
    'difference',
    'difference_lower',
    'difference_upper',
  ],
  ...['lift', 'lift_lower', 'lift_upper', 'p_value', 'unknown', 'lift_unknown', 'standard_error', 'degrees_of_freedom'],
  ...[
    'alpha',
    'level',
    'correction',
    'sequential',
    'lift_method',
    'metric_hash',
    'good_when',
    'is_untold',
    'is_partial',
  ],
  ...['is_post_treatment', 'is_partial_day', 'is_imbalanced', 'has_moved', 'is_negative', 'capped_units', 'degenerate'],
  'family_correction',
] as const;

/** Experiments whose arms are not as large as their weights promise; with changing weights it is not told. */
function mismatchSteps({ catalog, dialect, ref }: ModelContext): readonly Step[] {
  const rows = modelledExperiments(catalog)
    .filter((experiment) => !isRamped(experiment))
    .flatMap(({ key, variants }) => variants.map((variant) => [key, variant.key, variant.weight]));
  const weights: Step = {
    name: 'weights',
    comment: 'the planned allocation',
    query: listed(
      dialect,
      [
        { name: 'experiment', type: 'STRING' },
        { name: 'variant', type: 'STRING' },
        { name: 'weight', type: 'FLOAT' },
      ],
      rows,
    ),
  };
  const counted: Step = {
    name: 'randomised',
    comment: 'analysed units, or clusters, of each variant',
    query: sql`select w."experiment", w."variant", w."weight", sum(coalesce(e."clusters", e."units")) as "observed"\nfrom weights as w\nleft join ${ref('experiment_exclusions')} as e on e."experiment" = w."experiment" and e."variant" = w."variant" and e."reason" is null and not e."activated"\ngroup by w."experiment", w."variant", w."weight"`,
  };
  const tested = sampleRatioSteps(
    'mismatch',
    ident(counted.name),
    { test: ['experiment'], observed: ident('observed'), weight: ident('weight') },
    dialect,
  );
  return [weights, counted, ...tested];
}

/** Every line with its corrected p-value, what it says, and its flags. */
function judgedStep(adjusted: Sql, from: string): Step {
  const inner = sql`select *, ${as(adjusted, 'adjusted_p_value')} from ${ident(from)}`;
  const p = sql`case when l."role" = 'GOAL' then l."adjusted_p_value" else l."p_value" end`;
  const improves = sql`(l."difference" > 0e0) = (l."good_when" = 'UP')`;
  const outcome = sql`case when ${p} is null or l."difference" is null then 'UNKNOWN' when ${p} > l."alpha" or l."difference" = 0e0 then 'INCONCLUSIVE' when l."good_when" = 'NEITHER' then 'CHANGED' when ${improves} then 'BETTER' else 'WORSE' end`;
  const rendered = join(
    RENDERED.map((one) => bind(one)),
    ', ',
  );
  const isUncorrected = sql`l."role" = 'GOAL' and l."p_value" is not null and (l."is_partial" = 1 or l."family_correction" not in (${rendered}))`;
  const unknown = sql`case when l."is_untold" or ${isUncorrected} then '${trusted(NOT_IN_SQL)}' else coalesce(l."unknown", l."lift_unknown") end`;
  const holds: Readonly<Partial<Record<ResultFlag, Sql>>> = {
    SMALL_SAMPLE: sql`least(l."c_shown_units", l."t_shown_units") < ${trusted(String(SMALL_SAMPLE))}`,
    OUTLIERS_CAPPED: sql`l."capped_units" > 0`,
    CAP_DEGENERATE: sql`l."degenerate" is not null`,
    COVARIATE_IMBALANCE: sql`l."is_imbalanced"`,
    DENOMINATOR_MOVED: sql`l."has_moved"`,
    SUSPICIOUS_LIFT: sql`abs(l."lift") > ${trusted(`${SUSPICIOUS_LIFT}e0`)} and l."p_value" <= l."alpha"`,
    POST_TREATMENT_FILTER: sql`l."is_post_treatment"`,
    NEGATIVE_MEANS: sql`l."is_negative"`,
    STALE: sql`s."metric" is not null`,
    PARTIAL_DAY: sql`l."is_partial_day"`,
    SRM: sql`x."p_value" < ${trusted(`${FAULT_P}e0`)}`,
  };
  const written = RESULT_FLAGS.flatMap((flag) => {
    const when = holds[flag];
    return when === undefined ? [] : [sql`case when ${when} then ',"${trusted(flag)}"' else '' end`];
  });
  return {
    name: 'judged',
    comment: 'what each line says',
    query: sql`select l.*,\n  ${list([as(outcome, 'outcome'), as(unknown, 'why_unknown'), as(sql`'[' || substr(${join(written, '\n    || ')}, 2) || ']'`, 'flags')])}\nfrom (\n${inner}\n) as l\nleft join stale as s on s."experiment" = l."experiment" and s."metric" = l."metric"\nleft join mismatch as x on x."experiment" = l."experiment"`,
  };
}

const RENAMED: Readonly<Record<string, string>> = {
  control_units: 'c_shown_units',
  treatment_units: 't_shown_units',
  unknown: 'why_unknown',
};

function lastSelect(context: ModelContext): Sql {
  const columns = COLUMNS.filter(({ name }) => name !== AS_OF.name).map(({ name }) => {
    const of = RENAMED[name];
    return of === undefined ? ident(name) : as(ident(of), name);
  });
  return sql`select\n  ${list([...columns, asOfSql(context)])}\nfrom judged`;
}
