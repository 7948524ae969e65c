/** What the contract names and this version does not build: whole types, fields of types that are there, words of enums. */
export const NOT_BUILT: readonly string[] = [
  // CUPED, Bayesian and group-sequential results, series of results, interactions
  ...['CupedResult', 'BayesianResult', 'Interaction', 'ResultPoint', 'TimelineAxis'],
  ...[
    'cuped',
    'bayesian',
    'bayesian(priorMean)',
    'bayesian(priorSd)',
    'interaction',
    'scaledImpact',
    'minimumDetectableEffectNow',
    'timeline',
    'timeline(grain)',
    'timeline(cumulative)',
    'timeline(by)',
  ].map((name) => `MetricResult.${name}`),
  ...['Arm.adjustedMean', 'SampleRatioMismatch.sequentialPValue', 'SrmPoint.sequentialPValue'],
  ...[
    'HEAVY_TAIL',
    'COVARIATE_IMBALANCE',
    'DENOMINATOR_MOVED',
    'POST_TREATMENT_FILTER',
    'METRIC_SPLIT',
    'STALE',
    'PARTIAL_DAY',
  ].map((name) => `ResultFlag.${name}`),
  // Activation
  ...['ExclusionReason.NOT_ACTIVATED', 'SrmStageName.ACTIVATED'],
  // Anomalies, decisions, subscriptions
  ...[
    'AnomalyKind',
    'AnomalyScope',
    'MetricAnomaly',
    'MetricAnomalyConnection',
    'MetricAnomalyEdge',
    'Subscription',
    'ExperimentEvent',
  ],
  ...[
    'anomalies',
    'anomalies(kinds)',
    'anomalies(minSeverity)',
    'anomalies(asOf)',
    'anomalies(first)',
    'anomalies(after)',
    'decisions',
    'decisions(first)',
    'decisions(after)',
    'power',
    'power(input)',
  ].map((name) => `Experiment.${name}`),
  ...[
    'DecisionKind',
    'Decision',
    'DecisionConnection',
    'DecisionEdge',
    'RecordDecisionInput',
    'RecordDecisionPayload',
    'Mutation.recordDecision',
    'Mutation.recordDecision(input)',
  ],
  // Power, metric queries without an experiment, other metric kinds, dimensions, lineage
  ...[
    'PowerAnalysis',
    'PowerPoint',
    'PowerInput',
    'ExperimentPowerInput',
    'Query.powerAnalysis',
    'Query.powerAnalysis(input)',
  ],
  ...[
    'MetricQueryInput',
    'OrderInput',
    'Query.metricQuery',
    'Query.metricQuery(query)',
    'Query.metricQuery(first)',
    'Query.metricQuery(after)',
    'Column.metric',
  ],
  ...['DERIVED', 'CUMULATIVE', 'CONVERSION'].map((name) => `MetricType.${name}`),
  ...[
    'Dimension',
    'DimensionValue',
    'Metric.dimensions',
    'Metric.upstream',
    'Metric.downstream',
    'Metric.experiments',
    'Metric.experiments(first)',
    'Metric.experiments(after)',
    'MetricVersion.sql',
    'MetricVersion.sql(dialect)',
  ],
  // Materialisation and downloads
  ...[
    'Table.csvUrl',
    'Table.arrowUrl',
    'Provenance.auditSql',
    'Provenance.auditSql(dialect)',
    'ExperimentFilter.verdict',
    'CacheControlScope',
  ],
];

/** What is there beside the contract. */
export const ADDED: readonly string[] = [
  // The rest beyond the largest slices must be told from units without a value.
  ...['SliceValue.isOther', 'SliceUnits.isOther', 'SrmSlice.isOther'],
  ...['OVERFLOW', 'NO_COVARIATE', 'NO_REDUCTION', 'NO_REFERENCE', 'TOO_FEW_POINTS', 'UNPLANNED_LOOK'].map(
    (name) => `Unknown.${name}`,
  ),
  ...['ResultFlag.NEGATIVE_MEANS', 'MultipleTestingCorrection.DUNNETT'],
];

/** Names whose type is another: stricter than the contract, so that what it allows to ask for means the same. */
export const CHANGED: Readonly<Record<string, string>> = {
  // Every reason is counted by units too.
  'Exclusion.units': 'SafeInt!',
};
