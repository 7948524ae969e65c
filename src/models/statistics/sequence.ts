import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql, trusted } from '../../sql/sql.ts';
import { tuningRho2 } from '../../statistics/sequential.ts';
import { log1p } from './elementary.ts';
import { type Draft, draft, type Formula } from './formula.ts';
import { unknownOf, unless } from './unknown.ts';
import type { NumberOrColumn } from './welch.ts';

export interface SequenceTuning {
  readonly alpha: NumberOrColumn;
  /** N*: the number of units at which the sequence is tightest. */
  readonly tuningUnits: NumberOrColumn;
  /** MIXTURE: tuned exactly, by the information of the estimate (`mixturePrecision`); ASYMPTOTIC by default. */
  readonly method?: 'ASYMPTOTIC' | 'MIXTURE';
}

export interface SequenceColumns {
  readonly estimate: Sql;
  readonly standardError: Sql;
  /** Units of both arms together at this look. */
  readonly units: Sql;
  /** Why the estimate is not known, or null. */
  readonly unknown: Sql;
}

/** Newton's steps from the closed form to the exact tuning of a mixture. */
const STEPS = 5;

/** s with s − ln(1 + s) = −2 ln α: at N* units a mixture's information is s times its precision (`mixturePrecision`). */
function mixtureScale(define: Draft['define'], evidence: Sql): Sql {
  let s = define('scale0', sql`${evidence} + (${log1p(evidence)})`);
  for (let step = 1; step <= STEPS; step++)
    s = define(`scale${step}`, sql`${s} - ((${s} - (${log1p(s)}) - ${evidence}) * (1e0 + ${s})) / ${s}`);
  return s;
}

/** Asymptotic confidence sequence of an estimate at this look (`asymptoticSequence`; Waudby-Smith et al. 2021), always valid. */
export function asymptoticSequence(
  prefix: string,
  { estimate, standardError, units, unknown: refused }: SequenceColumns,
  { alpha, tuningUnits, method = 'ASYMPTOTIC' }: SequenceTuning,
  dialect: Dialect,
): Formula<'pValue' | 'pGreater' | 'pLess' | 'criticalValue' | 'lower' | 'upper' | 'unknown'> {
  const { define, formula } = draft(prefix, 'Asymptotic confidence sequence');
  const number = (value: number) => trusted(dialect.number(value));
  const n = define('units', sql`case when ${units} > 0 then cast(${units} as double) else 0e0 end`);
  const evidence = define(
    'evidence',
    typeof alpha === 'number'
      ? number(-2 * Math.log(alpha))
      : sql`-2e0 * ln(case when ${alpha} > 0e0 and ${alpha} < 1e0 then ${alpha} end)`,
  );
  const rho2 = () => {
    const isMixture = method === 'MIXTURE';
    if (!isMixture && typeof alpha === 'number' && typeof tuningUnits === 'number')
      return number(tuningRho2(alpha, tuningUnits));
    const of = typeof tuningUnits === 'number' ? number(tuningUnits) : tuningUnits;
    const scale = isMixture ? mixtureScale(define, evidence) : sql`(${evidence} + (${log1p(evidence)}))`;
    return sql`(${scale} / (case when ${of} > 0e0 then ${of} end))`;
  };
  const x = define('x', sql`${n} * ${rho2()}`);
  const log = define('log', log1p(x));
  const z = define('z', sql`${estimate} / nullif(${standardError}, 0e0)`);
  const logE = define('log_e', sql`((${x} / (${x} + 1e0)) * ${z} * ${z} - ${log}) / 2e0`);
  const wide = sql`(${x} + 1e0) / nullif(${x}, 0e0) * (${log} + ${evidence})`;
  const critical = define('raw_critical_value', sql`sqrt(case when ${n} > 0e0 then ${wide} end)`);
  const lower = define('raw_lower', sql`${estimate} - ${critical} * ${standardError}`);
  const upper = define('raw_upper', sql`${estimate} + ${critical} * ${standardError}`);
  const unknown = define(
    'unknown',
    unknownOf(
      [refused],
      [
        ['NO_UNITS', sql`${n} = 0e0`],
        ['ZERO_VARIANCE', sql`${standardError} = 0e0`],
      ],
      [z, lower, upper],
      dialect,
    ),
  );
  const known = (name: string, value: Sql) => define(name, unless(unknown, value));
  const p = known('p_value', sql`case when ${logE} > 0e0 then exp(-${logE}) else 1e0 end`);
  const oneSided = (inDirection: Sql) => sql`case when ${inDirection} then ${p} / 2e0 else 1e0 - ${p} / 2e0 end`;
  return formula({
    pValue: p,
    pGreater: known('p_greater', oneSided(sql`${estimate} > 0e0`)),
    pLess: known('p_less', oneSided(sql`${estimate} < 0e0`)),
    criticalValue: known('critical_value', critical),
    lower: known('lower', lower),
    upper: known('upper', upper),
    unknown,
  });
}
