import type { Catalog } from '../catalog/catalog.ts';
import { type LoadedCatalog, loadCatalog } from '../catalog/load.ts';
import { MetricLayerError } from '../core/errors.ts';
import { type CanonicalInstant, canonicalInstant, floorToMinute, parseInstant, shortInstant } from '../core/instant.ts';
import { Evaluator } from '../evaluate/evaluator.ts';
import { ScanBudget, scanLimit } from '../evaluate/scan-budget.ts';
import type { Session } from '../experiment/session.ts';
import type { MetricService } from '../graphql/context.ts';
import { type Affected, affectedBy } from '../models/diff/affected.ts';
import type { BaseFault, BaseState, CatalogDiff } from '../models/diff/catalog-diff.ts';
import { definitionChanges } from '../models/diff/definitions.ts';
import { evaluated } from '../models/diff/evaluated.ts';
import { type EvaluatedPair, movesOf } from '../models/diff/moves.ts';
import { type StatementSide, statementDiffs } from '../models/diff/statements.ts';
import { DIALECTS } from '../sql/dialects/index.ts';
import { type CatalogAtRef, withCatalogAtRef } from './catalog-at-ref.ts';
import { CatalogError, clockOf, type OpenOptions, openService } from './open-service.ts';
import { optionsOfFlags } from './request-options.ts';

export interface DiffOptions extends Pick<OpenOptions, 'env' | 'clock'> {
  /** RFC 3339; left out: the head's clock, else the machine's. */
  readonly asOf?: string | undefined;
  /** Whether results and verdicts are evaluated; without, the warehouse is not opened. */
  readonly data: boolean;
  /** Who asks, where the engine impersonates. */
  readonly user?: string | undefined;
  /** Takes a line on what is being done. */
  readonly onProgress?: (line: string) => void;
}

type Service = Awaited<ReturnType<typeof openService>>;

/**
 * What changes between the catalog of a folder at a git ref and as it is now. Both read the same warehouse as of the same instant,
 * from raw sources. A head with faults is thrown; one at the base is told.
 */
export async function diffCatalogs(directory: string, ref: string, options: DiffOptions): Promise<CatalogDiff> {
  const head = loadCatalog(directory, { env: options.env });
  if (!head.ok) throw new CatalogError(head.faults);
  const asOf = instantOf(head.catalog, options);
  return withCatalogAtRef(directory, ref, async (at) => {
    const opened: Service[] = [];
    try {
      const base = loadBase(at, directory, options);
      const definitions = definitionsOf(base, head.catalog);
      // Words move nothing: there is nothing to ask the warehouse.
      const isOpened = options.data && !(base?.ok && definitions.every(({ effect }) => effect === 'WORDS'));
      const sides = isOpened
        ? await openBoth(at, base, { directory, options, opened })
        : { head: null, base: null, faults: [] };
      const headCatalog = base?.ok && sides.base === null ? head.catalog : catalogOf(sides.head, head.catalog);
      const before = base?.ok ? catalogOf(sides.base, base.catalog) : null;
      const affected = before === null ? everything(headCatalog) : affectedBy(before, headCatalog, asOf);
      const pairs = isOpened ? await evaluatePairs(affected, sides, { asOf, options }) : [];
      return {
        base: { ref, commit: at.commit, state: stateOf(base, sides.faults), faults: faultsOf(base, at, sides.faults) },
        asOf: shortInstant(asOf),
        evaluated: options.data,
        definitions,
        statements:
          before === null
            ? []
            : await statementDiffs(statementSide(before), statementSide(headCatalog), affected, asOf),
        affected: affected.experiments,
        unaffected: affected.unaffected,
        ...movesOf(pairs),
      };
    } finally {
      for (const service of opened) await service.close();
    }
  });
}

function instantOf({ clock }: Catalog, options: DiffOptions): CanonicalInstant {
  if (options.asOf === undefined)
    return clock === null ? floorToMinute((options.clock ?? clockOf(options.env))()) : canonicalInstant(clock);
  const instant = parseInstant(options.asOf);
  if (instant !== null) return instant;
  throw new MetricLayerError(
    'BAD_USER_INPUT',
    `--as-of is "${options.asOf}", which is not an instant. Write it as 2026-03-20T00:00:00Z.`,
  );
}

