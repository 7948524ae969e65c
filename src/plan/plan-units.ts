import type { Catalog } from '../catalog/catalog.ts';
import type { Cell, Row } from '../engine/engine.ts';
import type { Dialect } from '../sql/dialect.ts';
import { bind, compile, ident, join, type Sql, sql } from '../sql/sql.ts';
import { and, as, list, type Step, statement } from '../sql/statement.ts';
import type { ExposureCount } from './answer.ts';
import { withVariantNames } from './assignment-rows.ts';
import { isClustered, overCluster } from './clusters.ts';
import { exposureSteps } from './exposures.ts';
import { filterDimensions } from './filter.ts';
import { PHASE_COLUMN, phaseDimension } from './phases.ts';
import type { PlannedStatement } from './planned.ts';
import type { ExposuresQuestion, FreshnessQuestion, SlicesQuestion } from './question.ts';
import { arrivedBefore, instantSql, relationSql, untilSql } from './relation.ts';
import { createScope } from './scope.ts';

/** Units by period of exposure and variant. */
export function planExposures(
  catalog: Catalog,
  dialect: Dialect,
  questions: readonly ExposuresQuestion[],
): readonly PlannedStatement[] {
  return questions.map((question) => {
    const { population, grain } = question;
    const scope = createScope(catalog, dialect, [population], {
      dimensions: [...filterDimensions(population.where), ...phaseDimension([population])],
    });
    const phase = scope.phased ? [PHASE_COLUMN] : [];
    const clustered = isClustered(scope);
    const group = join(
      ['period', 'arm', ...phase].map((name) => ident(name)),
      ', ',
    );
    // A cluster enters with the first of its units.
    const isFirst = sql`case when row_number() ${overCluster(scope, [], ['exposed_at', 'unit'])} = 1 then 1 end`;
    const period = dialect.period(ident('exposed_at'), grain, population.experiment.timezone);
    const dated: Step = {
      name: 'dated',
      comment: "the period of each unit's exposure",
      query: sql`select ${join([as(period, 'period'), ...['arm', ...phase].map((name) => ident(name)), ...(clustered ? [as(isFirst, 'first_of_cluster')] : [])], ', ')} from exposures`,
    };
    const counted: Step = {
      name: 'counted',
      comment: 'units of each period and arm',
      query: sql`select ${group}, count(*) as "units"${clustered ? sql`, count("first_of_cluster") as "clusters"` : sql``} from dated group by ${group}`,
    };
    const select = withVariantNames(scope, 'counted', { orderBy: ['period', 'arm', ...phase] });
    return {
      purpose: 'exposures',
      compiled: compile(
        statement([...exposureSteps(scope), dated, counted], select, dialect.reuse),
        dialect.placeholder,
      ),
      questions: [question],
      answer: (_, rows) =>
        rows.map((row) => ({
          period: String(row.period),
          variant: String(row.variant),
          units: Number(row.units),
          ...apart(row),
        })),
    };
  });
}

