import { createHash } from 'node:crypto';
import type { CompiledSql } from '../../../src/sql/sql.ts';
import { answerOf } from './play.ts';
import { inParallel } from './pool.ts';
import { createPrng } from './prng.ts';
import { startProxy } from './proxy.ts';
import { askDirectly, openReal, uniqueSource } from './real.ts';

export interface RealFaultsReport {
  readonly queries: number;
  readonly seed: number;
  readonly tally: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
  readonly connections: number;
  readonly struck: Readonly<Record<string, number>>;
  readonly elapsedMs: number;
}

export interface RealFaultsOptions {
  readonly server: string;
  readonly queries: number;
  readonly seed: number;
  readonly told?: (done: number) => void;
}

/** Statements whose cells are the same in Trino's JSON and in the engine's rows; of one page and of many. */
const STATEMENTS: readonly CompiledSql[] = [
  { sql: 'select orderkey, totalprice from tpch.tiny.orders', parameters: [] },
  { sql: 'select custkey, name, comment, acctbal from tpch.tiny.customer', parameters: [] },
  {
    sql: 'select orderkey, linenumber, shipdate, comment from tpch.tiny.lineitem where orderkey < 20000',
    parameters: [],
  },
  { sql: 'select orderstatus, count(*) as n from tpch.tiny.orders group by orderstatus', parameters: [] },
  { sql: 'select count(*) as n, count(distinct partkey) as parts from tpch.tiny.lineitem', parameters: [] },
  { sql: 'select name, regionkey from tpch.tiny.nation where regionkey >= ?', parameters: [2] },
];

/** Its only right end is ENGINE_FAILED, or that Trino could not be reached. */
const FAILING: CompiledSql = { sql: 'select 1 / (regionkey - regionkey) as n from tpch.tiny.nation', parameters: [] };

const LIMITS = { timeoutMs: 15_000, exchangeMs: 2_000, maxRows: 100_000, concurrency: 6 };

/** Number and digest of rows, whatever their order. */
function digestOf(rows: readonly (readonly unknown[])[]): string {
  const lines = rows.map((cells) => JSON.stringify(cells)).sort();
  return `${lines.length} rows ${createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16)}`;
}

/** Real queries of known answers through a proxy that plays faults: each ends in the right rows or in a typed error. */
export async function playRealFaults({ server, queries, seed, told }: RealFaultsOptions): Promise<RealFaultsReport> {
  const truths = await inParallel(STATEMENTS, 2, async ({ sql, parameters }) =>
    digestOf(
      await askDirectly(
        server,
        sql.replace('?', () => String(parameters[0])),
      ),
    ),
  );
  const chance = createPrng(seed);
  const proxy = await startProxy(new URL(server), chance);
  const engine = await openReal(proxy.origin, { ...LIMITS, source: uniqueSource('proxy') });
  proxy.misbehave();
  const tally: Record<string, number> = {};
  const failures: string[] = [];
  const started = performance.now();
  let done = 0;
  const asked = Array.from({ length: queries }, () => chance.between(0, STATEMENTS.length));
  await inParallel(asked, LIMITS.concurrency, async (index) => {
    const statement = STATEMENTS[index] ?? FAILING;
    const query = engine.query(statement).then(({ rows }) => rows);
    const answer = await answerOf(query, LIMITS.timeoutMs + 5_000);
    const ended = answer.kind === 'typed' ? answer.code : answer.kind;
    tally[ended] = (tally[ended] ?? 0) + 1;
    const got = answer.kind === 'rows' ? digestOf(answer.rows.map((row) => Object.values(row))) : ended;
    const right = answer.kind === 'rows' ? got === truths[index] : answer.kind === 'typed';
    // Nothing here is wrong with a statement but with the failing one.
    if (!right || (ended === 'ENGINE_FAILED') !== (ended === 'ENGINE_FAILED' && statement === FAILING)) {
      failures.push(`${statement.sql}: ${got}, not ${truths[index] ?? 'ENGINE_FAILED'}`);
    }
    done += 1;
    told?.(done);
  });
  const elapsedMs = performance.now() - started;
  await engine.close();
  const { connections, struck } = proxy;
  await proxy.close();
  return { queries, seed, tally, failures, connections, struck, elapsedMs };
}

export function realFaultsSummary({ queries, seed, tally, connections, struck, elapsedMs }: RealFaultsReport): string {
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ');
  return `${queries} queries of a real Trino from seed ${seed} in ${(elapsedMs / 1000).toFixed(1)} s: ${list(tally)}; ${connections} connections, of which ${list(struck)}`;
}
