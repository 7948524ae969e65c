import { MetricLayerError } from '../core/errors.ts';
import { SQL_DIALECTS, type SqlDialectName } from '../core/vocabulary.ts';
import { resolveAnalysis } from '../experiment/analysis.ts';
import { type ResultRow, resultRows } from '../experiment/result-row.ts';
import type { Session } from '../experiment/session.ts';
import { createContext } from '../graphql/context.ts';
import { type AuditCell, auditOf, largestDifference, servedRow } from '../models/line/audited.ts';
import { NOT_IN_SQL, notInSql } from '../models/line/shape.ts';
import { openService } from '../server/open-service.ts';
import { optionsOfFlags } from '../server/request-options.ts';
import { EXIT, print } from './output.ts';

export interface AuditFlags {
  readonly experiment: string;
  readonly metric: string;
  readonly treatment?: string;
  readonly asOf?: string;
  readonly dialect?: string;
  readonly user?: string;
  readonly json?: boolean;
}

/** Numbers that differ by more, relative to their size, are not the same. */
const TOLERANCE = 1e-9;

interface Audit {
  readonly treatment: string;
  readonly statement: string;
  readonly served: Readonly<Record<string, AuditCell>>;
  /** null: the statement is in another dialect than the engine's, so that it did not run. */
  readonly audited: Readonly<Record<string, AuditCell>> | null;
  readonly largestDifference: number | null;
}

/** Prints a result's statement, runs it and compares it with the server's own numbers; exit 1 if they differ. */
export async function audit(directory: string, flags: AuditFlags): Promise<void> {
  const dialect = dialectOf(flags.dialect);
  const service = await openService(directory, { env: process.env });
  try {
    const options = optionsOfFlags({ user: flags.user }, service.catalog().engine);
    const { session } = createContext(service, options);
    const audits: Audit[] = [];
    for (const row of await rowsOf(session, flags)) {
      const statement = await auditOf(session, row, dialect ?? service.engine.dialect);
      if (statement === null) throw notSaid(session, row);
      const served = await servedRow(session, row);
      const runs = dialect === null || dialect === service.engine.dialect;
      const run = runs
        ? await service.runner.run(
            { sql: statement, parameters: [] },
            { user: options.user, labels: { requestId: undefined, purpose: 'audit' } },
          )
        : null;
      const audited = (run?.rows[0] ?? null) as Audit['audited']; // its columns are those of AUDIT_NUMBERS and texts
      const apart = audited === null ? null : largestDifference(served, audited);
      audits.push({ treatment: row.treatment.key, statement, served, audited, largestDifference: apart });
    }
    print(flags.json ? JSON.stringify({ audits }, null, 2) : audits.map(textOf).join('\n'));
    if (audits.some((one) => !((one.largestDifference ?? 0) <= TOLERANCE))) process.exitCode = EXIT.failed;
  } finally {
    await service.close();
  }
}

function dialectOf(flag: string | undefined): SqlDialectName | null {
  if (flag === undefined) return null;
  const name = SQL_DIALECTS.find((one) => one.toLowerCase() === flag.toLowerCase());
  if (name !== undefined) return name;
  throw new MetricLayerError('BAD_USER_INPUT', `--dialect must be duckdb or trino, and is "${flag}".`);
}

function rowsOf(
  session: Session,
  { experiment: key, metric, treatment, asOf }: AuditFlags,
): Promise<readonly ResultRow[]> {
  const experiment = session.catalog.experiments.get(key);
  if (experiment === undefined) throw new MetricLayerError('UNKNOWN_EXPERIMENT', `There is no experiment "${key}".`);
  const treatments = treatment === undefined ? null : [treatment];
  return resultRows(session, experiment, resolveAnalysis(session, experiment, { asOf }), {
    metrics: [metric],
    treatments,
  });
}

function notSaid({ catalog }: Session, { experiment, metric, analysis }: ResultRow): MetricLayerError {
  const reason = notInSql(catalog, experiment, metric, analysis);
  return new MetricLayerError(
    'BAD_USER_INPUT',
    `The results of metric "${metric.metric}" in experiment "${experiment.key}" are not said in SQL. ${reason === null ? '' : NOT_IN_SQL[reason]} Read the statements with liftql explain.`,
  );
}

/** The statement, and both columns of numbers as comments, so that all of it can be pasted. */
function textOf({ statement, served, audited, largestDifference: apart }: Audit): string {
  const width = Math.max(...Object.keys(served).map((name) => name.length));
  const shown = (cell: AuditCell | undefined) => String(cell ?? 'null').padEnd(24);
  const lines = Object.entries(served).map(([name, cell]) =>
    `-- ${name.padEnd(width)}  ${shown(cell)}${audited === null ? '' : shown(audited[name])}`.trimEnd(),
  );
  const heading = `-- ${''.padEnd(width)}  ${'server'.padEnd(24)}${audited === null ? '' : 'statement'}`;
  const verdict =
    apart === null
      ? '-- The statement did not run: it is in another dialect than the engine.'
      : `-- largest relative difference: ${apart.toExponential(1)}${apart <= TOLERANCE ? '' : `, more than ${TOLERANCE}`}`;
  return [statement.trimEnd(), '', heading, ...lines, verdict, ''].join('\n');
}