/** null: there was none. */
function loadBase({ directory: copy }: CatalogAtRef, directory: string, { env }: DiffOptions): LoadedCatalog | null {
  return copy === null ? null : loadCatalog(copy, { env, pathsFrom: directory });
}

interface Sides {
  readonly base: Service | null;
  readonly head: Service | null;
  /** Why the base was not opened, though it could be loaded. */
  readonly faults: readonly BaseFault[];
}

/** Opens the head, and the base if it can be; what was opened is put into `opened`. */
async function openBoth(
  { directory: copy }: CatalogAtRef,
  base: LoadedCatalog | null,
  {
    directory,
    options: { env, clock },
    opened,
  }: { readonly directory: string; readonly options: DiffOptions; readonly opened: Service[] },
): Promise<Sides> {
  const open = async (from: string) => {
    const service = await openService(from, { env, pathsFrom: directory, ...(clock === undefined ? {} : { clock }) });
    opened.push(service);
    return service;
  };
  const head = await open(directory);
  if (copy === null || !base?.ok) return { head, base: null, faults: [] };
  try {
    return { head, base: await open(copy), faults: [] };
  } catch (error) {
    if (error instanceof CatalogError) return { head, base: null, faults: error.faults };
    if (!(error instanceof MetricLayerError)) throw error;
    return { head, base: null, faults: [{ code: error.code, message: error.message, place: null }] };
  }
}

/** With what the warehouse says of columns and experiments, where it was opened. */
const catalogOf = (service: Service | null, loaded: Catalog): Catalog => service?.catalog() ?? loaded;

function stateOf(base: LoadedCatalog | null, faults: readonly BaseFault[]): BaseState {
  if (base === null) return 'NEW';
  if (!base.ok) return 'FAULTY';
  return faults.length > 0 ? 'UNREADABLE' : 'COMPARED';
}

/** A fault of the folder as a whole stands in no file of it. */
function faultsOf(base: LoadedCatalog | null, { directory }: CatalogAtRef, faults: readonly BaseFault[]) {
  const all: readonly BaseFault[] = base !== null && !base.ok ? base.faults : faults;
  return all.map((fault) => (fault.place?.file === directory ? { ...fault, place: null } : fault));
}

/** What was not there before has been added; of what cannot be read nothing can be said. */
function definitionsOf(base: LoadedCatalog | null, head: Catalog) {
  if (base === null)
    return definitionChanges({ ...head, sources: new Map(), metrics: new Map(), experiments: new Map() }, head);
  return base.ok ? definitionChanges(base.catalog, head) : [];
}

const everything = ({ experiments }: Catalog): Affected => ({
  experiments: [...experiments.keys()].sort(),
  metrics: [],
  unaffected: 0,
});

const statementSide = (catalog: Catalog): StatementSide => ({
  catalog,
  dialect: DIALECTS[catalog.engine.kind === 'trino' ? 'TRINO' : 'DUCKDB'],
});

async function evaluatePairs(
  { experiments }: Affected,
  { base, head }: Sides,
  { asOf, options }: { readonly asOf: CanonicalInstant; readonly options: DiffOptions },
): Promise<readonly EvaluatedPair[]> {
  const pairs: EvaluatedPair[] = [];
  for (const [i, experiment] of experiments.entries()) {
    options.onProgress?.(`${i + 1} of ${experiments.length} experiments: ${experiment}`);
    const under = (service: Service | null) =>
      service === null ? null : evaluated(sessionOf(service, asOf, options), experiment);
    pairs.push({ experiment, base: await under(base), head: await under(head) });
  }
  options.onProgress?.('');
  return pairs;
}

/** A request of its own for each experiment; it reads raw sources, as built tables are of one catalog only. */
function sessionOf(service: MetricService, now: CanonicalInstant, { user }: DiffOptions): Session {
  const catalog = service.catalog();
  const { engine } = catalog;
  const trino = engine.kind === 'trino' ? engine : null;
  const impersonates = trino !== null && trino.impersonate !== null;
  const limit = scanLimit(trino?.scanBudget ?? null, null);
  const evaluator = new Evaluator({
    catalog,
    dialect: DIALECTS[service.engine.dialect],
    runner: service.runner,
    user: impersonates ? optionsOfFlags({ user }, engine).user : null,
    budget: limit === null ? null : new ScanBudget(limit),
  });
  return { catalog, evaluator, now };
}
