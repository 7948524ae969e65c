import type { Experiment } from '../catalog/catalog.ts';
import { unlessEngineFails } from '../core/errors.ts';
import type { CanonicalInstant } from '../core/instant.ts';
import { shortInstant } from '../core/instant.ts';
import type { Trace } from '../evaluate/trace.ts';
import { allocationChangeOf } from './allocation-change.ts';
import { type Analysis, treatmentsOf } from './analysis.ts';
import { momentsOf } from './arms.ts';
import { assignmentsOf } from './assignments.ts';
import { compare } from './comparison.ts';
import { freshnessOf } from './freshness.ts';
import { balanceOf, FAULT_P } from './line-faults.ts';
import { MULTI_EXPOSURE_SHARE, multiExposureOf } from './multi-exposure.ts';
import { resultRows } from './result-row.ts';
import { isTimed, type Session } from './session.ts';
import { SRM_THRESHOLD, srmOf } from './srm.ts';

export const GATE_STATUSES = ['PASSED', 'WARNING', 'FAILED', 'UNKNOWN'] as const;
export type GateStatus = (typeof GATE_STATUSES)[number];

/** A check of the data before the numbers. */
export interface Gate {
  readonly name: string;
  readonly status: GateStatus;
  readonly message: string;
  readonly pValue: number | null;
  readonly value: number | null;
  readonly threshold: number | null;
}

const gate = (
  name: string,
  status: GateStatus,
  message: string,
  numbers: Partial<Pick<Gate, 'pValue' | 'value' | 'threshold'>> = {},
): Gate => ({ name, status, message, pValue: null, value: null, threshold: null, ...numbers });

/** Every check of one experiment's data, worst known first within its kind. */
export async function gatesOf(
  session: Session,
  experiment: Experiment,
  analysis: Analysis,
  trace?: Trace,
): Promise<readonly Gate[]> {
  const reading = unlessEngineFails(assignmentsOf(session, experiment, null, analysis.asOf, trace));
  const [assignments, freshness, values, allocation] = await Promise.all([
    reading,
    freshnessOf(
      session,
      experiment,
      analysis,
      reading.then((found) => found?.lastExposure ?? null),
      trace,
    ),
    Promise.all([
      covariateGates(session, experiment, analysis, trace),
      valueGates(session, experiment, analysis, trace),
    ]).then((gates) => gates.flat()),
    allocationGate(session, experiment, analysis.asOf, trace),
  ]);
  if (assignments === null) return [gate('assignments', 'UNKNOWN', 'The assignments could not be read.'), ...values];
  const srm = srmOf(experiment, assignments);
  const multiple = multiExposureOf(assignments);
  const unknownVariants = assignments.excluded.find(({ reason }) => reason === 'UNKNOWN_VARIANT');
  return [
    gate(
      'sample_ratio_mismatch',
      srm.detected === null ? 'UNKNOWN' : srm.detected ? 'FAILED' : srm.warning ? 'WARNING' : 'PASSED',
      srm.detected === null
        ? 'There are no units to test.'
        : 'Whether the variants are as large as their weights promise.',
      { pValue: srm.pValue, value: srm.chiSquare, threshold: SRM_THRESHOLD },
    ),
    gate(
      'multiple_exposure',
      multiple.alarm ? 'FAILED' : multiple.units > 0 ? 'WARNING' : 'PASSED',
      `${multiple.units} units were seen in several variants.`,
      { value: multiple.share, threshold: MULTI_EXPOSURE_SHARE },
    ),
    ...(allocation === null ? [] : [allocation]),
    ...(unknownVariants === undefined
      ? []
      : [
          gate(
            'unknown_variant',
            'WARNING',
            `${unknownVariants.rows} assignment rows name a variant that is not configured.`,
            { value: unknownVariants.rows },
          ),
        ]),
    ...freshness.map(({ source, rows, latest, stale }) => {
      if (rows === null) return gate(`freshness:${source}`, 'UNKNOWN', `Source ${source} could not be read.`);
      if (rows === 0)
        return gate(`freshness:${source}`, 'FAILED', `Source ${source} has no rows before asOf.`, { value: 0 });
      return gate(
        `freshness:${source}`,
        stale ? 'FAILED' : 'PASSED',
        latest === null
          ? `Source ${source} has ${rows} rows and no timestamps.`
          : `Newest row of ${source}: ${shortInstant(latest)}.`,
        { value: rows },
      );
    }),
    ...values,
  ];
}

