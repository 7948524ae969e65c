import type { ScanEstimate } from '../engine/engine.ts';

/** What an engine expects that has no estimates. */
export const UNKNOWN_SCAN: ScanEstimate = { rows: null, bytes: null };

/** What statements read together: unknown where it is so of any of them, never the sum of a part. */
export function sumOfEstimates(estimates: readonly ScanEstimate[]): ScanEstimate {
  const sum = (unit: 'rows' | 'bytes') =>
    estimates.reduce<number | null>(
      (total, estimate) => (total === null || estimate[unit] === null ? null : total + estimate[unit]),
      0,
    );
  const [rows, bytes] = [sum('rows'), sum('bytes')];
  return { rows: rows === null ? null : Math.round(rows), bytes: bytes === null ? null : Math.round(bytes) };
}
