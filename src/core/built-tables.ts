import type { CanonicalInstant } from './instant.ts';

/** Tables of the models as they stand in the warehouse: all as of one instant, and of the definitions that are served. */
export interface BuiltTables {
  readonly asOf: CanonicalInstant;
  /** Name of a model → parts of the qualified name of its table. */
  readonly tables: ReadonlyMap<string, readonly string[]>;
}