/** Units by slice and variant: the largest slices one by one, the rest as one. */
export function planSlices(
  catalog: Catalog,
  dialect: Dialect,
  questions: readonly SlicesQuestion[],
): readonly PlannedStatement[] {
  return questions.map((question) => {
    const { population, sliceBy, limit } = question;
    const scope = createScope(catalog, dialect, [population], {
      dimensions: [...sliceBy, ...filterDimensions(population.where), ...phaseDimension([population])],
    });
    const phase = scope.phased ? [PHASE_COLUMN] : [];
    const clusters = isClustered(scope) ? ['clusters'] : [];
    const names = sliceBy.map((name) => ident(`dim_${name}`));
    const columns = join(names, ', ');
    const counted: Step = {
      name: 'counted',
      comment: 'units of each combination and arm',
      query: sql`select\n  ${list([...names, ident('arm'), ...phase.map((name) => ident(name)), as(sql`count(*)`, 'units'), ...clusters.map((name) => as(sql`count(distinct "cluster")`, name))])}\nfrom exposures\ngroup by ${join([...names, ...['arm', ...phase].map((name) => ident(name))], ', ')}`,
    };
    const totals: Step = {
      name: 'totals',
      comment: 'how large each combination is',
      query: sql`select *, sum("units") over (partition by ${columns}) as "total" from counted`,
    };
    const placed: Step = {
      name: 'placed',
      comment: 'the largest first',
      query: sql`select *, dense_rank() over (order by "total" desc, ${columns}) as "place" from totals`,
    };
    const most = dialect.literal(bind(limit), 'INTEGER');
    const shown = (column: Sql) => sql`case when "place" <= ${most} then ${column} end`;
    const position = sql`case when "place" <= ${most} then "place" end`;
    const grouped: Step = {
      name: 'shown',
      comment: 'what is beyond the largest is one rest',
      query: sql`select\n  ${list([...sliceBy.map((name, i) => as(shown(names[i]!), `dim_${name}`)), as(position, 'position'), ...['arm', ...phase, 'units', ...clusters].map((name) => ident(name))])}\nfrom placed`,
    };
    const key = join(
      ['position', 'arm', ...phase].map((name) => ident(name)),
      ', ',
    );
    const summed: Step = {
      name: 'summed',
      comment: 'units of what is shown',
      query: sql`select ${columns}, ${key}, sum("units") as "units"${clusters.length === 0 ? sql`` : sql`, sum("clusters") as "clusters"`}\nfrom shown\ngroup by ${columns}, ${key}`,
    };
    const select = withVariantNames(scope, 'summed', { orderBy: ['position', 'arm', ...phase] });
    return {
      purpose: 'slices',
      compiled: compile(
        statement([...exposureSteps(scope), counted, totals, placed, grouped, summed], select, dialect.reuse),
        dialect.placeholder,
      ),
      questions: [question],
      answer: (_, rows) =>
        rows.map((row) => ({
          values: row.position === null ? null : sliceBy.map((name) => sliceText(row[`dim_${name}`] ?? null)),
          variant: String(row.variant),
          units: Number(row.units),
          ...apart(row),
        })),
    };
  });
}

/** The clusters and the phase of a count, where it tells them. */
function apart(row: Row): Pick<ExposureCount, 'clusters' | 'phase'> {
  return {
    ...(row.clusters === undefined ? {} : { clusters: Number(row.clusters) }),
    ...(row[PHASE_COLUMN] === undefined ? {} : { phase: Number(row[PHASE_COLUMN]) }),
  };
}

/** A dimension's value as text, the same on all engines: each prints numbers and instants in its own way. */
function sliceText(value: Cell): string | null {
  if (value === null) return null;
  const text = String(value);
  return /^\d{4}-\d\d-\d\dT.*Z$/.test(text) ? text.slice(0, -1).replace('T', ' ') : text;
}

/** How much a source holds, and how new its newest row is. */
export function planFreshness(dialect: Dialect, questions: readonly FreshnessQuestion[]): readonly PlannedStatement[] {
  return questions.map((question) => ({
    purpose: 'freshness',
    compiled: compile(freshnessQuery(dialect, question), dialect.placeholder),
    questions: [question],
    answer: (_, result) => ({
      rows: Number(result[0]!.rows),
      latest: result[0]!.latest == null ? null : String(result[0]!.latest),
    }),
  }));
}

/** One row: `rows`, and the `latest` of them, text of nothing for a source without timestamps. */
export function freshnessQuery(dialect: Dialect, { source, asOf }: Pick<FreshnessQuestion, 'source' | 'asOf'>): Sql {
  const column = source.kind === 'experiments' ? null : source.timestamp;
  const latest = column === null ? sql`cast(null as varchar)` : sql`max("at")`;
  const arrived = arrivedBefore(source, asOf, dialect);
  const where = arrived.length === 0 ? sql`` : sql` where ${and(arrived)}`;
  const rows =
    column === null
      ? sql`select 1 as "one" from ${relationSql(source)} as s${where}`
      : sql`select * from (select ${as(instantSql(source, column, dialect), 'at')} from ${relationSql(source)} as s${where}) as t where "at" < ${untilSql(asOf, dialect)}`;
  return sql`-- rows of ${ident(source.name)} before asOf, and the newest\nselect count(*) as "rows", ${as(latest, 'latest')}\nfrom (\n  ${rows}\n) as r`;
}
