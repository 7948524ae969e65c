import { serveWritten, unsound } from '../graphql/support.ts';
import { ask, type Data, type TestService } from '../support/service.ts';

/** The last moment of the sound data's windows is past; the sources are fresh. */
const NOW = '2026-05-01T00:00:00Z';

/** Units 1–400, half in each arm, exposed within two days: u2 (control) at 02:00 of the first, u1 (treatment) at 01:00. */
export const ASSIGNED = `
  select 'u' || i as user_id, case when i % 2 = 0 then 'control' else 'treatment' end as variant,
    timestamp '2026-03-01 00:00:00' + interval (i % 48) hour as seen_at
  from range(1, 401) as t(i)`;

/** One to three purchases each, the treatment's worth 5 more, so that the sound data ship; and a sign of life that no unit sent. */
export const BOUGHT = `
  select 'u' || i as user_id, timestamp '2026-03-01 00:00:00' + interval (i % 48 + n) hour as seen_at, 'purchase' as name,
    cast(10 + (i * 7) % 11 + 5 * (i % 2) as double) as amount
  from range(1, 401) as t(i), range(1, 4) as s(n) where n <= 1 + i % 3
  union all select 'nobody', timestamp '2026-04-20 00:00:00', 'ping', 0e0`;

/** What a table row changes of the sound data and its catalog. */
export interface Change {
  /** Rows of assignments beside the sound ones: `(user_id, variant, at)`, or a whole select. */
  readonly assignments?: string;
  /** Rows of events beside the sound ones: `(user_id, seen_at, name, amount)`, or a whole select. */
  readonly events?: string;
  /** Instead of the sound ones. */
  readonly allAssignments?: string;
  readonly allEvents?: string;
  /** Of the goal `revenue`, in YAML. */
  readonly value?: string;
  /** More metrics, in YAML, which become diagnostics. */
  readonly metrics?: Readonly<Record<string, string>>;
  readonly now?: string;
}

const all = (sound: string, more: string | undefined, columns: string) => {
  if (more === undefined) return sound;
  return `${sound} union all by name ${/^\s*select/.test(more) ? more : `select * from (values ${more}) as v(${columns})`}`;
};

function catalogOf({ value = '{ column: amount }', metrics = {} }: Change): string {
  return `
engine: { kind: duckdb }
sources:
  assignments: { kind: assignments, file: assignments.parquet, unit: user_id, variant: variant, timestamp: seen_at }
  events: { kind: facts, file: events.parquet, unit: user_id, timestamp: seen_at }
metrics:
  revenue: { type: mean, source: events, value: ${value}, window: { length: 7d }, goodWhen: up }
  orders: { type: mean, source: events, value: { aggregate: count, where: "name = 'purchase'" }, window: { length: 30d }, goodWhen: up }
  buyers: { type: proportion, source: events, value: { where: "name = 'purchase'" }, window: { length: 30d }, goodWhen: up }
${Object.entries(metrics)
  .map(([name, yaml]) => `  ${name}: ${yaml}\n`)
  .join('')}
experiments:
  shop:
    start: 2026-03-01T00:00:00Z
    end: 2026-03-15T00:00:00Z
    variants: { control: { weight: 0.5, control: true }, treatment: { weight: 0.5 } }
    goals: { revenue: { mde: 2% } }
    guardrails: { orders: { margin: 25% } }
    diagnostics: [${['buyers', ...Object.keys(metrics)].join(', ')}]
`;
}

/** Everything that an experiment has to say, so that nothing can hide a NaN. */
export const DOCUMENT = `
query Everything { experiment(key: "shop") {
  assignments { rows units arms { variant { key } units } excluded { reason rows units byVariant { units } asymmetryPValue } }
  sampleRatioMismatch { detected pValue chiSquare unknown stages { stage pValue arms { observed expected } } }
  dataQuality { gates { name status message pValue value threshold } }
  results { nodes {
    metric { name } control { ...arm } treatment { ...arm } difference { ...estimate } lift { ...estimate }
    log: lift(method: LOG) { ...estimate } delta: lift(method: DELTA) { ...estimate }
    pValue adjustedPValue statistic degreesOfFreedom outcome guardrail flags
    decisionTest { pValue adjustedPValue alpha null estimate { ...estimate } simultaneousInterval { lower upper } }
    sequential { pValue significant difference { ...estimate } }
    nonInferiority(margin: 0.02) { pValue bound holds unknown } equivalence(margin: 0.02) { pValue holds unknown }
    uncapped { ...estimate } capping { lower upper cappedUnits removedShareControl removedShareTreatment }
    excluded { reason units }
  } }
  summary { verdict winner { key } plannedUnits unitsSoFar informationFraction gates { name status value }
    treatments { verdict harmSuspected reasons { code message } rules { rule holds inputs message } } }
} }
fragment arm on Arm { units sum mean variance standardError numerator denominator unitsWithValue cappedUnits interval { lower upper } }
fragment estimate on Estimate { value standardError interval { lower upper } pValue unknown }`;

/** A service over changed data. */
export function serviceOver(change: Change = {}): Promise<TestService> {
  const parquet = {
    'assignments.parquet': change.allAssignments ?? all(ASSIGNED, change.assignments, 'user_id, variant, seen_at'),
    'events.parquet': change.allEvents ?? all(BOUGHT, change.events, 'user_id, seen_at, name, amount'),
  };
  return serveWritten({ catalog: catalogOf(change), parquet }, change.now ?? NOW);
}

/** What the experiment says over changed data. Fails on any fault and on any number that is none. */
export async function experimentOver(change: Change = {}): Promise<Data> {
  const { experiment } = await ask(await serviceOver(change), DOCUMENT);
  const broken = unsound(experiment);
  if (broken.length > 0) throw new Error(broken.join('\n'));
  return experiment;
}

/** Rows and units that were left out for a reason; undefined: none. */
export const excludedFor = (experiment: Data, reason: string): Data =>
  experiment.assignments.excluded.find((one: Data) => one.reason === reason);

export const gateOf = (experiment: Data, name: string): Data =>
  experiment.dataQuality.gates.find((one: Data) => one.name === name);

export const resultOf = (experiment: Data, metric: string): Data =>
  experiment.results.nodes.find((one: Data) => one.metric.name === metric);

/** The numbers that decide, to the digits that sums of doubles agree in. */
export function numbersOf(experiment: Data): unknown {
  const rounded = (value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(10)) : value);
  return experiment.results.nodes.map(({ metric, control, treatment, pValue, outcome, guardrail }: Data) => [
    metric.name,
    control.units,
    rounded(control.mean),
    rounded(control.variance),
    treatment.units,
    rounded(treatment.mean),
    rounded(treatment.variance),
    rounded(pValue),
    outcome,
    guardrail,
  ]);
}
