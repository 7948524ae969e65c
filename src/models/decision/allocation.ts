import type { Experiment } from '../../catalog/catalog.ts';
import { allocationsOf, isRamped } from '../../experiment/allocation.ts';
import { ident, join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { as, list, type Step } from '../../sql/statement.ts';
import { modelledExperiments } from '../declared.ts';
import type { ModelContext } from '../model.ts';
import { listed } from '../results/listed.ts';
import { formulaSteps } from '../statistics/formula.ts';
import { allocationTest } from '../statistics/srm.ts';

/** Why a test is not said in SQL. */
export const NOT_IN_SQL = 'NOT_IN_SQL';

/** The weights that units were assigned by: of each phase where they changed, else of the variants. */
function weightsOf(experiment: Experiment): readonly ReadonlyMap<string, number>[] {
  return isRamped(experiment) ? allocationsOf(experiment) : allocationsOf({ ...experiment, phases: [] });
}

/** The planned allocation of each experiment, one row a phase and variant. */
export function allocationsStep({ catalog, dialect }: ModelContext): Step {
  const rows = modelledExperiments(catalog).flatMap((experiment) => {
    const phases = weightsOf(experiment);
    return phases.flatMap((weights, phase) =>
      experiment.variants.map(({ key }, i) => [experiment.key, phase, phases.length, key, i, weights.get(key) ?? 0]),
    );
  });
  return {
    name: 'allocations',
    comment: 'the planned allocation, one row a phase and variant',
    query: listed(
      dialect,
      [
        { name: 'experiment', type: 'STRING' },
        { name: 'phase', type: 'INTEGER' },
        { name: 'phases', type: 'INTEGER' },
        { name: 'variant', type: 'STRING' },
        { name: 'position', type: 'INTEGER' },
        { name: 'weight', type: 'FLOAT' },
      ],
      rows,
    ),
  };
}

/** Counts whose allocation is tested. */
interface AllocationTests {
  /** The step with one row a test, variant and phase: the keys, `variant`, `phase` and `units` (clusters where those were randomised). */
  readonly from: string;
  /** What tells tests apart; `experiment` is among them. */
  readonly keys: readonly string[];
  /** The key that units add up along, until its end; null: none. */
  readonly cumulative: string | null;
}

export const TESTED = 'tested_arms';

/**
 * The chi-square test of each allocation, one row a test and variant, with `observed`, `expected`, `total` and the test's own
 * columns (`stratifiedSampleRatioTest`). Where the weights changed between phases, the score test of the arms' totals; with more
 * than two arms that takes the inverse of a matrix, which is left to the server.
 */
export function allocationSteps(
  { dialect }: ModelContext,
  { from, keys, cumulative }: AllocationTests,
): readonly Step[] {
  const all = (names: readonly string[]) =>
    join(
      names.map((name) => ident(name)),
      ', ',
    );
  const test = all(keys);
  const own = join(
    keys.map((key) => ident('c', key)),
    ', ',
  );
  const others = all(keys.filter((key) => key !== cumulative));
  const isOwn = sql`c."variant" = w."variant" and (w."phases" = 1 or c."phase" = w."phase")`;
  const until = cumulative === null ? null : ident(cumulative);
  const observed =
    until === null
      ? sql`"observed"`
      : sql`sum("observed") over (partition by ${others}, "variant", "phase", ${until} is null order by ${until})`;
  const inPhase = sql`over (partition by ${test}, "phase")`;
  const inTest = sql`over (partition by ${test})`;
  const gap = sql`("observed" - "expected")`;
  const steps: readonly Step[] = [
    {
      name: 'arms_by_phase',
      comment: 'units of every variant and phase, those without any too',
      query: sql`select\n  ${list([
        own,
        ...['variant', 'position', 'phase', 'phases', 'weight'].map((name) => ident('w', name)),
        as(sql`cast(sum(case when ${isOwn} then c."units" else 0 end) as double)`, 'observed'),
        as(
          sql`max(case when w."phases" > 1 and c."variant" is not null and c."phase" is null then 1 else 0 end)`,
          'unphased',
        ),
      ])}\nfrom ${ident(from)} as c join allocations as w on w."experiment" = c."experiment"\ngroup by ${own}, w."variant", w."position", w."phase", w."phases", w."weight"`,
    },
    {
      name: 'arms_so_far',
      comment: cumulative === null ? 'the same' : 'the same, days added up',
      query: sql`select ${test}, "variant", "position", "phase", "phases", "weight", "unphased", ${observed} as "observed"\nfrom arms_by_phase`,
    },
    {
      name: 'arms_expected',
      comment: "units that were expected by the phase's weights",
      query: sql`select *,\n  "weight" / sum("weight") ${inPhase} * sum("observed") ${inPhase} as "expected",\n  sum("observed") ${inPhase} as "phase_units"\nfrom arms_so_far`,
    },
    {
      name: 'arms',
      comment: 'the phases together',
      query: sql`select\n  ${list([
        test,
        sql`"variant", "position", "phases"`,
        as(sql`max("unphased")`, 'unphased'),
        as(sql`sum("observed")`, 'observed'),
        as(sql`sum("expected")`, 'expected'),
        as(
          sql`sum(case when "phase_units" > 0e0 then "expected" * (1e0 - "expected" / "phase_units") else 0e0 end)`,
          'variance',
        ),
      ])}\nfrom arms_expected\ngroup by ${test}, "variant", "position", "phases"`,
    },
    {
      name: 'arms_of_tests',
      comment: "Pearson's sum of each test; with phases the square of an arm's deviation over its variance",
      query: sql`select *,\n  ${list([
        as(sql`cast(count(*) ${inTest} as double)`, 'arms'),
        as(sql`sum("observed") ${inTest}`, 'total'),
        as(
          sql`case when "phases" = 1 then sum(${gap} * (${gap} / nullif("expected", 0e0))) ${inTest} else max(${gap} * (${gap} / nullif("variance", 0e0))) ${inTest} end`,
          'pearson_sum',
        ),
        as(
          sql`max(case when "unphased" = 1 or ("observed" > 0e0 and not "expected" > 0e0) or ("phases" > 1 and "observed" > 0e0 and not "variance" > 0e0) then 1 else 0 end) ${inTest}`,
          'unplanned',
        ),
      ])}\nfrom arms`,
    },
  ];
  const formula = allocationTest(
    'srm',
    { sum: sql`"pearson_sum"`, arms: sql`"arms"`, total: sql`"total"`, unplanned: sql`"unplanned" = 1` },
    dialect,
  );
  const { chiSquare, degreesOfFreedom, pValue, unknown } = formula.columns;
  const kept = [...keys, 'variant', 'position', 'observed', 'expected', 'total', 'arms', 'phases'];
  const computed = formulaSteps('tests', ident('arms_of_tests'), formula.definitions, [
    ...kept.map((name) => ident(name)),
    ...Object.values<Sql>(formula.columns),
  ]);
  const said = sql`("phases" = 1 or "arms" = 2e0)`;
  const column = (value: Sql) => sql`case when ${said} then ${value} end`;
  const columns = { chi_square: chiSquare, degrees_of_freedom: degreesOfFreedom, p_value: pValue };
  return [
    ...steps,
    ...computed,
    {
      name: TESTED,
      comment: 'what SQL does not say is unknown',
      query: sql`select ${all(kept)},\n  ${list([
        ...Object.entries(columns).map(([name, value]) => as(column(value), name)),
        as(sql`case when ${said} then ${unknown} else '${trusted(NOT_IN_SQL)}' end`, 'unknown'),
      ])}\nfrom ${ident(computed.at(-1)!.name)}`,
    },
  ];
}
