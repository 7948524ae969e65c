import { randomUUID } from 'node:crypto';
import type { Catalog } from '../../catalog/catalog.ts';
import type { BuiltModel } from '../../core/built-model.ts';
import { isEngineFailure, MetricLayerError } from '../../core/errors.ts';
import { type CanonicalInstant, canonicalInstant, shortInstant } from '../../core/instant.ts';
import type { OnStep, RelationKind, Warehouse } from '../../engine/warehouse.ts';
import { textOf } from '../../sql/literal.ts';
import { ident, sql } from '../../sql/sql.ts';
import { bringDaysUpToDate, hasDays, type NewDays } from '../incremental/days.ts';
import type { Model, ModelContext } from '../model.ts';
import { contextAsOf, definitionHash, selectText } from './definition.ts';
import { inOrder, upstreamOf } from './in-order.ts';
import { type BuildMode, ensureLedger, LEDGER, type LedgerEntry, record, unrecorded } from './ledger.ts';
import { type Mark, markedComment } from './mark.ts';
import { selectModels } from './selection.ts';
import { isOfInputs, standingModels } from './standing.ts';

export interface BuildOptions {
  readonly catalog: Catalog;
  readonly warehouse: Warehouse;
  readonly models: readonly Model[];
  readonly asOf: CanonicalInstant;
  /** As `selectModels` reads it; null: all. */
  readonly select: string | null;
  /** Builds again what nothing has changed of; rows that came late are found so. */
  readonly fullRefresh: boolean;
  /** Version of liftql. */
  readonly version: string;
  readonly clock: () => Date;
  readonly onProgress?: (progress: ModelProgress) => void;
  readonly onStep?: OnStep;
}

/** A model that is done. */
export interface ModelProgress {
  readonly model: string;
  readonly mode: BuildMode;
  /** null: a view, or nothing was counted. */
  readonly rows: number | null;
  readonly seconds: number;
}

/** What a run did. */
export interface BuildReport {
  /** Id of the run. */
  readonly build: string;
  readonly models: readonly ModelProgress[];
  /** Models that stood without a row in the ledger; it was added. */
  readonly recovered: readonly string[];
}

/**
 * Builds models in the warehouse, each after those that it reads, and writes down what was built. A model is left as it is where its
 * definition, the asOf and the builds of what it reads are those that it was built with. Stops at the first that fails.
 */
export async function build(options: BuildOptions): Promise<BuildReport> {
  const run = await startRun(options);
  const { warehouse, onStep = () => {} } = options;
  const selected = selectModels(run.ordered, options.select);
  checkInputs(run, selected);
  const recovered = await recover(run);
  const done: ModelProgress[] = [];
  const skipped: LedgerEntry[] = [];
  for (const model of selected) {
    const standing = run.standing.get(model.name);
    const isCurrent = standing !== undefined && !options.fullRefresh && isUpToDate(run, model);
    const progress = isCurrent ? SKIPPED(model) : await buildModel(run, model);
    if (isCurrent) skipped.push(skippedEntry(run, standing));
    done.push(progress);
    options.onProgress?.(progress);
  }
  const changes = done.length - skipped.length + recovered.length;
  if (changes > 0) {
    onStep('record skipped');
    await record(warehouse, skipped);
    onStep('publish');
    await warehouse.publish();
  }
  return { build: run.id, models: done, recovered };
}

/** What one run knows; `standing` is kept up to date. */
interface Run {
  readonly options: BuildOptions;
  readonly id: string;
  readonly ordered: readonly Model[];
  readonly hashes: ReadonlyMap<string, string>;
  readonly kinds: ReadonlyMap<string, RelationKind>;
  readonly standing: Map<string, BuiltModel>;
  /** What models are made with that read raw sources; made when the first of them is built. */
  context: ModelContext | null;
  /** Whether days were kept of what raw sources came to. */
  incremental: boolean;
}

