import type { GraphQLSchema } from 'graphql';
import type { Catalog } from '../catalog/catalog.ts';
import { MetricLayerError } from '../core/errors.ts';
import { type CanonicalInstant, canonicalInstant, floorToMinute, secondsBetween } from '../core/instant.ts';
import type { Engine } from '../engine/engine.ts';
import { Evaluator } from '../evaluate/evaluator.ts';
import type { BuiltModels } from '../evaluate/execution.ts';
import { ScanBudget, scanLimit } from '../evaluate/scan-budget.ts';
import type { Runner } from '../evaluate/single-flight.ts';
import { Trace } from '../evaluate/trace.ts';
import type { Session } from '../experiment/session.ts';
import { DIALECTS } from '../sql/dialects/index.ts';

/** What outlives a request: the engine, the clock, and the catalog as it stands now. */
export interface MetricService {
  readonly version: string;
  readonly schema: GraphQLSchema;
  readonly engine: Engine;
  readonly runner: Runner;
  readonly clock: () => Date;
  /** Leaf values that one operation may resolve; left out: `MAX_CELLS`. */
  readonly maxCells?: number | undefined;
  /** The current snapshot; a request takes it once. */
  catalog(): Catalog;
  /** The built tables of the models that are of the current definitions; absent or null: there are none. */
  built?(): BuiltModels | null;
  /** Reads experiments from their table again; resolves to the statements that took. */
  refresh(): Promise<number>;
}

/** What every resolver of one request is given. */
export interface RequestContext {
  readonly service: MetricService;
  readonly session: Session;
  /** What the request came with. */
  readonly options: RequestOptions;
  /** Compiling only: nothing runs. */
  readonly dry: boolean;
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly dry?: boolean;
  /** Who asks; must be given where the catalog's engine impersonates, and counts for nothing elsewhere. */
  readonly user?: string | null | undefined;
  /** Shown to the operators of service and engine. */
  readonly requestId?: string | undefined;
  /** What the request may read at most; can only lower what the catalog allows. */
  readonly scanBudgetBytes?: number | null | undefined;
}

/**
 * One request's view of the service: one snapshot, one reading of the clock, one set of loaders. Throws UNAUTHENTICATED where
 * the engine impersonates and nobody is named.
 */
export function createContext(service: MetricService, options: RequestOptions = {}): RequestContext {
  const catalog = service.catalog();
  const trino = catalog.engine.kind === 'trino' ? catalog.engine : null;
  const impersonates = trino !== null && trino.impersonate !== null;
  if (impersonates && !options.user) throw unauthenticated();
  const dry = options.dry ?? false;
  const limit = scanLimit(trino?.scanBudget ?? null, options.scanBudgetBytes);
  const built = service.built?.() ?? null;
  const evaluator = new Evaluator({
    catalog,
    built,
    dialect: DIALECTS[service.engine.dialect],
    runner: dry ? null : service.runner,
    signal: options.signal,
    timeoutMs: options.timeoutMs,
    user: impersonates ? options.user : null,
    requestId: options.requestId,
    budget: limit === null ? null : new ScanBudget(limit),
  });
  const clock = catalog.clock === null ? floorToMinute(service.clock()) : canonicalInstant(catalog.clock);
  const now = asOfDefault(clock, built?.tables.asOf ?? null, catalog.models?.maxAge ?? 0);
  return { service, session: { catalog, evaluator, now }, options, dry };
}

/** The present; or the instant that the models were built as of, where they may be as old as that. */
function asOfDefault(clock: CanonicalInstant, built: CanonicalInstant | null, maxAge: number): CanonicalInstant {
  return built !== null && built <= clock && secondsBetween(built, clock) <= maxAge ? built : clock;
}

const unauthenticated = () =>
  new MetricLayerError('UNAUTHENTICATED', 'Queries run as the user who asks, and nobody is named. Say who asks.');

export const newTrace = (): Trace => new Trace();
