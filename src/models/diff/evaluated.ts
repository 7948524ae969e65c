import { MetricLayerError } from '../../core/errors.ts';
import type { MetricRole } from '../../core/vocabulary.ts';
import { resolveAnalysis } from '../../experiment/analysis.ts';
import { resultRows } from '../../experiment/result-row.ts';
import { resultCells, resultColumns } from '../../experiment/results-table.ts';
import type { Session } from '../../experiment/session.ts';
import { summaryOf } from '../../experiment/summary.ts';

/** One line of a scorecard, as the server gives it. Absolute values in the metric's unit; lift relative; null: not known. */
export interface EvaluatedResult {
  readonly metric: string;
  readonly version: number;
  readonly role: MetricRole;
  readonly control: string;
  readonly treatment: string;
  /** By column of `experiment_results`. */
  readonly numbers: Readonly<Record<ResultNumber, number | null>>;
  readonly outcome: string;
  /** Why numbers are missing; null: none is. */
  readonly unknown: string | null;
}

export const RESULT_NUMBERS = [
  'control_units',
  'treatment_units',
  'control_mean',
  'treatment_mean',
  'difference',
  'difference_lower',
  'difference_upper',
  'lift',
  'lift_lower',
  'lift_upper',
  'p_value',
  'adjusted_p_value',
] as const;
export type ResultNumber = (typeof RESULT_NUMBERS)[number];

export interface EvaluatedVerdict {
  readonly treatment: string;
  readonly verdict: string;
  /** Sentences. */
  readonly reasons: readonly string[];
}

/** What an experiment comes to under one catalog; `fault`: why it cannot be told. */
export type EvaluatedExperiment =
  | {
      readonly ok: true;
      readonly results: readonly EvaluatedResult[];
      readonly verdicts: readonly EvaluatedVerdict[];
    }
  | { readonly ok: false; readonly fault: string };

/** Results and verdicts of one experiment over its whole population, by the code that serves them. null: there is no such one. */
export async function evaluated(session: Session, key: string): Promise<EvaluatedExperiment | null> {
  const experiment = session.catalog.experiments.get(key);
  if (experiment === undefined) return null;
  try {
    const analysis = resolveAnalysis(session, experiment);
    const rows = await resultRows(session, experiment, analysis);
    const [summary, cells] = await Promise.all([
      summaryOf(session, experiment, analysis),
      Promise.all(rows.map((row) => resultCells(session, row))),
    ]);
    const results = rows.map(({ metric, member, treatment }, i): EvaluatedResult => {
      const cell = (name: string) => cells[i]![COLUMNS.indexOf(name)];
      // The columns' types are those of `resultColumns`.
      const numbers = RESULT_NUMBERS.map((name) => [name, cell(name) as number | null]);
      return {
        metric: metric.metric,
        version: metric.number,
        role: member.role,
        control: analysis.control.key,
        treatment: treatment.key,
        numbers: Object.fromEntries(numbers) as EvaluatedResult['numbers'],
        outcome: String(cell('outcome')),
        unknown: (cell('unknown') ?? null) as string | null,
      };
    });
    const verdicts = summary.treatments.map(({ variant, verdict, reasons }) => ({
      treatment: variant.key,
      verdict,
      reasons: reasons.map(({ message }) => message),
    }));
    return { ok: true, results, verdicts };
  } catch (error) {
    if (error instanceof MetricLayerError) return { ok: false, fault: error.message };
    throw error;
  }
}

const COLUMNS = resultColumns([]).map(({ name }) => name);
