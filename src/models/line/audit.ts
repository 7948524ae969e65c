import { shortInstant } from '../../core/instant.ts';
import type { SqlDialectName } from '../../core/vocabulary.ts';
import { hasEnded } from '../../experiment/analysis.ts';
import { momentsQuestion } from '../../experiment/arms.ts';
import { needsOf } from '../../experiment/comparison.ts';
import type { ResultRow } from '../../experiment/result-row.ts';
import { isTimed, type Session } from '../../experiment/session.ts';
import { aliasMetrics } from '../../plan/measures.ts';
import { momentsParts } from '../../plan/plan-moments.ts';
import { DIALECTS } from '../../sql/dialects/index.ts';
import { textOf } from '../../sql/literal.ts';
import { bind, ident, sql, trusted } from '../../sql/sql.ts';
import { as, list, statement } from '../../sql/statement.ts';
import { formulaSteps } from '../statistics/formula.ts';
import { armsStep } from './arms-step.ts';
import { headComments, withPlainComments } from './comments.ts';
import { type LineColumn, lineFormula } from './line.ts';
import { withReadFiles } from './self-contained.ts';
import { notInSql, shapeOf } from './shape.ts';
import { tuningUnitsSql } from './tuning.ts';

/** The numbers of an audit's row, in its order, and what of a line they are. */
export const AUDIT_NUMBERS = {
  control_mean: 'controlMean',
  treatment_mean: 'treatmentMean',
  difference: 'difference',
  standard_error: 'standardError',
  degrees_of_freedom: 'degreesOfFreedom',
  lower: 'differenceLower',
  upper: 'differenceUpper',
  lift: 'lift',
  lift_lower: 'liftLower',
  lift_upper: 'liftUpper',
  p_value: 'pValue',
} as const satisfies Readonly<Record<string, LineColumn>>;

export interface AuditOptions {
  readonly dialect: SqlDialectName;
  /** What the server's sums were taken about (`Moments.pivots`): 0 unless plain sums lose digits. */
  readonly pivots: readonly number[];
}

/**
 * One self-contained statement that gives a result from the raw rows: the units, their values, the sums of both arms and every
 * step of the statistics, down to one row with the numbers that the server says. null: the line is not said in SQL (`notInSql`).
 */
export function auditStatement(
  session: Session,
  row: ResultRow,
  { dialect: name, pivots }: AuditOptions,
): string | null {
  const { experiment, metric, analysis, treatment } = row;
  if (notInSql(session.catalog, experiment, metric, analysis) !== null) return null;
  const dialect = DIALECTS[name];
  const catalog = name === 'DUCKDB' ? withReadFiles(session.catalog) : session.catalog;
  const question = { ...momentsQuestion(session, row, needsOf(row)), pivots };
  const { steps, wanted } = momentsParts(catalog, dialect, [question], aliasMetrics([metric]));
  const shape = shapeOf(analysis, metric, isTimed(session, experiment));
  const position = (key: string) => experiment.variants.findIndex((variant) => variant.key === key);
  const rows = {
    control: position(analysis.control.key),
    treatment: position(treatment.key),
    slice: row.slice?.index ?? null,
  };
  const ended = trusted(String(hasEnded(experiment, analysis.asOf)));
  const line = lineFormula('line', shape, dialect, {
    alpha: analysis.alpha,
    tuningUnits: tuningUnitsSql(experiment, ended, dialect),
  });
  const units = [ident('c_units'), ident('t_units')] as const;
  const formula = formulaSteps('result', ident('arms'), line.definitions, [...units, ...Object.values(line.columns)]);
  const numbers = Object.entries(AUDIT_NUMBERS).map(([column, of]) => as(line.columns[of], column));
  const select = sql`select\n  ${list([
    as(sql`cast(${bind(metric.metric)} as varchar)`, 'metric'),
    as(sql`cast(${bind(treatment.key)} as varchar)`, 'treatment'),
    as(sql`coalesce(${units[0]}, 0)`, 'control_units'),
    as(sql`coalesce(${units[1]}, 0)`, 'treatment_units'),
    ...numbers,
    as(line.columns.unknown, 'unknown'),
    as(line.columns.liftUnknown, 'lift_unknown'),
  ])}\nfrom ${ident(formula.at(-1)!.name)}`;
  const all = [...steps, armsStep(wanted[0]!, shape, rows, dialect), ...formula];
  return `${headOf(row, name)}\n${textOf(statement(withPlainComments(all), select, dialect.reuse))}\n`;
}

/** What a reader must know of a statement, as comments. */
function headOf({ experiment, metric, analysis, treatment, slice, where }: ResultRow, dialect: SqlDialectName): string {
  const engine =
    dialect === 'DUCKDB'
      ? 'DuckDB, with the warehouse open'
      : 'Trino, in the catalog and schema that names are looked up in';
  const part = slice === null && where === null ? 'all units' : 'a part of the units';
  return headComments([
    `Experiment ${experiment.key}: ${treatment.key} against ${analysis.control.key}, ${part}.`,
    `Metric ${metric.metric}, version ${metric.number}, definition ${metric.hash}.`,
    `As of ${shortInstant(analysis.asOf)}, level ${analysis.level}, lift by ${analysis.lift}, sequential ${analysis.sequential}.`,
    `Reads the raw rows only and gives one row. Run it as it is on ${engine}.`,
  ]);
}
