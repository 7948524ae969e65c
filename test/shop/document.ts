/** Everything that is compared with the expectations, in one request. */
export const SHOP = /* GraphQL */ `
  query Shop($key: String!, $asOf: DateTime!) {
    experiment(key: $key) {
      startAt
      endAt
      variants { key weight isControl }
      assignments(asOf: $asOf) {
        rows
        units
        arms { variant { key } units }
        excluded { reason rows units byVariant { variant { key } units } }
        daily: exposures(grain: DAY) { date units }
        hourly: exposures(grain: HOUR) { at date units }
      }
      sampleRatioMismatch(asOf: $asOf) { chiSquare degreesOfFreedom pValue }
      results(analysis: { asOf: $asOf }) { nodes { ...Line } }
      cuped: results(analysis: { asOf: $asOf, cuped: true }) { nodes { ...Adjusted } }
      summary(analysis: { asOf: $asOf }) { verdict treatments { variant { key } verdict reasons { code } } }
    }
  }
  fragment Line on MetricResult {
    metric { name }
    metricVersion { definition }
    control { ...Arm }
    treatment { ...Arm }
    difference { ...Numbers }
    statistic
    degreesOfFreedom
    pValue
    adjustedPValue
    family { members }
    delta: lift(method: DELTA) { ...Numbers }
    log: lift(method: LOG) { ...Numbers }
    bayesian(priorSd: 0.3) { ...Bayesian }
    capping { upper }
    excluded { reason units }
  }
  fragment Adjusted on MetricResult {
    metric { name }
    adjustments
    control { adjustedMean }
    treatment { adjustedMean }
    difference { ...Numbers }
    delta: lift(method: DELTA) { ...Numbers }
    log: lift(method: LOG) { ...Numbers }
    bayesian(priorSd: 0.3) { ...Bayesian }
    cuped { theta varianceReduction unknown difference { ...Numbers } lift(method: LOG) { ...Numbers } }
  }
  fragment Bayesian on BayesianResult {
    chanceToBeatControl
    expectedLoss
    expectedLossOfKeeping
    estimate { ...Numbers }
  }
  fragment Arm on Arm { variant { key } units sum mean variance numerator denominator }
  fragment Numbers on Estimate { value standardError pValue unknown interval { lower upper level } }
`;
