/** What the contract names and this version does not build: whole types, fields of types that are there, words of enums. */
export const NOT_BUILT: readonly string[] = [
  // A fact's dimension over all exposed units
  'ResultFlag.METRIC_SPLIT',
  // Decisions, subscriptions
  ...['Subscription', 'ExperimentEvent'],
  ...['decisions', 'decisions(first)', 'decisions(after)'].map((name) => `Experiment.${name}`),
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
  // Metric queries without an experiment, other metric kinds, dimensions, lineage
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
  ],
  // Materialisation and downloads
  ...['Table.csvUrl', 'Table.arrowUrl', 'ExperimentFilter.verdict', 'CacheControlScope'],
];

/** What is there beside the contract. */
export const ADDED: readonly string[] = [
  // The rest beyond the largest slices must be told from units without a value.
  ...['SliceValue.isOther', 'SliceUnits.isOther', 'SrmSlice.isOther'],
  ...['OVERFLOW', 'NO_COVARIATE', 'NO_REDUCTION', 'NO_REFERENCE', 'TOO_FEW_POINTS', 'UNPLANNED_LOOK'].map(
    (name) => `Unknown.${name}`,
  ),
  // What a power analysis used, and why a number of it is not known
  ...['PowerAnalysis.provenance', 'PowerAnalysis.unknown', 'PowerAnalysis.varianceReduction'],
  ...['PowerInput.continuous', 'PowerInput.cuped', 'PowerInput.margin'],
  // Whether the effect fades, by name
  ...['Novelty', 'NoveltyPattern', 'MetricResult.novelty'],
  ...['ResultFlag.NEGATIVE_MEANS', 'MultipleTestingCorrection.DUNNETT'],
  // What headlines are adjusted by, and the prior, are echoed; what could not be done says why.
  ...['Adjustment', 'Prior', 'PriorScale', 'Analysis.prior', 'Analysis.stratifyBy', 'AnalysisInput.stratifyBy'],
  ...['MetricResult.adjustments', 'CupedResult.unknown'],
  // How far a Bayesian result goes
  ...['BayesianResult.safeUnderPeeking', 'BayesianResult.validity'],
  ...['MetricResult.simultaneousInterval', 'MarginForm', 'MetricResult.nonInferiority(form)'],
];

/** Names whose type is another: stricter than the contract, so that what it allows to ask for means the same. */
export const CHANGED: Readonly<Record<string, string>> = {
  // Every reason is counted by units too.
  'Exclusion.units': 'SafeInt!',
  // A metric that cannot be adjusted says so in `unknown`.
  'CupedResult.theta': 'Float',
  'CupedResult.varianceReduction': 'Float',
};
