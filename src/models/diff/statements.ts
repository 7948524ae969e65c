import type { Catalog } from '../../catalog/catalog.ts';
import { MetricLayerError } from '../../core/errors.ts';
import type { CanonicalInstant } from '../../core/instant.ts';
import { Evaluator } from '../../evaluate/evaluator.ts';
import { Trace } from '../../evaluate/trace.ts';
import { resolveAnalysis } from '../../experiment/analysis.ts';
import { compare } from '../../experiment/comparison.ts';
import { resultRows } from '../../experiment/result-row.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { literalOf } from '../../sql/literal.ts';
import type { Affected } from './affected.ts';
import { lineDiff } from './line-diff.ts';

/** How the SQL of a metric's result differs, shown on one experiment. */
export interface StatementDiff {
  readonly metric: string;
  readonly experiment: string;
  /** Unified, values written into the text. */
  readonly diff: string;
}

/** A catalog and what its statements are written for. */
export interface StatementSide {
  readonly catalog: Catalog;
  readonly dialect: Dialect;
}

/**
 * The statements of affected metrics, each on the first affected experiment where they differ; and of what changed in an experiment
 * itself, on its first metric. Nothing runs.
 */
export async function statementDiffs(
  base: StatementSide,
  head: StatementSide,
  { experiments, metrics }: Affected,
  asOf: CanonicalInstant,
): Promise<readonly StatementDiff[]> {
  const found: StatementDiff[] = [];
  const compared = async (experiment: string, metric: string): Promise<void> => {
    const [before, after] = [
      await statementOf(base, experiment, metric, asOf),
      await statementOf(head, experiment, metric, asOf),
    ];
    if (before === null || after === null || before === after) return;
    found.push({ metric, experiment, diff: lineDiff(before, after) });
  };
  const isShown = (metric: string) => found.some((one) => one.metric === metric);
  for (const metric of metrics) for (const key of experiments) if (!isShown(metric)) await compared(key, metric);
  for (const key of experiments) {
    const first = head.catalog.experiments.get(key)?.metrics[0]?.metric;
    if (first !== undefined && !metrics.includes(first)) await compared(key, first);
  }
  return found;
}

/** Stands for a bound value until it is written there; no text of a catalog can hold it. */
const MARK = '\u{10ffff}';

/** What an experiment's result of a metric would run; null: there is no such result. */
async function statementOf(
  { catalog, dialect }: StatementSide,
  key: string,
  metric: string,
  asOf: CanonicalInstant,
): Promise<string | null> {
  const experiment = catalog.experiments.get(key);
  if (!experiment?.metrics.some((member) => member.metric === metric)) return null;
  const marked = { ...dialect, placeholder: () => MARK };
  const session = { catalog, evaluator: new Evaluator({ catalog, dialect: marked, runner: null }), now: asOf };
  try {
    const [row] = await resultRows(session, experiment, resolveAnalysis(session, experiment), { metrics: [metric] });
    if (row === undefined) return null;
    const trace = new Trace();
    await compare(session, row, trace);
    const statements = await trace.statements();
    return statements
      .map(({ sql, parameters }) =>
        sql
          .split(MARK)
          .map((text, i) => (i === 0 ? text : `${literalOf(parameters[i - 1] ?? null)}${text}`))
          .join(''),
      )
      .join(';\n\n');
  } catch (error) {
    // What cannot be asked is told where its results are evaluated.
    if (error instanceof MetricLayerError) return null;
    throw error;
  }
}
