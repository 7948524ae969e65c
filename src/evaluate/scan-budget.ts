import { formatBytes } from '../catalog/byte-size.ts';
import type { ScanLimit } from '../catalog/trino-config.ts';
import { MetricLayerError } from '../core/errors.ts';
import type { QueryResult, ScanEstimate } from '../engine/engine.ts';

/** A statement's share of the budget: what it was expected to read, or what it turned out to read where that is more. */
export interface Reservation {
  settle(result: Pick<QueryResult, 'scannedBytes' | 'scannedRows'>): void;
}

const UNITS = ['bytes', 'rows'] as const;

/**
 * What one request may read. Its statements are admitted one after the other by what the engine expects them to read; one that
 * the rest of the budget does not hold is refused before it runs. A statement that failed keeps its share: nobody knows what
 * it had read by then.
 */
export class ScanBudget {
  readonly #limit: ScanLimit;
  readonly #spent = { bytes: 0, rows: 0 };

  constructor(limit: ScanLimit) {
    this.#limit = limit;
  }

  /** Throws SCAN_BUDGET_EXCEEDED for a statement that is not admitted, which then counts for nothing. */
  reserve(estimate: ScanEstimate): Reservation {
    const limited = UNITS.filter((unit) => this.#limit[unit] !== null);
    const total = { bytes: this.#with(estimate, 'bytes'), rows: this.#with(estimate, 'rows') };
    for (const unit of limited) {
      if (estimate[unit] === null && this.#limit.unknown === 'refuse') throw unknown(unit, this.#limit);
      if (total[unit] > this.#limit[unit]!) throw exceeded(unit, total[unit], this.#limit);
    }
    Object.assign(this.#spent, total);
    return {
      settle: ({ scannedBytes, scannedRows }) => {
        const read = { bytes: scannedBytes, rows: scannedRows };
        // Less than expected gives nothing back: engines may count bytes as stored, and expect them as decoded.
        for (const unit of UNITS) this.#spent[unit] += Math.max(0, (read[unit] ?? 0) - (estimate[unit] ?? 0));
      },
    };
  }

  #with(estimate: ScanEstimate, unit: 'bytes' | 'rows'): number {
    return this.#spent[unit] + (estimate[unit] ?? 0);
  }
}

/** The stricter of what the catalog allows a request and what the request asks for itself; null: no budget. */
export function scanLimit(configured: ScanLimit | null, asked: number | null | undefined): ScanLimit | null {
  if (asked == null) return configured;
  const { bytes = null, rows = null, unknown = 'refuse' } = configured ?? {};
  return { bytes: Math.min(asked, bytes ?? asked), rows, unknown };
}

type Unit = (typeof UNITS)[number];

const REMEDY =
  'Narrow it to fewer experiments or metrics or a shorter period, or raise the budget: that of the request, or `engine.scanBudget` of the catalog.';

function exceeded(unit: Unit, total: number, limit: ScanLimit): MetricLayerError {
  return new MetricLayerError(
    'SCAN_BUDGET_EXCEEDED',
    `The request would read about ${show(unit, total)}, and its budget is ${show(unit, limit[unit]!)}. ${REMEDY}`,
    { details: detailsOf(unit, Math.round(total), limit) },
  );
}

function unknown(unit: Unit, limit: ScanLimit): MetricLayerError {
  return new MetricLayerError(
    'SCAN_BUDGET_EXCEEDED',
    `The engine cannot tell how much the request would read, and its budget is ${show(unit, limit[unit]!)}. Collect statistics of the tables (ANALYZE), or admit what is unknown with \`engine.scanBudget.unknown: allow\`.`,
    { details: detailsOf(unit, null, limit) },
  );
}

function detailsOf(unit: Unit, estimated: number | null, limit: ScanLimit) {
  return unit === 'bytes'
    ? { estimatedBytes: estimated, budgetBytes: limit.bytes }
    : { estimatedRows: estimated, budgetRows: limit.rows };
}

function show(unit: Unit, amount: number): string {
  return unit === 'bytes' ? formatBytes(amount) : `${Math.round(amount).toLocaleString('en-US')} rows`;
}
