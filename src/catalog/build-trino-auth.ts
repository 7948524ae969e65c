import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { isLiteral } from './environment.ts';
import { formatPlace } from './fault-messages.ts';
import { pemFile, readSettingFile } from './setting-files.ts';
import type { SettingReader } from './setting-reader.ts';
import type { TrinoCredentials } from './trino-config.ts';

/** `auth` as it stands in YAML. */
export interface TrinoAuthYaml {
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly passphrase?: string | undefined;
}

const NONE: TrinoCredentials = { kind: 'none' };
const KINDS = ['password', 'token', 'tokenFile', 'certificate'] as const;

interface AuthOptions {
  readonly read: SettingReader;
  readonly warn: (sentence: string) => void;
}

/** Who the service is to Trino, by exactly one kind of proof; secrets stay behind functions. */
export function buildTrinoAuth(yaml: TrinoAuthYaml | undefined, { read, warn }: AuthOptions): TrinoCredentials {
  if (yaml === undefined) return NONE;
  const stated = KINDS.filter((kind) => yaml[kind] !== undefined);
  const [kind] = stated;
  const names = KINDS.map((one) => `\`${one}\``).join(', ');
  if (kind === undefined || stated.length > 1) {
    read.fault(
      ['auth'],
      `must state exactly one of ${names}${stated.length > 1 ? `, but states ${stated.map((one) => `\`${one}\``).join(' and ')}` : ''}`,
    );
    return NONE;
  }
  const stray = kind === 'certificate' ? [] : (['key', 'passphrase'] as const).filter((one) => yaml[one] !== undefined);
  for (const one of stray) read.fault(['auth', one], 'belongs to a `certificate`, which is not stated');
  switch (kind) {
    case 'password':
    case 'token': {
      const secret = secretOf(kind, yaml[kind]!, { read, warn });
      if (secret === null) return NONE;
      return kind === 'password' ? { kind, password: () => secret } : { kind: 'jwt', token: () => secret };
    }
    case 'tokenFile':
      return tokenFileOf(yaml.tokenFile!, read);
    case 'certificate':
      return certificateOf(yaml, { read, warn });
  }
}

/** A secret's text; faults and warnings say where it stands and never what it is. */
function secretOf(
  field: 'password' | 'token' | 'passphrase',
  value: string,
  { read, warn }: AuthOptions,
): string | null {
  const path = ['auth', field];
  const secret = read.text(path, value);
  if (secret === null) return null;
  if (secret === '') read.fault(path, 'is empty');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a header cannot hold.
  else if (/[\u0000-\u001f\u007f]/.test(secret)) read.fault(path, 'holds a line break or another control character');
  else if (isLiteral(value))
    warn(
      `${formatPlace(read.place(path))}: \`auth.${field}\` of the engine stands in the file, for everyone who may read it; take it from an environment variable, such as $\{TRINO_${field.toUpperCase()}}.`,
    );
  return secret;
}

function tokenFileOf(value: string, read: SettingReader): TrinoCredentials {
  const path = ['auth', 'tokenFile'];
  const name = read.text(path, value);
  const text = name === null ? null : readSettingFile(path, name, read);
  if (name === null || text === null) return NONE;
  if (text.trim() === '') read.fault(path, 'names an empty file');
  const file = resolve(read.directory, name);
  return { kind: 'jwt', token: () => readFileSync(file, 'utf8') };
}

function certificateOf(yaml: TrinoAuthYaml, { read, warn }: AuthOptions): TrinoCredentials {
  if (yaml.key === undefined) {
    read.fault(['auth'], 'states a `certificate` without its `key`');
    return NONE;
  }
  const certificate = pemFile(['auth', 'certificate'], yaml.certificate, 'CERTIFICATE', read);
  const key = pemFile(['auth', 'key'], yaml.key, 'PRIVATE KEY', read);
  const passphrase = yaml.passphrase === undefined ? null : secretOf('passphrase', yaml.passphrase, { read, warn });
  if (certificate === null || key === null || (passphrase === null && yaml.passphrase !== undefined)) return NONE;
  try {
    createSecureContext({ cert: certificate, key, ...(passphrase === null ? {} : { passphrase }) });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    read.fault(['auth', 'certificate'], `cannot be used with its key and passphrase: ${reason}`);
  }
  return {
    kind: 'certificate',
    certificate,
    key: () => key,
    passphrase: passphrase === null ? null : () => passphrase,
  };
}
