import type { Trace } from '../evaluate/trace.ts';
import { leavesUnitsOut } from '../metric-types/metric-type.ts';
import { byVariant } from './allocation.ts';
import { momentsOf } from './arms.ts';
import { asymmetry, type Exclusion } from './assignments.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';

/** Analysed units of all variants whose window is not over yet: they do not count for this metric. Empty: none. */
export async function immatureOf(session: Session, row: ResultRow, trace?: Trace): Promise<readonly Exclusion[]> {
  if (row.metric.window?.length == null || row.analysis.maturity === 'ALL') return [];
  // A metric that leaves out units without a value tells its immature ones by counting every mature unit as zero, under a
  // name that no metric of a catalog can have.
  const metric = {
    ...row.metric,
    quantile: null,
    among: null,
    variables: row.metric.variables.map((variable) => ({
      ...variable,
      ...(variable.whenUndefined === undefined ? {} : { whenUndefined: 'zero' as const }),
      measures: variable.measures.map((measure) => ({
        ...measure,
        aggregate: measure.aggregate === 'values' ? ('count' as const) : measure.aggregate,
        whenMissing: 'zero' as const,
      })),
    })),
  };
  const asked =
    row.metric.among != null || row.metric.variables.some(leavesUnitsOut)
      ? { ...row, metric: { ...metric, metric: `${row.metric.metric}.maturity` } }
      : row;
  const answer = (await momentsOf(session, asked, [], trace)).filter(({ slice }) => slice === (row.slice?.index ?? 0));
  const arms = byVariant(
    row.experiment,
    answer.map(({ variant, exposed, moments }) => ({ variant, units: exposed - moments.units })),
  );
  const units = arms.reduce((sum, arm) => sum + arm.units, 0);
  return units === 0
    ? []
    : [{ reason: 'IMMATURE', rows: 0, units, byVariant: arms, asymmetryPValue: asymmetry(row.experiment, arms) }];
}
