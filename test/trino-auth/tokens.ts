import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { tlsFile } from './secure-trino.ts';

export interface Claims {
  /** Null: it names nobody. */
  readonly subject?: string | null;
  /** Seconds from now. */
  readonly expiresIn?: number;
  readonly notBefore?: number;
}

/** The key whose signatures the server believes. */
export const ownKey = (): KeyObject => createPrivateKey(tlsFile('jwt-private.pem'));
export const foreignKey = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

/** A token of liftql, good for a minute, unless the claims say otherwise. */
export function sign(claims: Claims = {}, key: KeyObject | Uint8Array = ownKey()): Promise<string> {
  const { subject = 'liftql', expiresIn = 60, notBefore } = claims;
  const now = Math.floor(Date.now() / 1000);
  const jwt = new SignJWT({}).setProtectedHeader({ alg: key instanceof Uint8Array ? 'HS256' : 'RS256' });
  jwt.setIssuedAt(now).setExpirationTime(now + expiresIn);
  if (subject !== null) jwt.setSubject(subject);
  if (notBefore !== undefined) jwt.setNotBefore(now + notBefore);
  return jwt.sign(key);
}

/** A token that claims to need no signature. */
export function unsigned(): string {
  const part = (json: unknown) => Buffer.from(JSON.stringify(json)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: 'liftql', exp: Math.floor(Date.now() / 1000) + 60 })}.`;
}
