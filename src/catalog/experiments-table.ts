import { compareInstants } from '../core/instant.ts';
import type { Row } from '../engine/engine.ts';
import type { AssignmentSource, Catalog, Experiment, ExperimentsSource, Instant, Variant } from './catalog.ts';
import { readEntries, type TableEntry, type Warn } from './experiment-rows.ts';
import { catalogHash } from './hash.ts';
import { DEFAULT_ANALYSIS } from './settings-schema.ts';
import { WEIGHT_TOLERANCE } from './variants.ts';

/**
 * A catalog with the experiments of a flag system's table: rows complete the experiments of the YAML, which wins field by
 * field; a row alone is an experiment without metrics. Conflicts and rows that cannot be read become warnings.
 * Rows are keyed by the column names that the source's `fields` give.
 */
export function mergeExperimentsTable(catalog: Catalog, sourceName: string, rows: readonly Row[]): Catalog {
  const source = catalog.sources.get(sourceName);
  if (source?.kind !== 'experiments') throw new Error(`\`${sourceName}\` is not a source of kind experiments.`);
  const warnings = [...catalog.warnings];
  const warn: Warn = (sentence) => warnings.push(`Source \`${sourceName}\`: ${sentence}`);
  const entries = readEntries(rows, source, warn);
  const experiments = new Map<string, Experiment>();
  for (const [key, experiment] of catalog.experiments) {
    const entry = entries.get(key);
    const merged = entry === undefined ? experiment : mergeEntry(experiment, entry, warn);
    if (merged.variants.length >= 2) experiments.set(key, merged);
    else warn(`experiment \`${key}\` has no variants, neither in YAML nor in the table; it is left out.`);
  }
  for (const entry of entries.values()) {
    if (catalog.experiments.has(entry.key)) continue;
    const experiment = experimentOf(entry, catalog, { source, warn });
    if (experiment !== null) experiments.set(entry.key, experiment);
  }
  const merged = { ...catalog, experiments, warnings };
  return { ...merged, hash: catalogHash(merged) };
}

function mergeEntry(experiment: Experiment, entry: TableEntry, warn: Warn): Experiment {
  const pick = <T>(
    field: string,
    yaml: T | null,
    table: T | undefined,
    same: (a: T, b: T) => boolean = Object.is,
  ): T | null => {
    if (yaml !== null && table !== undefined && !same(yaml, table)) {
      warn(`experiment \`${experiment.key}\`: YAML and table differ in \`${field}\`; YAML wins.`);
    }
    return yaml ?? table ?? null;
  };
  const sameInstant = (a: Instant, b: Instant) => compareInstants(a, b) === 0;
  // A name that is the key is what an experiment without a name has.
  const name = experiment.name === experiment.key ? null : experiment.name;
  const variants = experiment.variants.length === 0 ? null : experiment.variants;
  return {
    ...experiment,
    name: pick('name', name, entry.name) ?? experiment.key,
    owner: pick('owner', experiment.owner, entry.owner),
    hypothesis: pick('hypothesis', experiment.hypothesis, entry.hypothesis),
    status: pick('status', experiment.status, entry.status ?? undefined),
    ...mergePeriod(
      experiment,
      {
        start: pick('start', experiment.start, entry.start, sameInstant),
        end: pick('end', experiment.end, entry.end, sameInstant),
      },
      warn,
    ),
    variants: pick('variants', variants, entry.variants, sameVariants) ?? [],
  };
}

/** Start of one side and end of the other may contradict each other; then the YAML stands alone. */
function mergePeriod(
  { key, start, end }: Experiment,
  merged: Pick<Experiment, 'start' | 'end'>,
  warn: Warn,
): Pick<Experiment, 'start' | 'end'> {
  if (merged.start === null || merged.end === null || compareInstants(merged.start, merged.end) < 0) return merged;
  warn(
    `experiment \`${key}\`: start and end of YAML and table together end before they start; those of the table are left out.`,
  );
  return { start, end };
}

function sameVariants(a: readonly Variant[], b: readonly Variant[]): boolean {
  const others = new Map(b.map((variant) => [variant.key, variant]));
  return (
    a.length === b.length &&
    a.every(({ key, weight, isControl }) => {
      const other = others.get(key);
      return (
        other !== undefined && other.isControl === isControl && Math.abs(other.weight - weight) <= WEIGHT_TOLERANCE
      );
    })
  );
}

function experimentOf(
  entry: TableEntry,
  catalog: Catalog,
  { source, warn }: { readonly source: ExperimentsSource; readonly warn: Warn },
): Experiment | null {
  const leaveOut = (why: string) => {
    warn(`experiment \`${entry.key}\` is left out: ${why}.`);
    return null;
  };
  if (entry.variants === undefined) return leaveOut('its variants cannot be told');
  const assignments = [...catalog.sources.values()].filter(
    (found): found is AssignmentSource => found.kind === 'assignments',
  );
  const [only] = assignments;
  if (only === undefined || assignments.length > 1) {
    return leaveOut(
      `the catalog has ${assignments.length} sources of assignments, so that its own must be named in YAML`,
    );
  }
  if (only.experiment === null)
    return leaveOut(`source \`${only.name}\` has no \`experiment\` column that could tell its assignments`);
  return {
    key: entry.key,
    name: entry.name ?? entry.key,
    hypothesis: entry.hypothesis ?? null,
    owner: entry.owner ?? null,
    tags: [],
    status: entry.status ?? null,
    unit: only.unit,
    assignments: only.name,
    timezone: 'UTC',
    start: entry.start ?? null,
    end: entry.end ?? null,
    treatmentEnd: null,
    variants: entry.variants,
    metrics: [],
    plan: null,
    monitoring: 'FIXED',
    multiExposure: 'exclude',
    intent: 'improve',
    analysis: catalog.analysis ?? DEFAULT_ANALYSIS,
    place: source.place,
  };
}
