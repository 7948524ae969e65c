import type { CanonicalInstant } from './instant.ts';

/** A model as it stands in the warehouse: what it says itself of how it was built. */
export interface BuiltModel {
  readonly model: string;
  /** Parts of the qualified name of its table or view. */
  readonly relation: readonly string[];
  readonly asOf: CanonicalInstant;
  /** Of what it was built before this time; null: it had not been built. */
  readonly previousAsOf: CanonicalInstant | null;
  /** Of its definition when it was built. */
  readonly hash: string;
  /** Id of the run that built it. */
  readonly build: string;
  readonly startedAt: CanonicalInstant;
  /** Of the catalog at that time. */
  readonly catalogHash: string;
  /** Version of liftql. */
  readonly version: string;
  /** The models that it was built from → ids of the runs that had built them. */
  readonly inputs: Readonly<Record<string, string>>;
}
