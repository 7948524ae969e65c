/** The Trino of `scripts/trino`. */
export function trinoUrl(): string {
  const url = process.env.TRINO_URL;
  if (!url) throw new Error('TRINO_URL is not set. Run: eval "$(scripts/trino start)"');
  return url;
}

const HEADERS = { 'X-Trino-User': 'liftql', 'X-Trino-Source': 'liftql-bench', 'X-Trino-Time-Zone': 'UTC' };

type Answer = {
  readonly data?: readonly (readonly unknown[])[];
  readonly error?: { readonly message: string };
  readonly nextUri?: string;
};

/** Runs one statement outside of the race. */
export async function run(statement: string): Promise<readonly (readonly unknown[])[]> {
  const rows: (readonly unknown[])[] = [];
  let response = await fetch(`${trinoUrl()}/v1/statement`, { method: 'POST', headers: HEADERS, body: statement });
  for (;;) {
    if (!response.ok) throw new Error(`Trino answered ${response.status}: ${await response.text()}`);
    const { data = [], error, nextUri } = (await response.json()) as Answer; // as the protocol says
    if (error !== undefined) throw new Error(`${error.message}\n${statement}`);
    rows.push(...data);
    if (nextUri === undefined) return rows;
    response = await fetch(nextUri, { headers: HEADERS });
  }
}

/** What queries took of the cluster, all their stages together. */
export interface Usage {
  readonly statements: number;
  readonly cpuMilliseconds: number;
  /** Read from files. */
  readonly bytes: number;
  readonly rows: number;
  readonly peakBytes: number;
  /** Of the wall clock, before the first stage starts. */
  readonly planningMilliseconds: number;
}

/** As Trino remembers the queries; to be asked soon after they ran. */
export async function usageOf(queryIds: readonly string[]): Promise<Usage> {
  const each = await Promise.all(queryIds.map(usageOfOne));
  const sum = (of: (usage: Usage) => number) => each.reduce((total, one) => total + of(one), 0);
  return {
    statements: each.length,
    cpuMilliseconds: sum(({ cpuMilliseconds }) => cpuMilliseconds),
    bytes: sum(({ bytes }) => bytes),
    rows: sum(({ rows }) => rows),
    peakBytes: Math.max(...each.map(({ peakBytes }) => peakBytes)),
    planningMilliseconds: sum(({ planningMilliseconds }) => planningMilliseconds),
  };
}

async function usageOfOne(id: string): Promise<Usage> {
  const response = await fetch(`${trinoUrl()}/v1/query/${id}`, { headers: HEADERS });
  if (!response.ok) throw new Error(`Trino no longer knows the query ${id}: ${response.status}`);
  const { queryStats: stats } = (await response.json()) as { queryStats: Readonly<Record<string, unknown>> };
  return {
    statements: 1,
    cpuMilliseconds: milliseconds(stats.totalCpuTime),
    bytes: bytes(stats.physicalInputDataSize),
    rows: Number(stats.physicalInputPositions),
    peakBytes: bytes(stats.peakUserMemoryReservation),
    planningMilliseconds: milliseconds(stats.analysisTime) + milliseconds(stats.planningTime),
  };
}

const UNITS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 };

/** `5.53s` */
function milliseconds(duration: unknown): number {
  const [, amount, unit] = /^([\d.]+)(ns|us|ms|s|m|h)$/.exec(String(duration)) ?? [];
  if (unit === undefined) throw new Error(`Trino tells a time as ${duration}.`);
  return Number(amount) * UNITS[unit]!;
}

/** `46750928B` */
function bytes(size: unknown): number {
  const [, amount] = /^(\d+)B$/.exec(String(size)) ?? [];
  if (amount === undefined) throw new Error(`Trino tells a size as ${size}.`);
  return Number(amount);
}
