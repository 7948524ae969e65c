import type { Catalog } from '../../catalog/catalog.ts';
import { groupBy } from '../../core/group-by.ts';
import { UNKNOWNS } from '../../core/vocabulary.ts';
import { MOST_SLICES } from '../../experiment/slices.ts';
import { SRM_THRESHOLD, SRM_WARNING } from '../../experiment/srm.ts';
import { assignmentSource } from '../../plan/scope.ts';
import { bind, ident, join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { as, list, type Step, statement } from '../../sql/statement.ts';
import { modelledExperiments } from '../declared.ts';
import type { Model, ModelColumn, ModelContext } from '../model.ts';
import { REST, type SlicedDimension, slicedDimensions } from '../results/units.ts';
import { adjustedPValues } from '../statistics/adjustment.ts';
import { formulaSteps } from '../statistics/formula.ts';
import { AS_OF, asOfSql, EXPERIMENT, VARIANT } from '../tables/shared-columns.ts';
import { allocationSteps, allocationsStep, NOT_IN_SQL, TESTED } from './allocation.ts';
import { stageCounts, stagesStep } from './stages.ts';

const KEYS = ['experiment', 'stage', 'slice_dimension', 'slice_value', 'date'] as const;

const COLUMNS: readonly ModelColumn[] = [
  EXPERIMENT,
  {
    name: 'stage',
    type: 'STRING',
    values: ['ASSIGNED', 'ANALYSED', 'ACTIVATED'],
    description:
      'Which units are tested: all in their first variant, those that are analysed (the headline test), those of them that were activated. Slices and days are of ANALYSED units; where units are activated, of ACTIVATED ones.',
  },
  {
    name: 'slice_dimension',
    type: 'STRING',
    nullable: true,
    description: 'Dimension of the assignments that the units are sliced by; null: the whole population.',
  },
  {
    name: 'slice_value',
    type: 'STRING',
    nullable: true,
    description: `Value of the dimension, which may be null; \`${REST}\`: all beyond the ${MOST_SLICES} largest.`,
  },
  {
    name: 'date',
    type: 'DATE',
    nullable: true,
    description: "Units exposed up to the end of this day of the experiment's time zone; null: until as_of.",
  },
  VARIANT,
  { name: 'position', type: 'INTEGER', description: 'Position of the variant as declared, from 0.' },
  { name: 'observed', type: 'FLOAT', description: 'Units of the variant; clusters where those were randomised.' },
  { name: 'expected', type: 'FLOAT', description: "Units that the weights of the test's phases promise." },
  {
    name: 'chi_square',
    type: 'FLOAT',
    nullable: true,
    description: 'Of the test, as all columns from here on: alike in all rows of it. null: see unknown.',
  },
  { name: 'degrees_of_freedom', type: 'FLOAT', nullable: true, description: 'Of the test.' },
  {
    name: 'p_value',
    type: 'FLOAT',
    nullable: true,
    description: 'Of the test that the units fall into the variants by their weights.',
  },
  {
    name: 'adjusted_p_value',
    type: 'FLOAT',
    nullable: true,
    description: "Of slices: by Benjamini and Hochberg over the dimension's slices.",
  },
  { name: 'detected', type: 'BOOLEAN', nullable: true, description: `The alarm: p below ${SRM_THRESHOLD}.` },
  { name: 'warning', type: 'BOOLEAN', nullable: true, description: `p below ${SRM_WARNING}.` },
  {
    name: 'unknown',
    type: 'STRING',
    nullable: true,
    values: [...UNKNOWNS, NOT_IN_SQL],
    description: `Why the test is not computed; ${NOT_IN_SQL}: the weights of three or more variants changed, which only the API tests.`,
  },
];

/** Whether the variants are as large as their weights promise: at each stage, by slice, and day by day. One row a test and variant. */
export const sampleRatioMismatch: Model = {
  name: 'sample_ratio_mismatch',
  materialization: 'view',
  description:
    'Whether the variants are as large as their weights promise (chi-square): at each stage, by slice, and of all units exposed up to each day. One row a test and variant; the test itself is alike in all its rows.',
  columns: () => [...COLUMNS, AS_OF],
  key: [...KEYS, 'variant'],
  uses: ['experiment_assignments', 'experiment_exclusions'],
  sources: () => [],
  select: (context) => {
    const family = ['experiment', 'stage', 'slice_dimension', 'date'].map((name) => ident(name));
    const pValue = sql`case when "slice_dimension" is not null then "p_value" end`;
    // A test has as many rows as the experiment has variants, which changes none of its ranks' shares.
    const adjusted = adjustedPValues('slices', { pValue, family }, 'BENJAMINI_HOCHBERG');
    const tested = [...KEYS, ...TEST_COLUMNS];
    const corrected = formulaSteps('corrected', ident(TESTED), adjusted.definitions, [
      ...tested.map((name) => ident(name)),
      adjusted.columns.adjusted,
    ]);
    const steps = [
      allocationsStep(context),
      stagesStep(context),
      countsStep(context),
      ...allocationSteps(context, { from: 'counts', keys: KEYS, cumulative: 'date' }),
      ...corrected,
    ];
    const below = (bound: number) => sql`"p_value" < ${trusted(context.dialect.number(bound))}`;
    const columns = COLUMNS.map(({ name }) => {
      if (name === 'adjusted_p_value') return as(adjusted.columns.adjusted, name);
      if (name === 'detected') return as(below(SRM_THRESHOLD), name);
      if (name === 'warning') return as(below(SRM_WARNING), name);
      return ident(name);
    });
    const select = sql`select\n  ${list([...columns, asOfSql(context)])}\nfrom ${ident(corrected.at(-1)!.name)}`;
    return statement(steps, select, context.dialect.reuse);
  },
};

const TEST_COLUMNS = [
  'variant',
  'position',
  'observed',
  'expected',
  'chi_square',
  'degrees_of_freedom',
  'p_value',
  'unknown',
] as const;

/** Units of each test by variant and phase. */
function countsStep(context: ModelContext): Step {
  const stages = sql`select "experiment", "stage", cast(null as varchar) as "slice_dimension", cast(null as varchar) as "slice_value", cast(null as date) as "date", "variant", "phase", "units"\nfrom ${stageCounts(context)}`;
  const slices = slicedDimensions(context.catalog).map((dimension) => sliceCounts(context, dimension));
  return {
    name: 'counts',
    comment: 'units at each stage; by slice, the largest one by one and the others as one rest; and by day',
    query: join([stages, ...slices, ...dayCounts(context)], '\nunion all\n'),
  };
}

/** The stage of the units that `experiment_assignments` holds. */
function stageOf({ catalog }: ModelContext): Sql {
  const activated = modelledExperiments(catalog).filter(({ activation }) => activation != null);
  if (activated.length === 0) return sql`'ANALYSED'`;
  return sql`case when "experiment" in (${texts(activated.map(({ key }) => key))}) then 'ACTIVATED' else 'ANALYSED' end`;
}

const texts = (values: readonly string[]): Sql =>
  join(
    values.map((value) => bind(value)),
    ', ',
  );

/** What was randomised among some rows. */
function randomised(catalog: Catalog, keys: readonly string[], counted: Sql = sql`count(*)`): Sql {
  const clustered = keys.filter((key) => assignmentSource(catalog, catalog.experiments.get(key)!).cluster != null);
  if (clustered.length === 0) return counted;
  return sql`case when "experiment" in (${texts(clustered)}) then count(distinct "cluster") else ${counted} end`;
}

function sliceCounts(context: ModelContext, { name, experiments }: SlicedDimension): Sql {
  const { catalog, ref } = context;
  const column = ident(`dim_${name}`);
  const most = trusted(String(MOST_SLICES));
  const counted = sql`select "experiment", ${column} as "value", "variant", "phase", count(*) as "rows", ${randomised(catalog, experiments)} as "units"\n    from ${ref('experiment_assignments')}\n    where "experiment" in (${texts(experiments)})\n    group by "experiment", ${column}, "variant", "phase"`;
  const totals = sql`select *, sum("rows") over (partition by "experiment", "value") as "total" from (\n    ${counted}) as c`;
  const placed = sql`select *, dense_rank() over (partition by "experiment" order by "total" desc, "value") as "place" from (\n    ${totals}) as t`;
  const value = sql`case when "place" <= ${most} then "value" else '${trusted(REST)}' end`;
  return sql`select "experiment", ${stageOf(context)}, ${bind(name)}, ${value}, cast(null as date), "variant", "phase", "units"\nfrom (\n  ${placed}) as p`;
}

/** Units by the day of their assignment, in each experiment's time zone; of clusters that of the first unit. */
function dayCounts(context: ModelContext): readonly Sql[] {
  const { catalog, dialect, ref } = context;
  const timed = modelledExperiments(catalog).filter(
    (experiment) => assignmentSource(catalog, experiment).timestamp !== null,
  );
  const clustered = (key: string) => assignmentSource(catalog, catalog.experiments.get(key)!).cluster != null;
  const dates = (at: Sql, keys: readonly string[]) => {
    const zones = groupBy(
      timed.filter(({ key }) => keys.includes(key)),
      ({ timezone }) => timezone,
    );
    const cases = [...zones].map(
      ([zone, own]) =>
        sql`when "experiment" in (${texts(own.map(({ key }) => key))}) then ${dialect.period(at, 'DAY', zone)}`,
    );
    return sql`case ${join(cases, ' ')} end`;
  };
  const from = (rows: Sql, keys: readonly string[], at: Sql) =>
    sql`select "experiment", ${stageOf(context)}, cast(null as varchar), cast(null as varchar), "date", "variant", "phase", count(*)\nfrom (\n  select "experiment", ${dates(at, keys)} as "date", "variant", "phase" from ${rows}) as d\nwhere "date" is not null\ngroup by "experiment", "date", "variant", "phase"`;
  const keys = timed.map(({ key }) => key);
  const [units, whole] = [keys.filter((key) => !clustered(key)), keys.filter(clustered)];
  const source = ref('experiment_assignments');
  const clusters = sql`(select "experiment", "cluster", "variant", min("phase") as "phase", min("assigned_at") as "first_at" from ${source} where "experiment" in (${texts(whole)}) group by "experiment", "cluster", "variant") as c`;
  return [
    ...(units.length === 0
      ? []
      : [from(sql`${source} where "experiment" in (${texts(units)})`, units, ident('assigned_at'))]),
    ...(whole.length === 0 ? [] : [from(clusters, whole, ident('first_at'))]),
  ];
}
