import { type AnalysisInput, resolveAnalysis } from '../../../src/experiment/analysis.ts';
import { type ResultFilter, type ResultRow, resultRows } from '../../../src/experiment/result-row.ts';
import type { Session } from '../../../src/experiment/session.ts';
import { createContext } from '../../../src/graphql/context.ts';
import { type AuditCell, auditOf, largestDifference, servedRow } from '../../../src/models/line/audited.ts';
import type { TestService } from '../../support/service.ts';

export interface AuditedLine {
  readonly row: ResultRow;
  /** null: the line is not said in SQL. */
  readonly statement: string | null;
  readonly served: Readonly<Record<string, AuditCell>>;
  readonly audited: Readonly<Record<string, AuditCell>> | null;
  /** Relative; 0 for a line that is not said. */
  readonly apart: number;
}

/** Every line of the experiments that `wanted` names (all by default), its statement run on the service's engine. */
export async function auditedLines(
  service: TestService,
  analysis: AnalysisInput = {},
  filter: ResultFilter = {},
  wanted: (key: string) => boolean = () => true,
): Promise<readonly AuditedLine[]> {
  const { session } = createContext(service, {});
  const lines: AuditedLine[] = [];
  for (const experiment of session.catalog.experiments.values()) {
    if (!wanted(experiment.key)) continue;
    const rows = await resultRows(session, experiment, resolveAnalysis(session, experiment, analysis), filter);
    for (const row of rows) lines.push(await auditedLine(service, session, row));
  }
  return lines;
}

async function auditedLine(service: TestService, session: Session, row: ResultRow): Promise<AuditedLine> {
  const statement = await auditOf(session, row, service.engine.dialect);
  const served = await servedRow(session, row);
  if (statement === null) return { row, statement, served, audited: null, apart: 0 };
  const audited = await runStatement(service, statement);
  return { row, statement, served, audited, apart: largestDifference(served, audited) };
}

/** The one row of a statement, run as it is. */
export async function runStatement(service: TestService, sql: string): Promise<Readonly<Record<string, AuditCell>>> {
  const { rows } = await service.engine.query(
    { sql, parameters: [] },
    { labels: { requestId: undefined, purpose: 'audit' } },
  );
  return rows[0] as Readonly<Record<string, AuditCell>>; // numbers and texts
}

/** What is wrong with lines, for a test's message; empty: nothing. */
export function faultsOf(lines: readonly AuditedLine[], tolerance: number): readonly unknown[] {
  return lines
    .filter(({ apart }) => !(apart <= tolerance))
    .map(({ row, served, audited, apart }) => ({
      line: [row.experiment.key, row.metric.metric, row.treatment.key, row.slice?.index ?? null],
      ...{ apart, served, audited },
    }));
}
