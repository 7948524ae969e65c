/** How a client proves who it is. Secrets are read when they are needed, so that a renewed token file is seen. */
export type TrinoAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'password'; readonly password: () => string }
  /** A JSON Web Token, sent as a bearer. */
  | { readonly kind: 'jwt'; readonly token: () => string }
  /** PEM texts. */
  | { readonly kind: 'certificate'; readonly certificate: string; readonly key: string; readonly passphrase?: string };

export interface TrinoOptions {
  /** URL of the coordinator, without a path. */
  readonly server: string;
  readonly catalog: string | null;
  readonly schema: string | null;
  /** Who the queries run as unless impersonation says otherwise; also the name that a password belongs to. */
  readonly user: string;
  readonly auth: TrinoAuth;
  /** PEM text of the authorities that the server's certificate may come from; null: those of Node. */
  readonly ca: string | null;
  /** Whether a password or token may go over plain http. */
  readonly allowInsecureAuth: boolean;
  /** Each query runs as the user of the request; one without a user is refused. */
  readonly impersonate: boolean;
  /** Whom the check at the start asks as, to see that Trino impersonates. */
  readonly probe: string;
  readonly source: string;
  readonly clientTags: readonly string[];
  /** Session properties of the cluster, by name. */
  readonly session: Readonly<Record<string, string>>;
  /** Statements that run at once; the rest wait, at most `queue` of them. */
  readonly concurrency: number;
  readonly queue: number;
  /** Milliseconds a query may take that does not say so itself. */
  readonly timeoutMs: number;
  /** Milliseconds one HTTP exchange may take before it is tried again. */
  readonly exchangeMs: number;
  readonly maxPageBytes: number;
  readonly maxRows: number;
  /** Origins beside the server's own that a `nextUri` may point to. */
  readonly trustedOrigins: readonly string[];
}

export const TRINO_DEFAULTS = {
  catalog: null,
  schema: null,
  user: 'liftql',
  auth: { kind: 'none' },
  ca: null,
  allowInsecureAuth: false,
  impersonate: false,
  probe: 'liftql-probe',
  source: 'liftql',
  clientTags: ['metric-layer'],
  session: {},
  concurrency: 4,
  queue: 256,
  timeoutMs: 60_000,
  exchangeMs: 30_000,
  maxPageBytes: 64 * 1024 * 1024,
  maxRows: 100_000,
  trustedOrigins: [],
} as const satisfies Omit<TrinoOptions, 'server'>;
