import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect } from 'vitest';
import { MetricLayerError } from '../../src/core/errors.ts';
import type { Cell, Engine } from '../../src/engine/engine.ts';
import { TRINO_DEFAULTS, type TrinoAuth, type TrinoOptions } from '../../src/engine/trino/options.ts';
import { openTrino } from '../../src/engine/trino/trino.ts';

/** The port that demands a proof, as scripts/trino tells it; null: its tests are skipped. */
const TLS_URL: string | null = process.env.TRINO_TLS_URL || null;

/** Describes tests on the Trino that demands authentication over TLS. */
export function describeSecure(what: string, body: () => void): void {
  if (TLS_URL !== null) describe(what, body);
  else describe.skip(`${what} (skipped: TRINO_TLS_URL is not set; eval "$(scripts/trino start)" sets it)`, body);
}

export const tlsUrl = (): string => TLS_URL!;
export const tlsPort = (): number => Number(new URL(TLS_URL!).port);
export const plainPort = (): number => Number(new URL(process.env.TRINO_URL!).port);
export const tlsPath = (name: string): string => join(process.env.TRINO_TLS_DIR!, name);
export const tlsFile = (name: string): string => readFileSync(tlsPath(name), 'utf8');

/** Of the users liftql and reader. */
export const rightPassword = (): string => tlsFile('password').trim();

export const password = (text: string): TrinoAuth => ({ kind: 'password', password: () => text });
export const token = (text: string): TrinoAuth => ({ kind: 'jwt', token: () => text });
export const certificate = (pair: { readonly certificate: string; readonly key: string }): TrinoAuth => ({
  kind: 'certificate',
  ...pair,
});

/** The proof of liftql, by its kind. */
export const ownCertificate = (): TrinoAuth =>
  certificate({ certificate: tlsFile('client.pem'), key: tlsFile('client.key') });

export function secureOptions(options: Partial<TrinoOptions> = {}): TrinoOptions {
  return { ...TRINO_DEFAULTS, server: tlsUrl(), ca: tlsFile('ca.pem'), source: 'liftql-auth', ...options };
}

export const openSecure = (options: Partial<TrinoOptions> = {}): Promise<Engine> => openTrino(secureOptions(options));

/** Opens an engine, closed after `work` however that ends. */
export async function withSecure<T>(options: Partial<TrinoOptions>, work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await openSecure(options);
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

/** Who Trino says it runs a query as. */
export async function currentUser(engine: Engine, user?: string): Promise<Cell> {
  const { rows } = await engine.query({ sql: 'select current_user as name', parameters: [] }, { user });
  return rows[0]!.name!;
}

/** How something failed that must; the failure has shown nothing that `options` keep secret. */
export async function failureOf(work: Promise<unknown>, options: Partial<TrinoOptions>): Promise<MetricLayerError> {
  const error = await work.then(
    (value) => expect.fail(`It did not fail, but gave ${inspect(value)}.`),
    (reason: unknown) => reason,
  );
  expectSecretsKept(error, secureOptions(options));
  expect(error).toBeInstanceOf(MetricLayerError);
  return error as MetricLayerError; // just checked
}

/** Opens an engine that must not open. */
export const refusalOf = (options: Partial<TrinoOptions>): Promise<MetricLayerError> =>
  failureOf(
    openSecure(options).then((engine) => engine.close()),
    options,
  );

/** That nothing that prints a value prints a secret. */
export function expectSecretsKept(value: unknown, options: Pick<TrinoOptions, 'auth' | 'user'>): void {
  const shown = shownOf(value);
  for (const secret of secretsOf(options)) expect(shown.includes(secret), 'a secret is shown').toBe(false);
}

/** All that a log or a debugger would show of a value. */
export function shownOf(value: unknown): string {
  const shown = [
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, maxArrayLength: null }),
    JSON.stringify(value) ?? '',
  ];
  for (let error = value; error instanceof Error; error = error.cause)
    shown.push(String(error), error.stack ?? '', JSON.stringify({ ...error }));
  return shown.join('\n');
}

function secretsOf({ auth, user }: Pick<TrinoOptions, 'auth' | 'user'>): readonly string[] {
  const secrets = () => {
    switch (auth.kind) {
      case 'none':
        return [];
      case 'password':
        return [auth.password(), Buffer.from(`${user}:${auth.password()}`).toString('base64')];
      case 'jwt':
        // The signature is what makes a token of the rest.
        return [auth.token().trim(), auth.token().trim().split('.').at(-1)!];
      case 'certificate':
        return [auth.passphrase ?? '', ...auth.key.split('\n').filter((line) => !line.startsWith('-----'))];
    }
  };
  return secrets().filter((secret) => secret.length >= 4);
}

/** A query that does not end by itself. The mark is there to find it by. */
export const endless = (mark: string) => ({
  sql: `select count(*) as "${mark}" from tpch.sf1000.lineitem as a cross join tpch.sf1000.lineitem as b where a.comment = b.comment`,
  parameters: [],
});