async function startRun(options: BuildOptions): Promise<Run> {
  const { catalog, warehouse, models, onStep = () => {} } = options;
  const ordered = inOrder(models);
  onStep('read state');
  const relations = await warehouse.relations();
  if (!relations.some(({ name }) => name === LEDGER)) {
    onStep('make ledger');
    await ensureLedger(warehouse);
  }
  const names = new Set<string>(ordered.map(({ name }) => name));
  const standing = standingModels(relations, (...name) => warehouse.nameOf(...name));
  const foreign = relations.find(({ name }) => names.has(name) && !standing.some(({ model }) => model === name));
  if (foreign !== undefined) throw notOurs(foreign.kind, warehouse.nameOf(foreign.name, 'table'));
  return {
    options,
    id: randomUUID(),
    ordered,
    hashes: new Map(ordered.map((model) => [model.name, definitionHash(model, catalog, warehouse)])),
    kinds: new Map(relations.map(({ name, kind }) => [name, kind])),
    standing: new Map(standing.map((built) => [built.model, built])),
    context: null,
    incremental: false,
  };
}

function isOfNow({ options, hashes, standing }: Run, { name }: Model): boolean {
  const built = standing.get(name);
  return built !== undefined && built.hash === hashes.get(name) && built.asOf === options.asOf;
}

function isUpToDate(run: Run, model: Model): boolean {
  const built = run.standing.get(model.name);
  return built !== undefined && isOfNow(run, model) && isOfInputs(built, model.uses, run.standing);
}

/** What a selected model reads and is not selected itself must stand and stay, of the same asOf: else its numbers were of two. */
function checkInputs(run: Run, selected: readonly Model[]): void {
  for (const model of selected)
    for (const used of run.ordered.filter(({ name }) => model.uses.includes(name))) {
      const goesStale = [...upstreamOf(run.ordered, new Set([used.name]))].some((name) =>
        selected.some((one) => one.name === name),
      );
      if (selected.includes(used) || (isUpToDate(run, used) && !goesStale)) continue;
      throw new MetricLayerError(
        'BAD_USER_INPUT',
        `Model ${model.name} is made from ${used.name}, which is not selected and not built as of ${shortInstant(run.options.asOf)} from what it is made from now. Select +${model.name}.`,
      );
    }
}

/** Writes down what a run built that was killed before it could. */
async function recover(run: Run): Promise<readonly string[]> {
  const { warehouse, onStep = () => {} } = run.options;
  const missing = await unrecorded(warehouse, [...run.standing.values()]);
  if (missing.length === 0) return [];
  const entries: LedgerEntry[] = [];
  for (const built of missing) {
    const rows = run.kinds.get(built.model) === 'view' ? null : await countOf(warehouse, built.model);
    const { build, startedAt } = built;
    entries.push({ built, run: build, mode: 'full', rows, startedAt, finishedAt: null });
  }
  onStep('recover');
  await record(warehouse, entries);
  return missing.map(({ model }) => model);
}

async function countOf(warehouse: Warehouse, name: string): Promise<number> {
  const from = ident(...warehouse.nameOf(name, 'table'));
  const [row] = await warehouse.query(textOf(sql`select count(*) as "rows" from ${from}`));
  return Number(row?.rows);
}

async function buildModel(run: Run, model: Model): Promise<ModelProgress> {
  const { catalog, warehouse, asOf, version, clock, onStep = () => {} } = run.options;
  const { name, materialization: kind } = model;
  const readsRaw = model.sources(catalog).length > 0;
  const context = readsRaw ? await contextOf(run, model) : contextAsOf(asOf, catalog, warehouse);
  const mode: BuildMode = readsRaw && run.incremental ? 'incremental' : 'full';
  const before = performance.now();
  const startedAt = instantOf(clock());
  const mark: Mark = {
    asOf,
    previousAsOf: run.standing.get(name)?.asOf ?? null,
    hash: run.hashes.get(name)!, // of every model
    build: run.id,
    startedAt,
    catalogHash: catalog.hash,
    version,
    inputs: Object.fromEntries(model.uses.map((used) => [used, run.standing.get(used)!.build])), // checked, or just built
  };
  onStep(`build ${name}`);
  const select = selectText(model, context, warehouse);
  const comment = markedComment(model.description, mark);
  const replaces = run.kinds.get(name) ?? null;
  const rows = await warehouse.replace({ name, kind, select, comment, replaces }).catch((error: unknown) => {
    throw failure(name, error);
  });
  const built = { model: name, relation: warehouse.nameOf(name, 'table'), ...mark };
  run.standing.set(name, built);
  onStep(`record ${name}`);
  const finishedAt = instantOf(clock());
  await record(warehouse, [{ built, run: run.id, mode, rows, startedAt, finishedAt }]);
  return { model: name, mode, rows, seconds: (performance.now() - before) / 1000 };
}

