import type { GraphQLSchema } from 'graphql';
import type { Catalog } from '../catalog/catalog.ts';
import { canonicalInstant, floorToMinute } from '../core/instant.ts';
import type { Engine } from '../engine/engine.ts';
import { Evaluator } from '../evaluate/evaluator.ts';
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
  /** Reads experiments from their table again; resolves to the statements that took. */
  refresh(): Promise<number>;
}

/** What every resolver of one request is given. */
export interface RequestContext {
  readonly service: MetricService;
  readonly session: Session;
  /** Compiling only: nothing runs. */
  readonly dry: boolean;
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly dry?: boolean;
}

/** One request's view of the service: one snapshot, one reading of the clock, one set of loaders. */
export function createContext(service: MetricService, options: RequestOptions = {}): RequestContext {
  const catalog = service.catalog();
  const dry = options.dry ?? false;
  const evaluator = new Evaluator({
    catalog,
    dialect: DIALECTS[service.engine.dialect],
    runner: dry ? null : service.runner,
    signal: options.signal,
    timeoutMs: options.timeoutMs,
  });
  const now = catalog.clock === null ? floorToMinute(service.clock()) : canonicalInstant(catalog.clock);
  return { service, session: { catalog, evaluator, now }, dry };
}

export const newTrace = (): Trace => new Trace();
