import { resolve } from 'node:path';
import { buildEngine } from './build-engine.ts';
import { buildExperiment } from './build-experiment.ts';
import { buildMetric } from './build-metric.ts';
import { buildModels } from './build-models.ts';
import { buildSource } from './build-source.ts';
import type { Catalog, Experiment } from './catalog.ts';
import type { Environment } from './environment.ts';
import { type Fault, FaultList } from './fault.ts';
import { catalogHash } from './hash.ts';
import { instantSchema } from './instant.ts';
import type { LoadContext } from './load-context.ts';
import type { Located } from './located.ts';
import { mergeFiles } from './merge-files.ts';
import type { KnownSources } from './named-source.ts';
import { identifierFault, keyFault, namedMembers } from './names.ts';
import { parseFields } from './parse-fields.ts';
import { readDirectory } from './read-directory.ts';
import { analysisFields, DEFAULT_ANALYSIS, mergeAnalysis } from './settings-schema.ts';

/** A catalog, or everything that is wrong with it. */
export type LoadedCatalog =
  | { readonly ok: true; readonly catalog: Catalog }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export interface LoadOptions {
  readonly env: Environment;
  /** The folder that relative paths start from; left out: the catalog's. An earlier state of a catalog is read from elsewhere. */
  readonly pathsFrom?: string | undefined;
}

/**
 * Reads every `*.yaml` and `*.yml` of one folder (not of those below it) into one snapshot. Needs no warehouse: tables and
 * columns are checked by `inspectWarehouse`.
 */
export function loadCatalog(directory: string, { env, pathsFrom = directory }: LoadOptions): LoadedCatalog {
  const faults = new FaultList();
  const warnings: string[] = [];
  const warn = (sentence: string) => warnings.push(sentence);
  const context: LoadContext = { directory: resolve(pathsFrom), env, faults, warn };
  const { sections, settings } = mergeFiles(readDirectory(directory, faults), faults);
  const engine = buildEngine(settings.get('engine') ?? null, context);
  const clock = buildClock(settings.get('clock') ?? null, context);
  const models = buildModels(settings.get('models') ?? null, engine, context);
  const stated = settings.get('analysis');
  const analysis =
    stated === undefined
      ? DEFAULT_ANALYSIS
      : mergeAnalysis(
          DEFAULT_ANALYSIS,
          parseFields(analysisFields, stated, { subject: 'The analysis', faults }).values,
        );
  const named = (
    members: readonly (readonly [string, Located])[],
    kind: string,
    rule: (name: string) => string | null,
  ) => namedMembers(members, { kind, rule, faults });

  const sources = build(sections.sources, named(sections.sources, 'source', identifierFault), (name, yaml) =>
    buildSource(name, yaml, context),
  );
  const metrics = build(sections.metrics, named(sections.metrics, 'metric', identifierFault), (name, yaml) =>
    buildMetric(name, yaml, sources, context),
  );
  const members = named(sections.experiments, 'experiment', keyFault);
  const experiments = build(sections.experiments, members, (key, yaml) =>
    buildExperiment(key, yaml, { sources, metrics, analysis, context }),
  );
  checkSoleExperiments(members, { experiments, sources, context });
  if (engine.kind === 'trino') refuseFiles(sections.sources, sources, context);
  if (faults.isEmpty && sources.size + metrics.size + experiments.size === 0) {
    const rule = 'defines no source, metric or experiment';
    faults.add('CAT_VALUE', { file: directory, line: 1, column: 1 }, { subject: 'The catalog', rule });
  }
  if (!faults.isEmpty) return { ok: false, faults: faults.sorted() };

  const parts = {
    directory: context.directory,
    clock,
    engine,
    analysis,
    models,
    sources: complete(sources),
    metrics: complete(metrics),
    experiments: complete(experiments),
  };
  return { ok: true, catalog: { hash: catalogHash(parts), ...parts, warnings } };
}

/** Builds what has a fit name; the rest is known as null, so that a reference to it is no second fault. */
function build<Built>(
  all: readonly (readonly [string, Located])[],
  fit: readonly (readonly [string, Located])[],
  make: (name: string, yaml: Located) => Built | null,
): Map<string, Built | null> {
  const built = new Map<string, Built | null>(all.map(([name]) => [name, null]));
  for (const [name, yaml] of fit) built.set(name, make(name, yaml));
  return built;
}

/** Without faults nothing is null. */
function complete<Built>(built: ReadonlyMap<string, Built | null>): ReadonlyMap<string, Built> {
  return new Map([...built].flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])));
}

function buildClock(yaml: Located | null, { faults }: LoadContext): string | null {
  if (yaml === null) return null;
  const clock = instantSchema.safeParse(yaml.value);
  if (clock.success) return clock.data;
  const rule = clock.error.issues[0]!.message.replace(/^CAT_VALUE /, '');
  faults.add('CAT_VALUE', yaml.place, { subject: 'The clock', rule, got: `\`${String(yaml.value)}\`` });
  return null;
}

/** A source that does not name the experiment of a row can serve one experiment only. */
function checkSoleExperiments(
  members: readonly (readonly [string, Located])[],
  {
    experiments,
    sources,
    context: { faults },
  }: {
    readonly experiments: ReadonlyMap<string, Experiment | null>;
    readonly sources: KnownSources;
    readonly context: LoadContext;
  },
): void {
  const users = new Map<string, string>();
  for (const [key, yaml] of members) {
    const name = experiments.get(key)?.assignments;
    const source = name === undefined ? undefined : sources.get(name);
    if (name === undefined || source?.kind !== 'assignments' || source.experiment !== null) continue;
    const first = users.get(name);
    if (first === undefined) users.set(name, key);
    else {
      const rule = `uses source \`${name}\`, which has no \`experiment\` column and already serves experiment \`${first}\`; name the column that tells them apart`;
      faults.add('CAT_VALUE', yaml.child('assignments')?.place ?? yaml.keyPlace, {
        subject: `Experiment \`${key}\``,
        rule,
      });
    }
  }
}

function refuseFiles(
  members: readonly (readonly [string, Located])[],
  sources: KnownSources,
  { faults }: LoadContext,
): void {
  for (const [name, yaml] of members) {
    if (sources.get(name)?.relation.kind !== 'file') continue;
    faults.add('CAT_VALUE', yaml.nearest(['file']).keyPlace, {
      subject: `Source \`${name}\`: \`file\``,
      rule: 'cannot be read by Trino; use `table` or `sql`',
    });
  }
}