/** What a model that reads raw sources is made with. */
async function contextOf(run: Run, { ofRows }: Model): Promise<ModelContext> {
  const { catalog, warehouse, asOf } = run.options;
  const context = await rawContext(run);
  const { sourceDays } = context;
  return ofRows && sourceDays !== undefined ? { ...contextAsOf(asOf, catalog, warehouse), sourceDays } : context;
}

/** Brings what raw sources came to by day up to date, and lets the models be made from that. */
async function rawContext(run: Run): Promise<ModelContext> {
  const { catalog, warehouse, asOf, fullRefresh } = run.options;
  const context = contextAsOf(asOf, catalog, warehouse);
  run.context ??= hasDays(catalog)
    ? await bringDaysUpToDate({
        ...{ context, warehouse, asOf, lookback: catalog.models?.lookback ?? 0 },
        standing: fullRefresh ? new Map() : run.standing,
        write: (days) => writeDays(run, days),
      })
    : context;
  return run.context;
}

async function writeDays(run: Run, { name, description, select, hash, incremental }: NewDays): Promise<void> {
  const { catalog, warehouse, asOf, version, clock, onProgress, onStep = () => {} } = run.options;
  const before = performance.now();
  const startedAt = instantOf(clock());
  const mark: Mark = {
    ...{ asOf, hash, startedAt, version, build: run.id, catalogHash: catalog.hash, inputs: {} },
    previousAsOf: run.standing.get(name)?.asOf ?? null,
  };
  onStep(`build ${name}`);
  const comment = markedComment(description, mark);
  const replaces = run.kinds.get(name) ?? null;
  const rows = await warehouse
    .replace({ name, kind: 'table', select: textOf(select), comment, replaces })
    .catch((error: unknown) => {
      throw failure(name, error);
    });
  const built = { model: name, relation: warehouse.nameOf(name, 'table'), ...mark };
  const mode: BuildMode = incremental ? 'incremental' : 'full';
  run.incremental ||= incremental;
  onStep(`record ${name}`);
  await record(warehouse, [{ built, run: run.id, mode, rows, startedAt, finishedAt: instantOf(clock()) }]);
  onProgress?.({ model: name, mode, rows, seconds: (performance.now() - before) / 1000 });
}

const SKIPPED = ({ name }: Model): ModelProgress => ({ model: name, mode: 'skipped', rows: null, seconds: 0 });

function skippedEntry({ id, options: { clock } }: Run, built: BuiltModel): LedgerEntry {
  const now = instantOf(clock());
  return { built, run: id, mode: 'skipped', rows: null, startedAt: now, finishedAt: now };
}

const instantOf = (date: Date): CanonicalInstant => canonicalInstant(date.toISOString());

function failure(model: string, error: unknown): unknown {
  if (!isEngineFailure(error)) return error;
  const reason = typeof error.details.reason === 'string' ? ` The engine says: ${error.details.reason}` : '';
  return new MetricLayerError(error.code, `Model ${model} could not be built. ${error.message}${reason}`, {
    cause: error,
    details: { ...error.details, model },
  });
}

function notOurs(kind: RelationKind, name: readonly string[]): MetricLayerError {
  return new MetricLayerError(
    'MODELS_UNWRITABLE',
    `There is a ${kind} ${name.join('.')} that liftql did not build, or whose comment was changed. Drop it, or name another place in \`models\`.`,
  );
}
