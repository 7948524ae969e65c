import { Trino } from 'trino-client';

/** One step of the protocol as trino-client asks for it: the statement first, then page after page. */
export type Step =
  | { readonly kind: 'submit'; readonly statement: string }
  | { readonly kind: 'next'; readonly url: string };

/** Takes the step on the wire; gives where the next page is, null after the last. */
export type TakeStep = (step: Step) => Promise<string | null>;

/**
 * Lets trino-client walk from the statement to the last page. Everything on the wire is done by `take`: trino-client's own
 * HTTP has no time limits, follows redirects, keeps passwords in its errors and takes an empty answer for the end. A client
 * is made for each query, since it would carry the session of one over to the next. What it is given are stand-ins of one row
 * each: the rows are collected elsewhere.
 */
export async function walk(statement: string, take: TakeStep): Promise<void> {
  const trino = Trino.create({ server: 'http://trino.invalid' });
  replaceTransport(trino, async (config) => {
    const next = await take(stepOf(config));
    return {
      data: { ...(next === null ? {} : { nextUri: next }), data: [null] },
      status: 200,
      statusText: 'OK',
      headers: {},
      config,
    };
  });
  const pages = await trino.query(statement);
  while (!(await pages.next()).done);
}

interface RequestConfig {
  readonly method?: string;
  readonly url?: string;
  readonly data?: unknown;
}

function stepOf({ method = 'get', url = '', data }: RequestConfig): Step {
  return method.toLowerCase() === 'post' ? { kind: 'submit', statement: String(data) } : { kind: 'next', url };
}

/** Sets the axios adapter of a client, which has no public setting for it. */
export function replaceTransport(trino: Trino, adapter: (config: RequestConfig) => Promise<unknown>): void {
  const { client } = trino as unknown as { client?: { clientConfig?: Record<string, unknown> } }; // private; checked below
  const config = client?.clientConfig;
  if (typeof config !== 'object' || config === null || !('baseURL' in config))
    throw new Error('This version of trino-client is not the one that the adapter was written for; use 0.2.9.');
  config.adapter = adapter;
}
