import { inspect } from 'node:util';
import { BasicAuth, Trino } from 'trino-client';
import type { Row } from '../../../src/engine/engine.ts';
import { TRINO_DEFAULTS, type TrinoOptions } from '../../../src/engine/trino/options.ts';
import { openTrino } from '../../../src/engine/trino/trino.ts';
import type { Coordinator } from './coordinator.ts';
import { RENEWED } from './faults.ts';
import { SECRETS } from './play.ts';

/** What the suite asks of a client under test. */
export interface Client {
  query(statement: string, timeoutMs: number): Promise<readonly Row[]>;
  /** Whether it stops what it gives up; otherwise nobody looks. */
  readonly cancels: boolean;
  /** Where an error shows what nobody may read. */
  secretsIn(error: unknown): readonly string[];
  close(): Promise<void>;
}

export interface ClientOptions extends Pick<TrinoOptions, 'timeoutMs' | 'exchangeMs' | 'maxPageBytes' | 'maxRows'> {
  readonly auth: 'password' | 'jwt';
}

export type OpenClient = (coordinator: Coordinator, options: ClientOptions) => Promise<Client>;

/** The adapter, one query at a time: a place that is not given back stops the next one. */
export const openAdapter: OpenClient = async (coordinator, { auth, ...limits }) => {
  const engine = await openTrino({
    ...TRINO_DEFAULTS,
    ...limits,
    server: coordinator.origin,
    auth:
      auth === 'password'
        ? { kind: 'password', password: () => SECRETS.password }
        : { kind: 'jwt', token: () => coordinator.tokenFile.text },
    allowInsecureAuth: true,
    concurrency: 1,
  });
  return {
    query: async (sql, timeoutMs) => (await engine.query({ sql, parameters: [] }, { timeoutMs })).rows,
    cancels: true,
    secretsIn,
    close: () => engine.close(),
  };
};

/** trino-client as its documentation shows it. Secrets and the session are not looked at: the rows are the point. */
export const openNaive: OpenClient = async (coordinator) => {
  const trino = Trino.create({ server: coordinator.origin, auth: new BasicAuth('liftql', SECRETS.password) });
  return {
    async query(statement) {
      const rows: Row[] = [];
      for await (const { columns = [], data = [] } of await trino.query(statement)) {
        for (const cells of data) rows.push(Object.fromEntries(columns.map(({ name }, i) => [name, cells[i]])));
      }
      return rows;
    },
    cancels: false,
    secretsIn: () => [],
    close: async () => {},
  };
};

export function secretsIn(error: unknown): string[] {
  const shown = inspect(error, { depth: 20, showHidden: true });
  const basic = Buffer.from(`${TRINO_DEFAULTS.user}:${SECRETS.password}`).toString('base64');
  return [
    ...[SECRETS.password, SECRETS.token, RENEWED, basic].filter((secret) => shown.includes(secret)),
    ...(/Secret\.java/.test(shown) ? ['a stack of the cluster'] : []),
  ].map((secret) => `the error shows ${secret}`);
}
