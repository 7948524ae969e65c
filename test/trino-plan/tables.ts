import { runOnTrino, trinoSchema } from '../support/trino.ts';

/** How a source's instants are kept. */
export type Clock = 'timestamp(6)' | 'timestamp(6) with time zone';

const EVENTS = ['page_view', 'search', 'click', 'add_to_cart', 'checkout', 'purchase', 'refund', 'ad_view', 'error'];

/** A log of a table, two months of it. A number stands for a row: what it is follows from its remainders. */
function logSql(columns: string, rows: number, clock: Clock): string {
  const naive = `timestamp '2026-02-01 00:00:00.000000' + i * interval '${Math.floor((59 * 86_400) / rows)}' second`;
  const at = clock === 'timestamp(6)' ? naive : `with_timezone(${naive}, 'UTC')`;
  return `select ${columns.replace('?', `cast(${at} as ${clock})`)} from unnest(sequence(0, ${rows - 1})) as t (i)`;
}

/** Assignments, events and visits as Iceberg tables, partitioned by day; dropped after the tests of the file. */
export async function createTables(clock: Clock): Promise<string> {
  const schema = `iceberg.${await trinoSchema('iceberg')}`;
  const create = (table: string, time: string, select: string) =>
    runOnTrino(`create table ${schema}.${table} with (partitioning = array['day(${time})']) as ${select}`);
  const names = `array[${EVENTS.map((name) => `'${name}'`).join(', ')}]`;
  const variants = "element_at(array['control', 't1', 't2', 't3'], cast(i % 4 as integer) + 1)";
  await create(
    'experiment_assignments',
    'assigned_at',
    logSql(
      `'exp_focus' as experiment_id, cast(i as bigint) as user_id, ${variants} as variant, ? as assigned_at`,
      1_000,
      clock,
    ),
  );
  await create(
    'user_events',
    'event_at',
    logSql(
      `cast(i * 7919 % 1000 as bigint) as user_id, element_at(${names}, cast(i * 31 % ${EVENTS.length} as integer) + 1) as event_name, ? as event_at, cast(i % 97 as double) as value`,
      10_000,
      clock,
    ),
  );
  await create(
    'user_visits',
    'visited_at',
    logSql(
      'cast(i * 6101 % 1000 as bigint) as user_id, cast(i % 13 as bigint) as pages, ? as visited_at',
      3_000,
      clock,
    ),
  );
  return schema;
}
