import { TRINO_DEFAULTS, type TrinoOptions } from '../../../src/engine/trino/options.ts';
import { openTrino } from '../../../src/engine/trino/trino.ts';

/** The server that `TRINO_URL` names; null: there is none, and what needs it is skipped. */
export const TRINO_URL = process.env.TRINO_URL || null;

export function openReal(server: string, options: Partial<TrinoOptions> = {}) {
  return openTrino({ ...TRINO_DEFAULTS, server, ...options });
}

/** A name that only this run has, to find its queries by. */
export function uniqueSource(what: string): string {
  return `liftql-${what}-${process.pid}-${Date.now()}`;
}

interface RawPage {
  readonly nextUri?: string;
  readonly data?: readonly (readonly unknown[])[];
  readonly error?: { readonly message: string };
}

/** Rows as the server writes them, asked without the adapter. */
export async function askDirectly(server: string, statement: string): Promise<readonly (readonly unknown[])[]> {
  const headers = { 'X-Trino-User': 'observer', 'X-Trino-Source': 'liftql-observer', 'X-Trino-Time-Zone': 'UTC' };
  const rows: (readonly unknown[])[] = [];
  let reply = await fetch(new URL('/v1/statement', server), { method: 'POST', body: statement, headers });
  for (;;) {
    if (reply.status !== 200) throw new Error(`HTTP ${reply.status}: ${await reply.text()}`);
    const page = (await reply.json()) as RawPage; // Trino's own, on a connection without faults
    if (page.error) throw new Error(page.error.message);
    rows.push(...(page.data ?? []));
    if (page.nextUri === undefined) return rows;
    reply = await fetch(page.nextUri, { headers });
  }
}
