import type { AssignmentSource, Catalog } from '../../catalog/catalog.ts';
import { sqlTimestamp } from '../../core/instant.ts';
import { MOST_SLICES } from '../../experiment/slices.ts';
import { assignmentSource } from '../../plan/scope.ts';
import { bind, ident, join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { and, as, list, type Step } from '../../sql/statement.ts';
import { modelledExperiments } from '../declared.ts';
import type { ModelContext } from '../model.ts';
import { listed } from './listed.ts';
import type { Measured } from './measured.ts';

/** How the rest beyond the largest slices is named. A value of that name is in it. */
export const REST = '(other)';

/** A dimension that units are sliced by, and the experiments whose assignments declare it. */
export interface SlicedDimension {
  readonly name: string;
  readonly experiments: readonly string[];
}

/** The dimensions of the assignments, by name. */
export function slicedDimensions(catalog: Catalog): readonly SlicedDimension[] {
  const of = modelledExperiments(catalog).map((experiment) => ({
    key: experiment.key,
    dimensions: assignmentSource(catalog, experiment).dimensions.map(
      ({ name }: AssignmentSource['dimensions'][0]) => name,
    ),
  }));
  const names = [...new Set(of.flatMap(({ dimensions }) => dimensions))].sort();
  return names.map((name) => ({
    name,
    experiments: of.filter(({ dimensions }) => dimensions.includes(name)).map(({ key }) => key),
  }));
}

/** The column that says where a unit's slice is among those of a dimension, from 1; the rest is behind all others. */
export const placeColumn = (i: number): string => `place_${i}`;

/** The times after exposure at which units of some metric start to count. */
export function maturities(all: readonly Measured[]): readonly number[] {
  return [...new Set(all.flatMap(({ after }) => (after === null ? [] : [after])))].sort((a, b) => a - b);
}

/** The column that counts the units that are there so long after their exposure; null: at once. */
export const matureColumn = (after: number | null): string => (after === null ? 'exposed' : `mature_${after}`);

/** How many units count of those that a step tells: after the time that a metric (`m`) gives them. */
export function unitsAfter(all: readonly Measured[], alias: string): Sql {
  const times = maturities(all);
  if (times.length === 0) return ident(alias, 'exposed');
  const arms = times.map((after) => sql`when ${trusted(String(after))} then ${ident(alias, matureColumn(after))}`);
  return sql`case m."after" ${join(arms, ' ')} else ${ident(alias, 'exposed')} end`;
}

/**
 * Units by experiment, arm and place in each dimension (`arms`): those that were exposed, and how many of them count for metrics
 * that wait so long; and the same by slice (`arms_of_slices`), dimension 0 being the whole population.
 */
export function unitSteps(context: ModelContext, all: readonly Measured[]): readonly Step[] {
  const { catalog, dialect } = context;
  const dimensions = slicedDimensions(catalog);
  const places = dimensions.map((_, i) => ident(placeColumn(i)));
  const ends = modelledExperiments(catalog).map(({ key, treatmentEnd }) => [
    key,
    treatmentEnd === null ? null : sqlTimestamp(treatmentEnd),
  ]);
  const until = sql`least(coalesce(${dialect.timestamp(ident('e', 'treatment_end'))}, ${dialect.horizon}), ${dialect.horizon})`;
  const counts = ['exposed', ...maturities(all).map(matureColumn)];
  const waits = maturities(all).length > 0;
  const isMature = (after: number) =>
    sql`count(case when ${dialect.plusSeconds(ident('u', 'exposed_at'), after)} <= ${until} then 1 end)`;
  return [
    {
      name: 'experiments',
      comment: 'when treatment ends, where it does',
      query: listed(
        dialect,
        [
          { name: 'experiment', type: 'STRING' },
          { name: 'treatment_end', type: 'STRING' },
        ],
        ends,
      ),
    },
    ...dimensions.map((dimension, i) => placesStep(context, dimension, i)),
    {
      name: 'units',
      comment: 'every unit, and its slices',
      query: sql`select\n  ${list([
        ...['experiment', 'unit', 'variant', 'exposed_at'].map((name) => ident('a', name)),
        ...dimensions.map((_, i) => as(ident(`p${i}`, 'place'), placeColumn(i))),
      ])}\nfrom ${context.ref('experiment_assignments')} as a${join(
        dimensions.map((dimension, i) => joinPlace(dimension, i)),
        '',
      )}`,
      // Rows are told their slices by it, too.
      reused: dimensions.length > 0,
    },
    {
      name: 'arms',
      comment: 'units of each arm and combination of slices, and how many of them count',
      query: sql`select\n  ${list([
        ident('u', 'experiment'),
        ident('u', 'variant'),
        ...places.map((place) => sql`u.${place}`),
        as(sql`count(*)`, 'exposed'),
        ...maturities(all).map((after) => as(isMature(after), matureColumn(after))),
      ])}\nfrom units as u${waits ? sql`\njoin experiments as e on e."experiment" = u."experiment"` : sql``}\ngroup by ${join([sql`u."experiment"`, sql`u."variant"`, ...places.map((place) => sql`u.${place}`)], ', ')}`,
      reused: true,
    },
    {
      name: 'totals',
      comment: 'units of all arms',
      query: sql`select ${list([sql`"experiment"`, ...counts.map((name) => as(sql`sum(${ident(name)})`, name))])} from arms group by "experiment"`,
      reused: true,
    },
    dimensionsStep(context, dimensions),
    bySlice(
      'arms',
      ['experiment', 'variant'],
      dimensions,
      counts.map((name) => as(sql`sum(s.${ident(name)})`, name)),
    ),
  ];
}

function dimensionsStep({ dialect }: ModelContext, dimensions: readonly SlicedDimension[]): Step {
  return {
    name: 'dimensions',
    comment: 'the whole population, and each dimension',
    query: listed(dialect, [{ name: 'dimension', type: 'INTEGER' }], [[0], ...dimensions.map((_, i) => [i + 1])]),
  };
}

/** The place of a row in the dimension (`d`) at hand; null: the whole population, or not of this dimension. */
export const placeOf = (dimensions: readonly SlicedDimension[], alias: string): Sql =>
  dimensions.length === 0
    ? sql`cast(null as bigint)`
    : sql`case d."dimension" ${join(
        dimensions.map((_, i) => sql`when ${trusted(String(i + 1))} then ${ident(alias, placeColumn(i))}`),
        ' ',
      )} end`;

/** A step over combinations of slices, added up to the whole population and to each dimension's slices. */
export function bySlice(
  from: string,
  keys: readonly string[],
  dimensions: readonly SlicedDimension[],
  sums: readonly Sql[],
): Step {
  const place = placeOf(dimensions, 's');
  const own = keys.map((key) => ident('s', key));
  return {
    name: `${from}_of_slices`,
    comment: 'the same of the whole population and of each slice',
    query: sql`select\n  ${list([...own, sql`d."dimension"`, as(place, 'place'), ...sums])}\nfrom ${ident(from)} as s cross join dimensions as d\nwhere d."dimension" = 0 or ${place} is not null\ngroup by ${join([...own, sql`d."dimension"`, place], ', ')}`,
    reused: true,
  };
}

/** The largest slices of a dimension one by one, the rest as one. */
function placesStep({ ref }: ModelContext, { name, experiments }: SlicedDimension, i: number): Step {
  const column = ident(`dim_${name}`);
  const most = trusted(String(MOST_SLICES));
  const counted = sql`select "experiment", ${column} as "slice_value", count(*) as "units"\n  from ${ref('experiment_assignments')}\n  where "experiment" in (${join(
    experiments.map((key) => bind(key)),
    ', ',
  )})\n  group by "experiment", ${column}`;
  const ranked = sql`select *, row_number() over (partition by "experiment" order by "units" desc, "slice_value") as "position"\n  from (\n  ${counted}) as c`;
  return {
    name: `places_${i}`,
    comment: `the slices by ${name.replaceAll('\n', ' ')}, the largest first; what is beyond the largest is one rest`,
    query: sql`select "experiment", "slice_value", case when "position" > ${most} or "slice_value" = '${trusted(REST)}' then ${most} + 1 else "position" end as "place"\nfrom (\n  ${ranked}) as p`,
    reused: true,
  };
}

/** Engines join fast only by equality, and a null equals nothing. */
function joinPlace({ name }: SlicedDimension, i: number): Sql {
  const place = (column: string) => ident(`p${i}`, column);
  const own = ident('a', `dim_${name}`);
  const on = and([
    sql`${place('experiment')} = a."experiment"`,
    sql`coalesce(${place('slice_value')}, '') = coalesce(${own}, '')`,
    sql`(${place('slice_value')} is null) = (${own} is null)`,
  ]);
  return sql`\nleft join ${ident(`places_${i}`)} as ${ident(`p${i}`)} on ${on}`;
}

/** Each place's value by dimension, in one step. */
export function sliceNames(dimensions: readonly SlicedDimension[]): Step {
  const most = trusted(String(MOST_SLICES));
  const whole = sql`select cast(null as varchar) as "experiment", cast(0 as bigint) as "dimension", cast(null as varchar) as "slice_dimension", cast(null as bigint) as "place", cast(null as varchar) as "slice_value" where false`;
  const each = dimensions.map(
    ({ name }, i) =>
      sql`select distinct "experiment", ${trusted(String(i + 1))}, ${bind(name)}, "place", case when "place" > ${most} then '${trusted(REST)}' else "slice_value" end from ${ident(`places_${i}`)}`,
  );
  return { name: 'slices', comment: 'what each slice is called', query: join([whole, ...each], '\nunion all ') };
}
