import type { TrinoOptions } from '../engine/trino/options.ts';

/**
 * How a catalog reaches Trino. Secrets are behind functions, so that nothing that prints, hashes or copies the configuration
 * holds one.
 */
export interface TrinoConfig extends Omit<TrinoOptions, 'auth' | 'impersonate'> {
  readonly kind: 'trino';
  readonly auth: TrinoCredentials;
  /** The header in which the proxy in front names the user of a request; null: all queries run as `user`. */
  readonly impersonate: { readonly header: string } | null;
  /** null: requests may read as much as they like. */
  readonly scanBudget: ScanLimit | null;
}

export type TrinoCredentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'password'; readonly password: () => string }
  | { readonly kind: 'jwt'; readonly token: () => string }
  | {
      readonly kind: 'certificate';
      /** PEM. */
      readonly certificate: string;
      readonly key: () => string;
      readonly passphrase: (() => string) | null;
    };

/** What one request may read; null: any number of them. */
export interface ScanLimit {
  readonly bytes: number | null;
  readonly rows: number | null;
  /** What becomes of a statement that the engine has no estimate for. */
  readonly unknown: 'refuse' | 'allow';
}
