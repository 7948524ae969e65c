/** A row of a statement's answer; counts may come as bigint. */
export type Cells = Readonly<Record<string, unknown>>;

const TOLERANCE = 1e-9;
const INDICES = [0, 1, 2, 3];
const PAIRS = INDICES.flatMap((i) => INDICES.slice(0, i + 1).map((j) => [i, j] as const));

/** What a metric of the benchmark is summed of, by kind: value, (denominator,) the same before. */
function variablesOf(isRatio: boolean, cuped: boolean): readonly string[] {
  const own = isRatio ? ['v', 'd'] : ['v'];
  return cuped ? [...own, ...own.map((name) => `${name}b`)] : own;
}

/**
 * What a good analyst would write over `metric_calculations`, a row a metric and variant: one pass, plain sums and products, and the
 * cap (99th percentile of the values that are not 0) beforehand. Units without a row add nothing to a sum and are counted apart.
 */
export function sumsByHand(cuped: boolean): string {
  const before = cuped ? `, least(value_before, coalesce(cap_before, 'infinity')) as vb, denominator_before as db` : '';
  const caps = ['value', ...(cuped ? ['value_before'] : [])].map((column) => {
    const name = column === 'value' ? 'cap' : 'cap_before';
    return `quantile_cont(${column}, 0.99) filter (${column} <> 0) as ${name}`;
  });
  const names = variablesOf(true, cuped);
  const products = names.flatMap((a, i) => names.slice(0, i + 1).map((b) => `sum(${a} * ${b}) as ${a}_${b}`));
  return `with n as (select variant, count(*) as n from models.liftql.experiment_assignments where experiment = 'exp_focus' group by variant),
caps as (select metric, ${caps.join(', ')} from models.liftql.metric_calculations where experiment = 'exp_focus' and metric = 'sm_revenue_w' group by metric),
u as (
  select variant, metric, least(value, coalesce(cap, 'infinity')) as v, denominator as d${before}
  from models.liftql.metric_calculations left join caps using (metric)
  where experiment = 'exp_focus' and mature
),
s as (select metric, variant, ${names.map((name) => `sum(${name}) as ${name}`).join(', ')}, ${products.join(', ')} from u group by metric, variant)
select * from s join n using (variant) order by metric, variant`;
}

/** The hand-written sums against rows of `metric_moments`; throws with every difference. Returns how many numbers agreed. */
export function agreeOnSums(byHand: readonly Cells[], moments: readonly Cells[], cuped: boolean): number {
  const differences: string[] = [];
  let compared = 0;
  const same = (what: string, ours: unknown, other: unknown) => {
    compared += 1;
    const [a, b] = [Number(ours), Number(other)];
    if (!(Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b), 1)))
      differences.push(`${what}: ${a} here, ${b} by hand`);
  };
  const whole = moments.filter(({ slice_dimension }) => slice_dimension === null);
  if (whole.length !== byHand.length) differences.push(`${whole.length} rows here, ${byHand.length} by hand`);
  for (const row of byHand) {
    const { metric, variant } = row;
    const ours = whole.find((one) => one.metric === metric && one.variant === variant) ?? {};
    const names = variablesOf(row.d !== null, cuped);
    same(`${metric} ${variant}: units`, ours.units, row.n);
    for (const i of INDICES.slice(0, names.length)) {
      // Sums about 0 are what a person writes; those about a pivot are the same numbers.
      same(`${metric} ${variant}: pivot ${i}`, ours[`pivot_${i}`], 0);
      same(`${metric} ${variant}: sum ${i}`, ours[`sum_${i}`], row[names[i]!]);
    }
    for (const [i, j] of PAIRS.filter(([k]) => k < names.length))
      same(`${metric} ${variant}: product ${i}${j}`, ours[`product_${i}${j}`], row[`${names[i]}_${names[j]}`]);
  }
  if (differences.length > 0) throw new Error(`The numbers differ:\n${differences.join('\n')}`);
  return compared;
}
