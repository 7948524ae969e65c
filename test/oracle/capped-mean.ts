import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import { openDuckDb } from '../../src/engine/duckdb/duckdb.ts';
import { Evaluator } from '../../src/evaluate/evaluator.ts';
import { createRunner } from '../../src/evaluate/single-flight.ts';
import { resolveAnalysis } from '../../src/experiment/analysis.ts';
import { armsOf, samplesOf } from '../../src/experiment/arms.ts';
import { resultRows } from '../../src/experiment/result-row.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import { formatDouble } from '../../src/sql/number.ts';
import type { Inference, Sample } from '../../src/statistics/inference.ts';

/** A case of capped values: raw values per arm and how they are capped, at percentiles of all arms or at fixed values. */
export interface CappedInput {
  readonly control: { readonly raw: readonly number[] };
  readonly treatment: { readonly raw: readonly number[] };
  /** Upper percentile; lower ones under any of the names seen. */
  readonly percentile?: number | null;
  readonly upperPercentile?: number | null;
  readonly percentileUpper?: number | null;
  readonly lowerPercentile?: number | null;
  readonly percentileLower?: number | null;
  readonly percentileLow?: number | null;
  readonly percentileHigh?: number | null;
  /** Fixed thresholds. */
  readonly cap?: number | null;
  readonly absoluteCap?: number | null;
  readonly absolute?: number | null;
  readonly upper?: number | null;
  readonly lower?: number | null;
  /** Percentiles of the values above zero; zeros are still capped. */
  readonly ignoreZeros?: boolean;
}

/** Both arms after capping, and the thresholds. */
export interface CappedSamples {
  readonly lower: number | null;
  readonly upper: number | null;
  readonly control: Inference<Sample>;
  readonly treatment: Inference<Sample>;
}

const NOW = '2026-01-01T00:00:00.000000Z';

/** Caps both arms as the product does: a catalog with the cap, planned, run on DuckDB and read back as moments. */
export async function cappedSamples(input: CappedInput): Promise<CappedSamples> {
  const catalog = catalogOf(input);
  const engine = await openDuckDb({ path: null });
  try {
    const evaluator = new Evaluator({ catalog, dialect: DIALECTS.DUCKDB, runner: createRunner(engine) });
    const session = { catalog, evaluator, now: NOW };
    const experiment = catalog.experiments.get('capped')!;
    const [row] = await resultRows(session, experiment, resolveAnalysis(session, experiment));
    const arms = await armsOf(session, row!, ['products']);
    const { lower = null, upper = null } = arms.control.capping ?? arms.treatment.capping ?? {};
    return { lower, upper, ...samplesOf(row!, arms) };
  } finally {
    await engine.close();
  }
}

/** The case as a catalog: its values are a query, its cap is that of a mean. */
function catalogOf(input: CappedInput): Catalog {
  const values = (['control', 'treatment'] as const)
    .map((variant) => {
      const list = `cast([${input[variant].raw.map(formatDouble).join(', ')}] as double[])`;
      return `select '${variant}' as variant, '${variant} ' || generate_subscripts(list, 1) as unit, unnest(list) as value from (select ${list} as list)`;
    })
    .join(' union all ');
  const cap = capOf(input);
  const yaml = {
    engine: { kind: 'duckdb' },
    sources: {
      assignments: { kind: 'assignments', sql: values, unit: 'unit', variant: 'variant' },
      values: { kind: 'facts', sql: values, unit: 'unit' },
    },
    metrics: {
      value: { type: 'mean', source: 'values', value: { column: 'value' }, ...(cap === null ? {} : { cap }) },
    },
    experiments: { capped: { variants: { control: { control: true }, treatment: {} }, goals: ['value'] } },
  };
  const directory = mkdtempSync(join(tmpdir(), 'liftql-oracle-'));
  try {
    writeFileSync(join(directory, 'catalog.yaml'), JSON.stringify(yaml));
    const loaded = loadCatalog(directory, { env: {} });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
    return loaded.catalog;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The cap as a catalog says it; null: there is none. */
function capOf(input: CappedInput) {
  const threshold = (percentile: number | null | undefined, value: number | null | undefined) =>
    percentile != null ? { percentile } : value != null ? { value } : undefined;
  const upper = threshold(
    input.percentile ?? input.upperPercentile ?? input.percentileUpper ?? input.percentileHigh,
    input.cap ?? input.absoluteCap ?? input.absolute ?? input.upper,
  );
  const lower = threshold(input.lowerPercentile ?? input.percentileLower ?? input.percentileLow, input.lower);
  if (upper === undefined && lower === undefined) return null;
  return { upper, lower, zeros: input.ignoreZeros ? 'exclude' : 'include' };
}
