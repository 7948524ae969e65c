import { METRICS, OF_NO_EXPERIMENT } from './metrics.ts';

const UNTIMED = ['score', 'pro', 'open_revenue'];
const GOALS = ['revenue', 'orders', 'converted'];
const GUARDRAILS = ['aov', 'capped'];
const rest = Object.keys(METRICS).filter((name) => ![...GOALS, ...GUARDRAILS, ...OF_NO_EXPERIMENT].includes(name));
const ROLES = `goals: [${GOALS.join(', ')}], guardrails: { aov: { margin: 0.05 }, capped: {} }, diagnostics: [${rest.join(', ')}]`;
/** Experiments that overlap: one a day, each of two weeks. */
const WAVES = Array.from(
  { length: 8 },
  (_, i) =>
    `  wave_${i + 1}: { assignments: assignments, start: 2026-03-1${i}T00:00:00Z, end: 2026-03-2${i + 1}T00:00:00Z, variants: { control: { control: true }, treatment: {} }, ${ROLES} }`,
);

const ASSIGNMENTS = `unit: user_id, experiment: experiment_id, variant: variant, timestamp: assigned_at, dimensions: { country: {}, platform: { column: platform_name }, age: {}, rating: {}, member: {}, birthday: {}, joined: {} }`;
const CHECKOUT = `timezone: Europe/Berlin, start: 2026-03-20T00:00:00Z, end: 2026-04-03T00:00:00Z, variants: { control: { control: true }, treatment: {} }, ${ROLES}`;

/** The world's catalog, on the tables of a schema. */
export const worldCatalog = (engine: string, schema: string): string => `
engine: ${engine}
sources:
  assignments: { kind: assignments, table: ${schema}.assignments, ${ASSIGNMENTS} }
  people: { kind: assignments, table: ${schema}.assignments, ${ASSIGNMENTS}, exclude: "is_bot" }
  untimed: { kind: assignments, table: ${schema}.untimed, unit: user_id, variant: variant, dimensions: { platform: {} } }
  events: { kind: facts, table: ${schema}.events, unit: user_id, timestamp: event_at }
  sent: { kind: facts, table: ${schema}.events, unit: user_id, timestamp: event_at, id: { column: event_id, within: 24h } }
  visits: { kind: facts, table: ${schema}.visits, unit: user, timestamp: visited_at }
  profiles: { kind: facts, table: ${schema}.profiles, unit: user_id }
  late: { kind: assignments, table: ${schema}.arrived_assignments, ${ASSIGNMENTS}, loadedAt: loaded_at }
  arrived: { kind: facts, table: ${schema}.arrived, unit: user_id, timestamp: event_at, loadedAt: loaded_at, id: { column: event_id, within: 24h } }
  daily: { kind: facts, table: ${schema}.daily, unit: user_id, timestamp: { column: ds, grain: day } }
metrics:
${Object.entries(METRICS)
  .map(([name, { yaml }]) => `  ${name}: ${yaml}`)
  .join('\n')}
experiments:
  checkout: { assignments: assignments, ${CHECKOUT} }
  pricing: { assignments: assignments, start: 2026-03-25T00:00:00Z, end: 2026-04-08T00:00:00Z, variants: { a: { control: true }, b: {}, c: {} }, ${ROLES} }
  rollout: { assignments: assignments, start: 2026-09-01T00:00:00Z, end: 2026-09-08T00:00:00Z, variants: { control: { control: true }, treatment: {} }, ${ROLES} }
${WAVES.join('\n')}
  untimed:
    assignments: untimed
    variants: { control: { control: true }, treatment: {} }
    diagnostics: [${UNTIMED.join(', ')}]
`;

/** On DuckDB. */
export const WORLD_CATALOG = worldCatalog('{ kind: duckdb, path: world.duckdb }', 'shop');

/** Types of the tables' columns as each engine names them, for catalogs that no engine has inspected. */
const TYPES = {
  DUCKDB: {
    id: 'BIGINT',
    text: 'VARCHAR',
    instant: 'TIMESTAMP WITH TIME ZONE',
    bare: 'TIMESTAMP',
    double: 'DOUBLE',
    date: 'DATE',
    boolean: 'BOOLEAN',
  },
  TRINO: {
    id: 'bigint',
    text: 'varchar',
    instant: 'timestamp(6) with time zone',
    bare: 'timestamp(6)',
    double: 'double',
    date: 'date',
    boolean: 'boolean',
  },
} as const;
const KINDS = {
  id: 'INTEGER',
  text: 'STRING',
  instant: 'DATETIME',
  bare: 'DATETIME',
  double: 'FLOAT',
  date: 'DATE',
  boolean: 'BOOLEAN',
} as const;

type TypeName = keyof typeof KINDS;
const COLUMNS: Readonly<Record<string, Readonly<Record<string, TypeName>>>> = {
  assignments: {
    experiment_id: 'text',
    user_id: 'id',
    variant: 'text',
    assigned_at: 'instant',
    country: 'text',
    platform_name: 'text',
    age: 'id',
    rating: 'double',
    member: 'boolean',
    birthday: 'date',
    joined: 'bare',
    is_bot: 'boolean',
  },
  untimed: { user_id: 'id', variant: 'text', platform: 'text' },
  events: {
    event_id: 'text',
    user_id: 'id',
    event_name: 'text',
    product: 'text',
    amount: 'double',
    raw_amount: 'text',
    event_at: 'instant',
  },
  visits: { user: 'text', visited_at: 'instant', seconds: 'id' },
  daily: { user_id: 'id', ds: 'date', orders: 'id', amount: 'double' },
  profiles: { user_id: 'id', plan: 'text', score: 'double' },
};

/** Tables of rows that tell when they arrived. */
const ARRIVED: Readonly<Record<string, string>> = { arrived: 'events', arrived_assignments: 'assignments' };

/** The columns of a source's table on an engine. */
export function columnsOf(table: string, dialect: keyof typeof TYPES) {
  const own = table in ARRIVED ? { ...COLUMNS[ARRIVED[table]!], loaded_at: 'instant' as const } : COLUMNS[table]!;
  return new Map(
    Object.entries(own).map(([name, type]) => [name, { type: KINDS[type], engineType: TYPES[dialect][type] }]),
  );
}
