import { describe, expect, test } from 'vitest';
import type { ScanLimit } from '../../src/catalog/trino-config.ts';
import { ScanBudget, scanLimit } from '../../src/evaluate/scan-budget.ts';

const limit = (change: Partial<ScanLimit> = {}): ScanLimit => ({
  bytes: 100,
  rows: null,
  unknown: 'refuse',
  ...change,
});
const bytes = (amount: number | null) => ({ bytes: amount, rows: null });

/** Which of these estimates are admitted, one after the other. */
function admitted(budget: ScanBudget, estimates: readonly (number | null)[]): readonly boolean[] {
  return estimates.map((estimate) => {
    try {
      budget.reserve(bytes(estimate));
      return true;
    } catch {
      return false;
    }
  });
}

describe('a scan budget', () => {
  test.each([
    ['what fits exactly', [60, 40], [true, true]],
    ['nothing beyond', [60, 41], [true, false]],
    ['what is smaller after what was refused, which counts for nothing', [60, 50, 40], [true, false, true]],
    ['what reads nothing', [100, 0], [true, true]],
    ['no unknown', [null, 10], [false, true]],
  ])('admits %s', (_, estimates, expected) => {
    expect(admitted(new ScanBudget(limit()), estimates)).toEqual(expected);
  });

  test('admits the unknown where it may, until what was read is too much', () => {
    const budget = new ScanBudget(limit({ unknown: 'allow' }));
    const reservation = budget.reserve(bytes(null));
    expect(admitted(budget, [null, 100])).toEqual([true, true]);
    reservation.settle({ scannedBytes: 1, scannedRows: null });
    expect(admitted(budget, [null, 0])).toEqual([false, false]);
  });

  test('counts what was read where it is more than was expected', () => {
    const budget = new ScanBudget(limit());
    const [more, less] = [budget.reserve(bytes(30)), budget.reserve(bytes(30))];
    more.settle({ scannedBytes: 50, scannedRows: 9 });
    expect(admitted(budget, [21])).toEqual([false]);
    less.settle({ scannedBytes: 10, scannedRows: 9 });
    expect(admitted(budget, [21, 20])).toEqual([false, true]);
  });

  test('keeps the estimate where nobody knows what was read', () => {
    const budget = new ScanBudget(limit());
    budget.reserve(bytes(80)).settle({ scannedBytes: null, scannedRows: null });
    expect(admitted(budget, [21, 20])).toEqual([false, true]);
  });

  test.each([
    [
      limit({ bytes: 50e9 }),
      { bytes: 61.23e9, rows: 7 },
      /^The request would read about 61\.2 GB, and its budget is 50 GB\. Narrow it .* `engine\.scanBudget`/,
      { estimatedBytes: 61.23e9, budgetBytes: 50e9 },
    ],
    [
      limit({ bytes: null, rows: 1_000_000 }),
      { bytes: null, rows: 2_000_000.4 },
      /about 2,000,000 rows, and its budget is 1,000,000 rows\./,
      { estimatedRows: 2_000_000, budgetRows: 1_000_000 },
    ],
    [
      limit(),
      { bytes: null, rows: 1 },
      /cannot tell how much .* budget is 100 B\. .*ANALYZE/,
      { estimatedBytes: null },
    ],
  ])('says what it refuses and what to do %#', (one, estimate, message, details) => {
    const refused = () => new ScanBudget(one).reserve(estimate);
    expect(refused).toThrow(message);
    expect(refused).toThrow(
      expect.objectContaining({ code: 'SCAN_BUDGET_EXCEEDED', details: expect.objectContaining(details) }),
    );
  });
});

test.each([
  [null, null, null],
  [limit(), null, limit()],
  [null, 7, { bytes: 7, rows: null, unknown: 'refuse' }],
  [limit({ unknown: 'allow' }), 7, limit({ bytes: 7, unknown: 'allow' })],
  [limit(), 1000, limit()],
  [limit({ bytes: null, rows: 5 }), 7, limit({ bytes: 7, rows: 5 })],
])('a request can only lower the budget: %j with %j is %j', (configured, asked, expected) => {
  expect(scanLimit(configured, asked)).toEqual(expected);
});
