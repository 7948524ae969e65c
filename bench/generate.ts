import { existsSync, mkdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** Sizes of the data, with what each must hold: the seed makes them the same on every machine. */
export const SCALES = {
  S: { users: 100_000, exposed: 90_031, events: 1_000_000 },
  M: { users: 1_000_000, exposed: 900_438, events: 10_000_000 },
} as const;
export type Scale = keyof typeof SCALES;

const SEED = 42;
/** Events are made in parts, so that memory stays bounded. */
const PART = 2_500_000;

/** The database of a scale, made on first use; it appears under its name only when it is whole. */
export async function benchmarkData(scale: Scale): Promise<string> {
  const path = join(fileURLToPath(new URL('../.cache/bench/', import.meta.url)), `${scale}.duckdb`);
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  try {
    const started = performance.now();
    await write(draft, scale);
    await rename(draft, path);
    progress(`${scale}: generated in ${((performance.now() - started) / 1000).toFixed(0)} s`);
    return path;
  } finally {
    for (const leftover of [draft, `${draft}.wal`, `${draft}.tmp`])
      await rm(leftover, { force: true, recursive: true });
  }
}

async function write(path: string, scale: Scale): Promise<void> {
  const { users, events } = SCALES[scale];
  const instance = await DuckDBInstance.create(path);
  try {
    const connection = await instance.connect();
    progress(`${scale}: assignments of ${users.toLocaleString('en')} users`);
    await connection.run("set TimeZone = 'UTC'; set preserve_insertion_order = true");
    // Every number follows from a row's own identity: no dependence on threads.
    await connection.run(`create temp macro u(x, salt) as (hash(x, salt, ${SEED}) >> 11)::double / 9007199254740992.0`);
    await connection.run(assignmentsSql(users));
    await connection.run(
      'create table user_events (user_id bigint, event_name varchar, event_at timestamp, value double, platform varchar, country varchar)',
    );
    for (let from = 0; from < events; from += PART) {
      progress(
        `${scale}: events ${from.toLocaleString('en')} to ${Math.min(events, from + PART).toLocaleString('en')}`,
      );
      await connection.run(eventsSql(users, events, from, Math.min(events, from + PART)));
    }
    await connection.run('checkpoint');
    await check(connection, scale);
    connection.closeSync();
  } finally {
    instance.closeSync();
  }
}

/** Fourteen days of front-loaded exposure in three variants, a fifth of it repeated; a second experiment as noise. */
function assignmentsSql(users: number): string {
  const start = "timestamp '2026-03-01 00:00:00'";
  const span = '14*86400e6';
  const variant = "case when u(i,'v') < 1/3. then 'control' when u(i,'v') < 2/3. then 't1' else 't2' end";
  return `create table experiment_assignments as
select 'exp_focus' as experiment_id, i as user_id, ${variant} as variant,
  ${start} + to_microseconds(cast(u(i,'a')*u(i,'a2')*${span} as bigint)) as assigned_at
from range(${users}) r(i) where u(i,'in') < 0.9
union all
select 'exp_focus', i, ${variant},
  ${start} + to_microseconds(cast((u(i,'a')*u(i,'a2') + (1-u(i,'a')*u(i,'a2'))*u(i,'re'))*${span} as bigint))
from range(${users}) r(i) where u(i,'in') < 0.9 and u(i,'rp') < 0.2
union all
select 'exp_other', i, case when u(i,'ov') < .5 then 'A' else 'B' end, ${start} + to_microseconds(cast(u(i,'oa')*${span} as bigint))
from range(${users}) r(i) where u(i,'oin') < 0.3`;
}

/** Twelve kinds of events over 28 days, in order of time as a log is; some users are far more active than others. */
function eventsSql(users: number, events: number, from: number, to: number): string {
  return `insert into user_events
with e as (
  select k, cast(floor(pow(u(k,'u'),1.6)*${users}) as bigint) as i,
    timestamp '2026-02-15' + to_microseconds(cast(k * (28*86400e6/${events}) as bigint)) as event_at,
    u(k,'n') as n, u(k,'val') as v
  from range(${from},${to}) r(k)),
f as (select *, (hash(i,'perm',${SEED}) % ${users})::bigint as user_id from e)
select user_id,
  case when n<.34 then 'page_view' when n<.50 then 'search' when n<.60 then 'click' when n<.68 then 'add_to_cart' when n<.73 then 'checkout'
       when n<.77 then 'purchase' when n<.83 then 'share' when n<.88 then 'signup' when n<.92 then 'subscribe' when n<.95 then 'refund'
       when n<.98 then 'ad_view' else 'error' end,
  event_at,
  case when n>=.73 and n<.77 then round(exp(3+1.1*sqrt(-2*ln(1-v))*cos(2*pi()*u(k,'v2'))) * (case when u(user_id,'v')>=2/3. then 1.03 else 1 end),2)
       when n>=.92 and n<.95 then round(5+40*v,2) when n>=.95 and n<.98 then round(v*0.2,4) when n<.34 then round(300*v,1) end,
  case when u(user_id,'pf')<.5 then 'web' when u(user_id,'pf')<.8 then 'ios' else 'android' end,
  ['US','IN','BR','DE','FR','GB','JP','NG','MX','PL'][1+cast(floor(u(user_id,'co')*u(user_id,'co2')*10) as int)]
from f`;
}

/** Other counts would mean that this is not the data that the recorded figures are about. */
async function check(connection: DuckDBConnection, scale: Scale): Promise<void> {
  const reader = await connection.runAndReadAll(`select
    (select count(distinct user_id) from experiment_assignments where experiment_id = 'exp_focus')::integer,
    (select count(*) from user_events)::integer`);
  const [exposed, events] = reader.getRows()[0]!;
  const expected = SCALES[scale];
  if (exposed !== expected.exposed || events !== expected.events) {
    throw new Error(
      `The generated data have ${exposed} exposed users and ${events} events instead of ${expected.exposed} and ${expected.events}: this DuckDB hashes differently.`,
    );
  }
}

export const progress = (line: string): void => void process.stderr.write(`${line}\n`);
