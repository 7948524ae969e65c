import { registerEnumType } from 'type-graphql';
import {
  COLUMN_TYPES,
  CORRECTIONS,
  EXPERIMENT_STATUSES,
  GOOD_WHEN,
  LIFT_METHODS,
  MATURITIES,
  METRIC_ROLES,
  METRIC_TYPES,
  MONITORINGS,
  SEQUENTIAL_METHODS,
  SQL_DIALECTS,
  TIME_GRAINS,
  TIMELINE_AXES,
  UNKNOWNS,
  VALUE_FORMATS,
} from '../core/vocabulary.ts';
import { ADJUSTMENTS } from '../experiment/adjustment.ts';
import { ANOMALY_KINDS, ANOMALY_SCOPES } from '../experiment/anomalies-found.ts';
import { GATE_STATUSES } from '../experiment/data-quality.ts';
import { RESULT_FLAGS } from '../experiment/flags.ts';
import { GUARDRAIL_STATUSES } from '../experiment/guardrail.ts';
import { OUTCOMES } from '../experiment/outcome.ts';
import { SEVERITIES, VERDICTS } from '../experiment/rules/rule.ts';
import { ACTIONS } from '../experiment/summary.ts';
import { COLUMN_ROLES } from '../experiment/table.ts';
import { FILTER_OPERATORS } from '../plan/filter.ts';

/** A closed vocabulary as a GraphQL enum; its values are spelt the same in code. */
function enumOf<const T extends readonly string[]>(
  name: string,
  values: T,
  description: string,
): { readonly [K in T[number]]: K } {
  const object = Object.fromEntries(values.map((value) => [value, value])) as { [K in T[number]]: K }; // one entry a value
  registerEnumType(object, { name, description });
  return object;
}

export const MetricTypeEnum = enumOf(
  'MetricType',
  METRIC_TYPES,
  'Which per-unit variables a metric has, and what is estimated from them.',
);
export const GoodWhenEnum = enumOf('GoodWhen', GOOD_WHEN, 'Which direction of change is an improvement.');
export const ValueFormatEnum = enumOf('ValueFormat', VALUE_FORMATS, 'How a value is meant to be shown.');
export const SqlDialectEnum = enumOf('SqlDialect', SQL_DIALECTS, 'The SQL of an engine.');
export const ExperimentStatusEnum = enumOf(
  'ExperimentStatus',
  EXPERIMENT_STATUSES,
  'Where an experiment stands at asOf.',
);
export const MetricRoleEnum = enumOf('MetricRole', METRIC_ROLES, 'What a metric is for in one experiment.');
export const MonitoringEnum = enumOf(
  'Monitoring',
  MONITORINGS,
  'How often a decision may be looked at without inflating its error.',
);
export const CorrectionEnum = enumOf(
  'MultipleTestingCorrection',
  CORRECTIONS,
  'How the p-values of one family are adjusted.',
);
export const SequentialMethodEnum = enumOf(
  'SequentialMethod',
  SEQUENTIAL_METHODS,
  'How a test stays valid when it is looked at repeatedly.',
);
export const LiftMethodEnum = enumOf('LiftMethod', LIFT_METHODS, 'How the interval of a relative change is made.');
export const PriorScaleEnum = enumOf(
  'PriorScale',
  ['RELATIVE', 'ABSOLUTE'],
  "What a prior is about: the relative change, or the difference in the metric's unit.",
);
export const AdjustmentEnum = enumOf('Adjustment', ADJUSTMENTS, 'What a headline is adjusted by.');
export const MarginFormEnum = enumOf(
  'MarginForm',
  ['ESTIMATED', 'CONSTANT'],
  "How a margin, a share of the control mean, is tested against: with that mean's own error, or as a known number (Spotify's form).",
);
export const MaturityEnum = enumOf('Maturity', MATURITIES, 'Whether only units whose window is over count, or all.');
export const UnknownEnum = enumOf('Unknown', UNKNOWNS, 'Why a statistic is not known.');
export const OutcomeEnum = enumOf('Outcome', OUTCOMES, 'What the headline says of a metric.');
export const GuardrailStatusEnum = enumOf('GuardrailStatus', GUARDRAIL_STATUSES, 'Whether a guardrail holds.');
export const ValidityEnum = enumOf(
  'Validity',
  ['EXACT', 'ASYMPTOTIC', 'HEURISTIC', 'NOT_APPLICABLE'],
  'How far the claim of a test goes.',
);
export const ResultFlagEnum = enumOf(
  'ResultFlag',
  RESULT_FLAGS,
  'What a reader must know before taking the numbers at their word.',
);
export const ExclusionReasonEnum = enumOf(
  'ExclusionReason',
  [
    'NULL_UNIT',
    'NULL_VARIANT',
    'UNKNOWN_VARIANT',
    'OUTSIDE_PERIOD',
    'MULTIPLE_VARIANTS',
    'IMMATURE',
    'NOT_ACTIVATED',
    'EXCLUDED_BY_RULE',
  ],
  'Why rows or units do not count.',
);
export const SrmStageNameEnum = enumOf(
  'SrmStageName',
  ['ASSIGNED', 'ANALYSED', 'ACTIVATED'],
  'Where along the way a mismatch may come in.',
);
export const GateStatusEnum = enumOf('GateStatus', GATE_STATUSES, 'What a check of the data says.');
export const SeverityEnum = enumOf('Severity', SEVERITIES, 'How much something matters.');
export const VerdictEnum = enumOf('Verdict', VERDICTS, 'What the policy says.');
export const ActionEnum = enumOf('Action', ACTIONS, 'What the policy recommends to do.');
export const FilterOperatorEnum = enumOf('FilterOperator', FILTER_OPERATORS, 'How a dimension is compared.');
export const TimeGrainEnum = enumOf('TimeGrain', TIME_GRAINS, 'Length of a period of a series.');
export const TimelineAxisEnum = enumOf(
  'TimelineAxis',
  TIMELINE_AXES,
  "What the points of a series are: periods of the calendar, or days since each unit's exposure.",
);
export const NoveltyPatternEnum = enumOf(
  'NoveltyPattern',
  ['FADING', 'GROWING', 'NONE'],
  'How an effect changes with the days since exposure: nearer to zero at the end, farther, or neither is shown.',
);
export const AnomalyKindEnum = enumOf('AnomalyKind', ANOMALY_KINDS, 'What is unusual.');
export const AnomalyScopeEnum = enumOf(
  'AnomalyScope',
  ANOMALY_SCOPES,
  'All variants together, or one of them where all together are as usual.',
);
export const ColumnTypeEnum = enumOf('ColumnType', COLUMN_TYPES, 'Type of a column.');
export const ColumnRoleEnum = enumOf('ColumnRole', COLUMN_ROLES, 'What a column of a table is for.');
export const SortDirectionEnum = enumOf('SortDirection', ['ASC', 'DESC'], 'Order of a list.');
export const ExperimentOrderFieldEnum = enumOf(
  'ExperimentOrderField',
  ['START_AT', 'NAME'],
  'What experiments are ordered by.',
);
