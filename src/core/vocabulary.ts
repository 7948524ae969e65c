/**
 * The closed vocabularies of the domain: one word, one meaning, the same in YAML (lower or camel case), SDL, SQL and code.
 * The literals here are the GraphQL spelling.
 */

export const METRIC_ROLES = ['GOAL', 'GUARDRAIL', 'DIAGNOSTIC'] as const;
/** What a metric is for in one experiment. */
export type MetricRole = (typeof METRIC_ROLES)[number];

export const METRIC_TYPES = [
  'MEAN',
  'PROPORTION',
  'RATIO',
  'QUANTILE',
  'RETENTION',
  'FUNNEL',
  'PARTICIPATION',
] as const;
/** The kind of a metric: which per-unit variables it has and what is estimated from them. */
export type MetricType = (typeof METRIC_TYPES)[number];

export const GOOD_WHEN = ['UP', 'DOWN', 'NEITHER'] as const;
/** Which direction of change is an improvement. */
export type GoodWhen = (typeof GOOD_WHEN)[number];

export const VALUE_FORMATS = ['NUMBER', 'PERCENT', 'CURRENCY', 'DURATION', 'BYTES'] as const;
/** How a value of a metric is meant to be shown. */
export type ValueFormat = (typeof VALUE_FORMATS)[number];

export const MONITORINGS = ['FIXED', 'CONTINUOUS', 'GROUP_SEQUENTIAL'] as const;
/** How often a decision may be looked at without inflating its error. */
export type Monitoring = (typeof MONITORINGS)[number];

export const EXPERIMENT_STATUSES = ['DRAFT', 'SCHEDULED', 'RUNNING', 'STOPPED', 'ARCHIVED'] as const;
export type ExperimentStatus = (typeof EXPERIMENT_STATUSES)[number];

/** Those that look at nothing but the p-values. */
export const P_VALUE_CORRECTIONS = [
  'NONE',
  'BONFERRONI',
  'SIDAK',
  'HOLM',
  'HOCHBERG',
  'BENJAMINI_HOCHBERG',
  'BENJAMINI_YEKUTIELI',
] as const;
export type PValueCorrection = (typeof P_VALUE_CORRECTIONS)[number];

export const CORRECTIONS = [...P_VALUE_CORRECTIONS, 'DUNNETT'] as const;
/** How p-values of one family are adjusted for multiplicity. DUNNETT: each metric's treatments against their one control, Bonferroni over metrics. */
export type Correction = (typeof CORRECTIONS)[number];

export const LIFT_METHODS = ['FIELLER', 'LOG', 'DELTA'] as const;
/** How the interval of a relative change is made. */
export type LiftMethod = (typeof LIFT_METHODS)[number];

export const SEQUENTIAL_METHODS = [
  'NONE',
  'ASYMPTOTIC',
  'MIXTURE',
  'GROUP_OBRIEN_FLEMING',
  'GROUP_POCOCK',
  'GROUP_POWER',
] as const;
/** How a test stays valid when it is looked at repeatedly; NONE is a fixed-horizon test. */
export type SequentialMethod = (typeof SEQUENTIAL_METHODS)[number];

export const MATURITIES = ['REQUIRED', 'ALL'] as const;
/** Whether only units whose window is over count (REQUIRED) or every exposed unit (ALL). */
export type Maturity = (typeof MATURITIES)[number];

export const UNKNOWNS = [
  'NO_UNITS',
  'TOO_FEW_UNITS',
  'ZERO_VARIANCE',
  'ZERO_BASELINE',
  'UNBOUNDED',
  'CAP_DEGENERATE',
  'NO_MARGIN',
  'NOT_APPLICABLE',
  'IMMATURE',
  'SOURCE_FAILED',
  'SUPPRESSED',
  'OVERFLOW',
  'NO_COVARIATE',
  'NO_REDUCTION',
  'TOO_FEW_POINTS',
  'UNPLANNED_LOOK',
  'NO_REFERENCE',
] as const;
/**
 * Why a statistic is not known. OVERFLOW: the values exceed what a double can hold. NO_COVARIATE: the metric declares none.
 * NO_REDUCTION: the covariate does not make the estimate more precise. UNPLANNED_LOOK: no look is declared at this information.
 * NO_REFERENCE: there is nothing to compare a point with.
 */
export type Unknown = (typeof UNKNOWNS)[number];

export const TIMELINE_AXES = ['CALENDAR', 'DAYS_SINCE_EXPOSURE'] as const;
/** What the points of a series are: periods of the calendar, or days since each unit's exposure. */
export type TimelineAxis = (typeof TIMELINE_AXES)[number];

export const TIME_GRAINS = ['HOUR', 'DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'] as const;
export type TimeGrain = (typeof TIME_GRAINS)[number];

export const COLUMN_TYPES = ['STRING', 'INTEGER', 'FLOAT', 'BOOLEAN', 'DATE', 'DATETIME'] as const;
/** The type of a column as the domain sees it; an engine maps its own types to these. */
export type ColumnType = (typeof COLUMN_TYPES)[number];

export const SQL_DIALECTS = ['DUCKDB', 'TRINO'] as const;
export type SqlDialectName = (typeof SQL_DIALECTS)[number];
