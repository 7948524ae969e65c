import { vi } from 'vitest';
import { runOnTrino } from '../support/trino.ts';

/** What Trino remembers of a query. */
export interface ObservedQuery {
  readonly id: string;
  readonly user: string;
  readonly source: string;
  readonly group: string;
  readonly text: string;
  /** Milliseconds since 1970; null: it has not ended. */
  readonly ended: number | null;
  readonly errorCode: string | null;
}

let marks = 0;

/** A text that is in the statements of one test alone. */
export function newMark(what: string): string {
  marks += 1;
  return `${what} ${process.pid}-${Date.now()}-${marks}`;
}

/** The queries whose statement has this mark; asked on the port that asks for nothing, without the adapter. */
export async function queriesOf(mark: string): Promise<readonly ObservedQuery[]> {
  const rows = await runOnTrino(`select query_id, "user", source, array_join(resource_group_id, '.'), query,
    cast(to_unixtime("end") * 1000 as bigint), error_code
    from system.runtime.queries where strpos(query, '${mark}') > 0 and strpos(query, 'strpos(') = 0 order by created`);
  return rows.map(([id, user, source, group, text, ended, errorCode]) => {
    const observed = { id, user, source, group, text, ended, errorCode };
    return observed as ObservedQuery; // the columns are as they were asked for
  });
}

export const hasEnded = ({ ended }: ObservedQuery): boolean => ended !== null;

/** The queries of a mark, once there are so many and all of them are so. A busy server takes a while to say. */
export function queriesOnce(
  mark: string,
  count: number,
  holds: (query: ObservedQuery) => boolean = () => true,
): Promise<readonly ObservedQuery[]> {
  const look = async () => {
    const found = await queriesOf(mark);
    if (found.length !== count || !found.every(holds)) throw new Error(`So far: ${JSON.stringify(found)}`);
    return found;
  };
  return vi.waitFor(look, { timeout: 30_000, interval: 50 });
}

/** The session of a query as Trino's own page shows it. */
export async function sessionOf(id: string): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(`${process.env.TRINO_URL}/v1/query/${id}`, { headers: { 'X-Trino-User': 'liftql' } });
  if (!response.ok) throw new Error(`Trino answered ${response.status}: ${await response.text()}`);
  const { session } = (await response.json()) as { readonly session: Readonly<Record<string, unknown>> }; // Trino's own
  return session;
}