/** Whether the weights changed from day to day otherwise than declared; null: there are no days. */
async function allocationGate(
  session: Session,
  experiment: Experiment,
  asOf: CanonicalInstant,
  trace?: Trace,
): Promise<Gate | null> {
  if (!isTimed(session, experiment)) return null;
  const name = 'allocation_changed';
  const test = await unlessEngineFails(allocationChangeOf(session, experiment, asOf, trace));
  if (test === null) return gate(name, 'UNKNOWN', 'The exposures by day could not be read.');
  if (!test.ok) return gate(name, 'UNKNOWN', 'There are too few days with enough units to compare.');
  const { detected, warning, pValue, chiSquare, date } = test;
  return gate(
    name,
    detected ? 'FAILED' : warning ? 'WARNING' : 'PASSED',
    detected
      ? `The variants' shares changed from day to day otherwise than declared, most from ${date}. Declare \`phases\`, so that units are compared with those of the same time.`
      : "Whether the variants' shares of each day's units are the same, or changed only as declared.",
    { pValue, value: chiSquare, threshold: SRM_THRESHOLD },
  );
}

/** Whether the arms of each treatment were alike in the covariates that metrics are adjusted by. */
async function covariateGates(
  session: Session,
  experiment: Experiment,
  analysis: Analysis,
  trace?: Trace,
): Promise<readonly Gate[]> {
  const rows = await resultRows(session, experiment, { ...analysis, cuped: true });
  const adjusted = rows.filter(({ metric }) => metric.covariate != null);
  return Promise.all(
    adjusted.map(async (row): Promise<Gate> => {
      const name = `covariate_balance:${row.metric.metric}/${row.treatment.key}`;
      const comparison = await unlessEngineFails(compare(session, row, trace));
      if (comparison === null) return gate(name, 'UNKNOWN', `${row.metric.metric} could not be computed.`);
      const balance = balanceOf(row, comparison.arms);
      if (!balance.ok) return gate(name, 'UNKNOWN', 'The values before the exposure cannot be compared.');
      return gate(
        name,
        balance.pValue < FAULT_P ? 'WARNING' : 'PASSED',
        'Whether the arms were alike before the exposure, which randomisation makes them.',
        { pValue: balance.pValue, value: balance.standardizedDifference, threshold: FAULT_P },
      );
    }),
  );
}

/** Values that are no finite number (left out), and values below a metric's stated minimum (counted, and flagged). */
async function valueGates(
  session: Session,
  experiment: Experiment,
  analysis: Analysis,
  trace?: Trace,
): Promise<readonly Gate[]> {
  if (treatmentsOf(experiment, analysis).length === 0) return [];
  const rows = await resultRows(
    session,
    experiment,
    { ...analysis, maturity: 'ALL' },
    { treatments: [treatmentsOf(experiment, analysis)[0]!.key] },
  );
  const gates = await Promise.all(
    rows.map(async (row): Promise<readonly Gate[]> => {
      const answer = await unlessEngineFails(momentsOf(session, row, ['quality'], trace));
      const name = row.metric.metric;
      if (answer === null) return [gate(`values:${name}`, 'UNKNOWN', `${name} could not be computed.`)];
      const invalid = answer.reduce((sum, arm) => sum + (arm.invalidRows ?? 0), 0);
      const below = answer.reduce((sum, arm) => sum + (arm.rowsBelowMinimum ?? 0), 0);
      return [
        ...(invalid === 0
          ? []
          : [
              gate(
                `values:${name}`,
                'WARNING',
                `${invalid} rows of ${name} have a value that is no finite number; they add nothing.`,
                { value: invalid, threshold: 0 },
              ),
            ]),
        ...(below === 0
          ? []
          : [
              gate(`minimum:${name}`, 'WARNING', `${below} rows of ${name} are below its stated minimum; they count.`, {
                value: below,
                threshold: 0,
              }),
            ]),
      ];
    }),
  );
  return gates.flat();
}
