import type { Moments } from '../core/moments.ts';
import type { Row } from '../engine/engine.ts';
import type { Cap } from '../metric-types/metric-type.ts';
import { ident, join, type Sql, sql, trusted } from '../sql/sql.ts';
import { and, as, list, type Step } from '../sql/statement.ts';
import type { ArmCapping, ArmMoments } from './answer.ts';
import type { AliasedMetric, PlannedMeasure } from './measures.ts';
import type { MomentNeed } from './question.ts';
import type { Scope } from './scope.ts';
import { qualityColumns, variableAlias } from './unit-variables.ts';

/** What a statement computes of one metric. */
export interface WantedMoments {
  readonly metric: AliasedMetric;
  readonly needs: ReadonlySet<MomentNeed>;
  /** One a variable. */
  readonly pivots: readonly number[];
  readonly measures: readonly PlannedMeasure[];
  /** The column of each variable in `units`. */
  readonly columns: readonly string[];
  /** No unit is left out for being immature or without a value. */
  readonly everyUnitCounts: boolean;
}

/** Whether variable i of a metric is capped. */
export function isCapped({ metric }: AliasedMetric, i: number): boolean {
  return metric.cap !== null && (i === 0 || metric.cap.sides === 'both');
}

const hasPercentile = (cap: Cap | null) =>
  cap !== null && [cap.lower, cap.upper].some((threshold) => threshold?.kind === 'percentile');

/** Metrics whose thresholds come from the data: their statement keeps the whole population in sight. */
export function readsWholePopulation(metrics: readonly AliasedMetric[]): boolean {
  return metrics.some(({ metric }) => hasPercentile(metric.cap));
}

/** Thresholds over all analysed units of all arms, whatever the slice or the filter; null when no metric has a cap. */
export function capsStep(scope: Scope, wanted: readonly WantedMoments[]): Step | null {
  const columns = wanted.flatMap(({ metric, needs, columns: units }) =>
    metric.metric.variables.flatMap((variable, i) => {
      const { cap } = metric.metric;
      if (cap === null || !isCapped(metric, i)) return [];
      const name = variableAlias(metric, variable);
      const column = ident(units[i]!);
      const counted = cap.zeros === 'include' ? column : sql`case when ${column} <> 0e0 then ${column} end`;
      return [
        ...(['lower', 'upper'] as const).flatMap((side) => {
          const threshold = cap[side];
          return threshold?.kind === 'percentile'
            ? [as(scope.dialect.quantile(counted, threshold.percentile), `${name}.${side}`)]
            : [];
        }),
        ...(needs.has('capping') && i === 0
          ? [as(sql`min(${column})`, `${name}.minimum`), as(sql`max(${column})`, `${name}.maximum`)]
          : []),
      ];
    }),
  );
  if (columns.length === 0) return null;
  const keys = scope.keys.map((key) => ident(key));
  const group = keys.length === 0 ? sql`` : sql`\ngroup by ${join(keys, ', ')}`;
  return {
    name: 'caps',
    comment: 'thresholds over the analysed units of all arms',
    query: sql`select\n  ${list([...keys, ...columns])}\nfrom units${group}`,
  };
}

/** A variable as it is analysed: cut to its thresholds. A null stays null. */
function analysed(
  scope: Scope,
  { metric, columns }: WantedMoments,
  i: number,
): { readonly value: Sql; readonly cut: Sql } {
  const name = variableAlias(metric, metric.metric.variables[i]!);
  const column = ident('u', columns[i]!);
  const { cap } = metric.metric;
  if (cap === null || !isCapped(metric, i)) return { value: column, cut: sql`false` };
  const bound = (side: 'lower' | 'upper'): Sql | null => {
    const threshold = cap[side];
    if (threshold === null) return null;
    return threshold.kind === 'value' ? trusted(scope.dialect.number(threshold.value)) : ident('c', `${name}.${side}`);
  };
  const upper = bound('upper');
  const lower = bound('lower');
  const cuts = [
    ...(upper === null ? [] : [{ when: sql`${column} > ${upper}`, set: upper }]),
    ...(lower === null ? [] : [{ when: sql`${column} < ${lower}`, set: lower }]),
  ];
  return {
    value: sql`case ${join(
      cuts.map((cut) => sql`when ${cut.when} then ${cut.set}`),
      ' ',
    )} else ${column} end`,
    cut: join(
      cuts.map((cut) => cut.when),
      ' or ',
    ),
  };
}

/** Columns of the answer: the sum of variable i, and of the product of i and j. */
const sumName = (metric: AliasedMetric, i: number, prefix: string) =>
  `${variableAlias(metric, metric.metric.variables[i]!)}.${prefix}sum`;
const productName = (metric: AliasedMetric, i: number, j: number, prefix: string) =>
  i === j ? `${variableAlias(metric, metric.metric.variables[i]!)}.${prefix}square` : `${metric.alias}.${prefix}cross`;

/** Sums over units: one row an (experiment,) arm (and slice). */
export function momentsStep(
  scope: Scope,
  wanted: readonly WantedMoments[],
  options: { readonly sliced: boolean; readonly capped: boolean; readonly marked: boolean },
): Step {
  const { keys } = scope;
  const group = [
    ...keys.map((key) => ident('u', key)),
    ident('u', 'arm'),
    ...(options.sliced ? [ident('u', 'slice')] : []),
  ];
  const columns = wanted.flatMap((one) => metricColumns(scope, one));
  const caps = !options.capped
    ? sql``
    : keys.length === 0
      ? sql`\ncross join caps as c`
      : sql`\njoin caps as c on ${and(keys.map((key) => sql`${ident('u', key)} = ${ident('c', key)}`))}`;
  const where = options.marked ? sql`\nwhere ${ident('u', 'in_scope')}` : sql``;
  return {
    name: 'moments',
    comment: 'sums over the units of each arm',
    query: sql`select\n  ${list([...group, as(sql`count(*)`, 'exposed'), ...columns])}\nfrom units as u${caps}${where}\ngroup by ${join(group, ', ')}`,
  };
}

