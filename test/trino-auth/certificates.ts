import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith } from '../support/service.ts';
import { tlsPath } from './secure-trino.ts';

/** PEM texts. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

interface Authority {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** The authority whose certificates the server believes. */
export const ownAuthority = (): Authority => ({ certificateFile: tlsPath('ca.pem'), keyFile: tlsPath('ca.key') });

/** Of the machine, as scripts/trino needs it too. */
const OPENSSL = process.env.OPENSSL || 'openssl';
const openssl = (...words: readonly string[]) => execFileSync(OPENSSL, words, { stdio: 'pipe' });

/** An authority that nobody has heard of, under the name of the one that is believed. */
export function foreignAuthority(): Authority & Pair {
  const folder = folderWith({});
  const [keyFile, certificateFile] = [join(folder, 'ca.key'), join(folder, 'ca.pem')];
  const made = ['-keyout', keyFile, '-out', certificateFile];
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=liftql-test-ca', ...made);
  return { certificateFile, keyFile, ...read(certificateFile, keyFile) };
}

/** A new certificate of this name. */
export function issue(name: string, { certificateFile, keyFile }: Authority, days = 1): Pair {
  const folder = folderWith({});
  const [key, request, issued] = ['key', 'csr', 'pem'].map((type) => join(folder, `client.${type}`)) as [
    string,
    string,
    string,
  ]; // as many as were mapped
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`, '-keyout', key, '-out', request);
  const by = ['-CA', certificateFile, '-CAkey', keyFile, '-set_serial', String(Date.now())];
  openssl('x509', '-req', '-in', request, ...by, '-days', String(days), '-out', issued);
  return read(issued, key);
}

/** The same key behind a passphrase. */
export function locked(key: string, passphrase: string): string {
  const folder = folderWith({});
  const [open, closed] = [join(folder, 'open.key'), join(folder, 'closed.key')];
  writeFileSync(open, key);
  openssl('pkcs8', '-topk8', '-in', open, '-out', closed, '-passout', `pass:${passphrase}`);
  return readFileSync(closed, 'utf8');
}

function read(certificateFile: string, keyFile: string): Pair {
  return { certificate: readFileSync(certificateFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
}
