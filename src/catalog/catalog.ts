import type {
  ColumnType,
  Correction,
  ExperimentStatus,
  GoodWhen,
  LiftMethod,
  MetricRole,
  MetricType,
  Monitoring,
  SequentialMethod,
  ValueFormat,
} from '../core/vocabulary.ts';
import type { Expression, Place } from '../metric-types/expression.ts';
import type { Measure, MetricShape, Seconds } from '../metric-types/metric-type.ts';
import type { TrinoConfig } from './trino-config.ts';

/** An RFC 3339 instant in UTC with millisecond or finer digits, e.g. `2026-03-20T00:00:00Z`. Kept as text: no precision is lost. */
export type Instant = string;

/** One immutable, hashed snapshot of everything the catalog says. A request holds one from start to end. */
export interface Catalog {
  /** Over every definition, independent of file layout and key order. */
  readonly hash: string;
  readonly directory: string;
  /** Freezes the default asOf of a data set that does not grow; null: the request's clock. */
  readonly clock: Instant | null;
  readonly engine: EngineConfig;
  /** What an experiment follows that has no settings of its own; absent: the built-in defaults. */
  readonly analysis?: AnalysisSettings;
  /** Where the seven models are built; null or absent: nowhere. */
  readonly models?: ModelsConfig | null;
  readonly sources: ReadonlyMap<string, Source>;
  readonly metrics: ReadonlyMap<string, Metric>;
  readonly experiments: ReadonlyMap<string, Experiment>;
  readonly warnings: readonly string[];
}

export type EngineConfig =
  | {
      readonly kind: 'duckdb' /** Absolute; null: in memory. */;
      readonly path: string | null;
      readonly threads: number | null;
      readonly memoryLimit: string | null;
    }
  | TrinoConfig;

/** Where the seven models are built, and how fresh they must be. It changes no number, and so not the catalog's hash. */
export interface ModelsConfig {
  /** DuckDB: absolute path of the database file; null: Trino. */
  readonly path: string | null;
  /** Trino: null if the engine has none either. */
  readonly catalog: string | null;
  readonly schema: string;
  /** How far back a build looks for rows that came late, where a source does not tell when its rows arrived. */
  readonly lookback: Seconds;
  /** How old built tables may be to answer requests that name no asOf; 0: they must be of the request's own. */
  readonly maxAge: Seconds;
}

/** Where a source's rows are. */
export type Relation =
  | { readonly kind: 'table' /** Parts of the qualified name. */; readonly name: readonly string[] }
  | {
      readonly kind: 'file' /** Absolute; may hold a glob. */;
      readonly path: string /** Only for a .duckdb file. */;
      readonly table: readonly string[] | null;
    }
  | { readonly kind: 'sql'; readonly query: Expression };

interface SourceBase {
  readonly name: string;
  readonly place: Place;
  readonly relation: Relation;
  /** Where the fields that name columns were written, such as `unit` or `dimensions.country`; a field that is not in it: `place`. */
  readonly fieldPlaces?: ReadonlyMap<string, Place>;
  /** Column name as the engine spells it → type; empty until the warehouse has been inspected. */
  readonly columns: ReadonlyMap<string, WarehouseColumn>;
}

export interface WarehouseColumn {
  readonly type: ColumnType;
  /** The engine's own name of the type, such as `TIMESTAMP WITH TIME ZONE`, `VARCHAR`, `DECIMAL(18,3)`. */
  readonly engineType: string;
}

export interface AssignmentSource extends SourceBase {
  readonly kind: 'assignments';
  readonly unit: string;
  /** Column that names the experiment; null: all rows belong to the one experiment that uses the source. */
  readonly experiment: string | null;
  readonly variant: string;
  /** null: no windows, no time series, asOf is refused. */
  readonly timestamp: string | null;
  /** In declared order, which also breaks ties at t0. */
  readonly dimensions: readonly SourceDimension[];
  /** Units with any row for which this holds are left out and counted. */
  readonly exclude: Expression | null;
  /** Column of what was randomised where that is more than the unit: units of one cluster share their variant. Absent: the unit. */
  readonly cluster?: string | null;
  /** Column that tells when a row arrived; asOf cuts on it too. */
  readonly loadedAt?: string | null;
  /** Column that tells how many rows a row stands for, where rows were compacted; absent: itself. */
  readonly weight?: string;
}

export interface SourceDimension {
  readonly name: string;
  readonly column: string;
  readonly title: string;
}

export interface FactSource extends SourceBase {
  readonly kind: 'facts';
  readonly unit: string;
  /** null: one row per unit, and no metric over it may have a window. */
  readonly timestamp: string | null;
  /** Re-sent rows: of rows with the same id, one that has an earlier copy within this time is dropped. */
  readonly id: { readonly column: string; readonly within: Seconds } | null;
  /** `day`: the timestamp is a date whose row holds the whole day; absent: instants. */
  readonly grain?: 'day';
  /** Column that tells when a row arrived; asOf cuts on it too. */
  readonly loadedAt?: string | null;
}