/** The pairs of variables whose products are summed. A square of 0 or 1 is itself: its sum is there already. */
function productsOf({ metric }: AliasedMetric, pivots: readonly number[]): readonly (readonly [number, number])[] {
  const { variables } = metric;
  if (isIndicator(metric, pivots)) return [];
  return variables.flatMap((_, i) => variables.slice(0, i + 1).map((__, j) => [i, j] as const));
}

const isIndicator = ({ variables }: AliasedMetric['metric'], pivots: readonly number[]) =>
  variables.length === 1 && variables[0]!.transform === 'indicator' && pivots[0] === 0;

function metricColumns(scope: Scope, wanted: WantedMoments): readonly Sql[] {
  const { metric, needs, pivots, measures, everyUnitCounts } = wanted;
  const { alias } = metric;
  const { variables } = metric.metric;
  const plain = ident('u', wanted.columns[0]!);
  const shifted = (value: Sql, i: number) =>
    pivots[i] === 0 ? value : sql`(${value} - ${trusted(scope.dialect.number(pivots[i]!))})`;
  const values = variables.map((_, i) => shifted(analysed(scope, wanted, i).value, i));
  const sums = (prefix: string, of: readonly Sql[]) => [
    ...of.map((value, i) => as(sql`sum(${value})`, sumName(metric, i, prefix))),
    ...(needs.has('products') ? productsOf(metric, pivots) : []).map(([i, j]) =>
      as(sql`sum(${of[i]!} * ${of[j]!})`, productName(metric, i, j, prefix)),
    ),
  ];
  const hasValue =
    variables[0]!.measure.whenMissing === 'exclude'
      ? sql`count(${plain})`
      : sql`count(case when ${plain} <> 0e0 then 1 end)`;
  const cuts = variables
    .map((_, i) => i)
    .filter((i) => isCapped(metric, i))
    .map((i) => analysed(scope, wanted, i).cut);
  const capName = variableAlias(metric, variables[0]!);
  return [
    as(everyUnitCounts ? sql`count(*)` : sql`count(${plain})`, `${alias}.units`),
    ...sums('', values),
    ...(needs.has('values') ? [as(hasValue, `${alias}.with_value`)] : []),
    ...(needs.has('capping') && metric.metric.cap !== null
      ? [
          ...sums(
            'uncapped_',
            variables.map((_, i) => shifted(ident('u', wanted.columns[i]!), i)),
          ),
          as(sql`count(case when ${join(cuts, ' or ')} then 1 end)`, `${alias}.capped`),
          ...(['lower', 'upper'] as const)
            .filter((side) => metric.metric.cap![side]?.kind === 'percentile')
            .map((side) => as(sql`max(${ident('c', `${capName}.${side}`)})`, `${alias}.${side}`)),
          ...(['minimum', 'maximum'] as const).map((side) =>
            as(sql`max(${ident('c', `${capName}.${side}`)})`, `${alias}.${side}`),
          ),
        ]
      : []),
    ...(needs.has('quality')
      ? measures.flatMap(qualityColumns).map(({ name }) => as(sql`sum(${ident('u', name)})`, `${alias}.${name}`))
      : []),
  ];
}

/** Reads one row back; what the row does not hold was not asked for. */
export function decodeArm(row: Row, { metric, needs, pivots, measures }: WantedMoments): ArmMoments {
  const { alias } = metric;
  const optional = (name: string): number | null => {
    const cell = row[name];
    // A column that is not there would read as zero: better no answer than that one.
    if (cell === undefined) throw new Error(`The statement has no column ${name}.`);
    return cell === null ? null : Number(cell);
  };
  // A sum over no values is null in SQL.
  const number = (name: string): number => optional(name) ?? 0;
  const units = number(`${alias}.units`);
  const moments = (prefix: string): Moments => ({
    units,
    pivots,
    sums: pivots.map((_, i) => number(sumName(metric, i, prefix))),
    products: needs.has('products')
      ? pivots.map((_, i) =>
          pivots
            .slice(0, i + 1)
            .map((__, j) =>
              number(
                isIndicator(metric.metric, pivots) ? sumName(metric, i, prefix) : productName(metric, i, j, prefix),
              ),
            ),
        )
      : null,
  });
  const { cap } = metric.metric;
  const threshold = (side: 'lower' | 'upper'): number | null => {
    const stated = cap?.[side] ?? null;
    if (stated === null) return null;
    return stated.kind === 'value' ? stated.value : optional(`${alias}.${side}`);
  };
  const capping: ArmCapping | null =
    cap === null || !needs.has('capping')
      ? null
      : {
          lower: threshold('lower'),
          upper: threshold('upper'),
          minimum: optional(`${alias}.minimum`),
          maximum: optional(`${alias}.maximum`),
          cappedUnits: number(`${alias}.capped`),
          uncapped: moments('uncapped_'),
        };
  const total = (ending: string) =>
    measures
      .flatMap(qualityColumns)
      .filter(({ name }) => name.endsWith(ending))
      .reduce((sum, { name }) => sum + number(`${alias}.${name}`), 0);
  return {
    variant: String(row.variant),
    slice: row.slice === undefined ? 0 : number('slice'),
    exposed: number('exposed'),
    moments: moments(''),
    unitsWithValue: needs.has('values') ? number(`${alias}.with_value`) : null,
    capping,
    invalidRows: needs.has('quality') ? total('.invalid') : null,
    rowsBelowMinimum: needs.has('quality') ? total('.below') : null,
  };
}