export interface ExperimentsSource extends SourceBase {
  readonly kind: 'experiments';
  /** Field of an experiment → column that holds it; always has `key` and `variants`. */
  readonly fields: ReadonlyMap<
    'key' | 'name' | 'start' | 'end' | 'status' | 'variants' | 'owner' | 'hypothesis',
    string
  >;
}

export type Source = AssignmentSource | FactSource | ExperimentsSource;

export interface Metric {
  readonly name: string;
  readonly title: string;
  readonly description: string | null;
  readonly owner: string | null;
  readonly tags: readonly string[];
  /** Why it should no longer be used; null: it is current. */
  readonly deprecated: string | null;
  /** Ascending by number; the last is current. */
  readonly versions: readonly MetricVersion[];
}

export interface MetricVersion extends MetricShape {
  readonly metric: string;
  readonly number: number;
  readonly type: MetricType;
  readonly goodWhen: GoodWhen;
  readonly format: ValueFormat;
  /** As written in YAML, defaults not filled in. */
  readonly definition: Readonly<Record<string, unknown>>;
  /** Over what changes the number: two versions with one hash give the same results. */
  readonly hash: string;
  readonly validFrom: Instant | null;
  readonly changelog: string | null;
  readonly place: Place;
}

export interface Experiment {
  readonly key: string;
  readonly name: string;
  readonly hypothesis: string | null;
  readonly owner: string | null;
  readonly tags: readonly string[];
  /** Stated status; null: follows from start, end and asOf. */
  readonly status: ExperimentStatus | null;
  readonly unit: string;
  /** Name of an assignment source. */
  readonly assignments: string;
  readonly timezone: string;
  readonly start: Instant | null;
  /** Enrolment closes. */
  readonly end: Instant | null;
  readonly treatmentEnd: Instant | null;
  /** In declared order; exactly one is the control. */
  readonly variants: readonly Variant[];
  /** Goals in declared order, then guardrails, then diagnostics. */
  readonly metrics: readonly ExperimentMetric[];
  readonly plan: Plan | null;
  readonly monitoring: Monitoring;
  /** Of group-sequential monitoring only. */
  readonly groupSequential?: GroupSequentialPlan | null;
  /** How the allocation changed, ascending, the first from the start; absent or empty: it never did. */
  readonly phases?: readonly Phase[];
  /** A row that replaces the exposure: only units that have one are analysed, from then on. */
  readonly activation?: Activation | null;
  readonly policy?: PolicyName;
  /** `first`: a unit seen in several variants counts in its first; default: it is excluded and counted. */
  readonly multiExposure: 'exclude' | 'first';
  readonly intent: 'improve' | 'do_no_harm';
  readonly analysis: AnalysisSettings;
  readonly place: Place;
}

export interface Variant {
  readonly key: string;
  readonly name: string;
  readonly description: string | null;
  readonly weight: number;
  readonly isControl: boolean;
}

export interface ExperimentMetric {
  readonly metric: string;
  /** Pinned version; null: the current one. */
  readonly version: number | null;
  readonly role: MetricRole;
  /** Tolerated worsening, relative, positive; null: tested for harm only. Guardrails only. */
  readonly margin: number | null;
  /** Relative, positive; null: not stated. */
  readonly minimumDetectableEffect: number | null;
}

export interface Plan {
  readonly end: Instant | null;
  readonly unitsPerVariant: number | null;
  readonly minRuntime: Seconds | null;
}

/** The declared looks of a group-sequential test. */
export interface GroupSequentialPlan {
  /** Information fractions of the looks, ascending, the last 1. */
  readonly looks: readonly number[];
  readonly spending: 'OBRIEN_FLEMING' | 'POCOCK' | 'POWER';
  /** Exponent of POWER. */
  readonly power: number;
}

/** From an instant on units were assigned by these weights. */
export interface Phase {
  readonly from: Instant;
  /** By variant; every variant has one, 0 for one that nobody was assigned to. */
  readonly weights: ReadonlyMap<string, number>;
}

export interface Activation {
  /** Counts qualifying rows. */
  readonly measure: Measure;
  /** Seconds after the exposure in which one must happen; null: any time before the end of observation. */
  readonly within: Seconds | null;
}

export const POLICY_NAMES = ['default', 'confidence'] as const;
/** `confidence`: Spotify Confidence's rule, α over the goals and power over the guardrails. */
export type PolicyName = (typeof POLICY_NAMES)[number];

/** How results are computed where a request does not say otherwise: experiment > catalog > built-in default, already merged. */
export interface AnalysisSettings {
  readonly alpha: number;
  readonly correction: Correction;
  readonly lift: LiftMethod;
  readonly sequential: SequentialMethod;
  /** Level of the always-valid tests for harm. */
  readonly harmAlpha: number;
  /** Whether headlines are adjusted by the metrics' covariates. */
  readonly cuped?: boolean;
  /** Dimensions by whose values estimates are post-stratified. */
  readonly stratifyBy?: readonly string[];
  /** Of the Bayesian view; absent: flat. */
  readonly prior?: PriorSettings | null;
}

/** A normal prior on the effect. */
export interface PriorSettings {
  readonly scale: 'RELATIVE' | 'ABSOLUTE';
  readonly mean: number;
  readonly sd: number;
}
