import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { TrinoAuth, TrinoOptions } from '../../src/engine/trino/options.ts';
import { folderWith } from '../support/service.ts';
import { foreignAuthority, issue, locked, ownAuthority } from './certificates.ts';
import { hasEnded, newMark, queriesOf, queriesOnce } from './observed.ts';
import {
  certificate,
  currentUser,
  describeSecure,
  endless,
  expectSecretsKept,
  failureOf,
  ownCertificate,
  password,
  refusalOf,
  rightPassword,
  secureOptions,
  tlsFile,
  token,
  withSecure,
} from './secure-trino.ts';
import { foreignKey, sign, unsigned } from './tokens.ts';

type Given = () => Partial<TrinoOptions> | Promise<Partial<TrinoOptions>>;

const PASSPHRASE = 'correct horse battery staple';
const GARBAGE = Buffer.from('hush, for nobody may hear').toString('base64url');
const DENIED = /HTTP 401.*Check the engine's user and credentials/;

describeSecure('a proof of who the service is', () => {
  test.each<[string, string, Given]>([
    ['a password', 'liftql', () => ({ auth: password(rightPassword()) })],
    ['a password of another', 'reader', () => ({ user: 'reader', auth: password(rightPassword()) })],
    ['a token', 'liftql', async () => ({ auth: token(await sign()) })],
    ['a token of another', 'reader', async () => ({ user: 'reader', auth: token(await sign({ subject: 'reader' })) })],
    ['a token that ends in a line break', 'liftql', async () => ({ auth: token(`${await sign()}\r\n`) })],
    ['a certificate', 'liftql', () => ({ auth: ownCertificate() })],
    [
      'a certificate of another',
      'reader',
      () => ({ user: 'reader', auth: certificate(issue('reader', ownAuthority())) }),
    ],
    [
      'a certificate whose key is locked',
      'liftql',
      () => {
        const [cert, key] = [tlsFile('client.pem'), locked(tlsFile('client.key'), PASSPHRASE)];
        return { auth: { kind: 'certificate', certificate: cert, key, passphrase: PASSPHRASE } };
      },
    ],
    ['who may impersonate, as another', 'somebody', () => ({ user: 'somebody', auth: ownCertificate() })],
  ])('%s: Trino knows it is %s', async (_, user, given) => {
    const options = await given();
    await withSecure(options, async (engine) => {
      expect(await currentUser(engine)).toBe(user);
      expectSecretsKept(engine, secureOptions(options));
    });
  });

  test.each<[string, string, RegExp, Given]>([
    ['none', 'ENGINE_UNAUTHORIZED', DENIED, () => ({})],
    ['a wrong password', 'ENGINE_UNAUTHORIZED', DENIED, () => ({ auth: password('not-the-password') })],
    ['an unknown user', 'ENGINE_UNAUTHORIZED', DENIED, () => ({ user: 'nobody', auth: password(rightPassword()) })],
    ['no password', 'ENGINE_UNAUTHORIZED', /password for Trino is empty/, () => ({ auth: password('') })],
    ['an expired token', 'ENGINE_UNAUTHORIZED', DENIED, async () => ({ auth: token(await sign({ expiresIn: -5 })) })],
    ['a token too early', 'ENGINE_UNAUTHORIZED', DENIED, async () => ({ auth: token(await sign({ notBefore: 50 })) })],
    [
      'a token by another key',
      'ENGINE_UNAUTHORIZED',
      DENIED,
      async () => ({ auth: token(await sign({}, foreignKey())) }),
    ],
    [
      'a token without a name',
      'ENGINE_UNAUTHORIZED',
      DENIED,
      async () => ({ auth: token(await sign({ subject: null })) }),
    ],
    ['an unsigned token', 'ENGINE_UNAUTHORIZED', DENIED, () => ({ auth: token(unsigned()) })],
    [
      'a token signed by what everyone has',
      'ENGINE_UNAUTHORIZED',
      DENIED,
      async () => ({ auth: token(await sign({}, Buffer.from(tlsFile('jwt-public.pem')))) }),
    ],
    ['a token of garbage', 'ENGINE_UNAUTHORIZED', DENIED, () => ({ auth: token(`${GARBAGE}.${GARBAGE}.${GARBAGE}`) })],
    [
      'a token with a line break in it',
      'ENGINE_UNAUTHORIZED',
      /holds characters/,
      () => ({ auth: token('secret1\nsecret2') }),
    ],
    [
      "a token of somebody else's",
      'ENGINE_UNAUTHORIZED',
      /reader cannot impersonate user liftql\. Set `user` to whom the credentials are of, or let them impersonate liftql/,
      async () => ({ auth: token(await sign({ subject: 'reader' })) }),
    ],
    [
      'a certificate of an unknown authority',
      'ENGINE_UNAUTHORIZED',
      /refuses the certificate that this service comes with.*Check the engine's credentials/,
      () => ({ auth: certificate(issue('liftql', foreignAuthority())) }),
    ],
    [
      'a certificate that ran out',
      'ENGINE_UNAUTHORIZED',
      /refuses the certificate/,
      () => ({ auth: certificate(issue('liftql', ownAuthority(), -1)) }),
    ],
    [
      "a certificate with another's key",
      'BAD_SETTING',
      /cannot be used with its key and passphrase \(key values mismatch\)/,
      () => ({ auth: certificate({ certificate: tlsFile('client.pem'), key: tlsFile('jwt-private.pem') }) }),
    ],
    [
      'a key that is none',
      'BAD_SETTING',
      /cannot be used with its key and passphrase/,
      () => ({ auth: certificate({ certificate: tlsFile('client.pem'), key: tlsFile('client.key').slice(0, 200) }) }),
    ],
    [
      'a wrong passphrase',
      'BAD_SETTING',
      /cannot be used with its key and passphrase/,
      () => {
        const [cert, key] = [tlsFile('client.pem'), locked(tlsFile('client.key'), PASSPHRASE)];
        return { auth: { kind: 'certificate', certificate: cert, key, passphrase: 'wrong horse' } };
      },
    ],
    [
      'no passphrase where one is needed',
      'BAD_SETTING',
      /cannot be used with its key and passphrase/,
      () => ({
        auth: certificate({ certificate: tlsFile('client.pem'), key: locked(tlsFile('client.key'), PASSPHRASE) }),
      }),
    ],
  ])('refused: %s is %s', async (_, code, message, given) => {
    const options = await given();
    const error = await refusalOf(options);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

/** A token file, as something beside the service renews it. */
async function tokenFile(first: string) {
  const file = join(folderWith({ token: `${first}\n` }), 'token');
  const auth: TrinoAuth = { kind: 'jwt', token: () => readFileSync(file, 'utf8') };
  return { file, auth, renew: (text: string) => writeFileSync(file, `${text}\n`) };
}

const LIFE_SECONDS = 8;
const afterLife = () => sleep((LIFE_SECONDS + 0.1) * 1000);

describeSecure('a token that is renewed in its file', () => {
  test('counts from the next query on', async () => {
    const first = await sign({ expiresIn: LIFE_SECONDS });
    const { auth, renew } = await tokenFile(first);
    await withSecure({ auth }, async (engine) => {
      expect(await currentUser(engine)).toBe('liftql');
      await afterLife();
      const late = await failureOf(currentUser(engine), { auth: token(first) });
      expect(late).toMatchObject({ code: 'ENGINE_UNAUTHORIZED', message: expect.stringMatching(DENIED) });
      expect(String((late.cause as Error).message)).toMatch(/HTTP 401 Unauthorized: JWT expired \d+ milliseconds ago/);
      renew(await sign());
      expect(await currentUser(engine)).toBe('liftql');
      renew(await sign({}, foreignKey()));
      await expect(currentUser(engine)).rejects.toMatchObject({ code: 'ENGINE_UNAUTHORIZED' });
      renew(await sign());
      expect(await currentUser(engine)).toBe('liftql');
    });
  });

  test('while a query is refused: it is asked again', async () => {
    const [expired, good] = [await sign({ expiresIn: -5 }), await sign()];
    const first: string[] = [];
    await withSecure({ auth: { kind: 'jwt', token: () => first.shift() ?? good } }, async (engine) => {
      first.push(expired);
      expect(await currentUser(engine)).toBe('liftql');
      expect(first).toEqual([]);
    });
  });

  test('a file that is gone for a moment is told so, without its text', async () => {
    const { file, auth, renew } = await tokenFile(await sign());
    await withSecure({ auth }, async (engine) => {
      rmSync(file);
      await expect(currentUser(engine)).rejects.toMatchObject({
        code: 'ENGINE_UNAUTHORIZED',
        message: expect.stringMatching(/token for Trino cannot be read \(ENOENT\)/),
      });
      renew('');
      await expect(currentUser(engine)).rejects.toMatchObject({ code: 'ENGINE_UNAUTHORIZED' });
      renew(await sign());
      expect(await currentUser(engine)).toBe('liftql');
    });
  });

  test('a query that runs when its token ends goes on, and can be cancelled', async () => {
    const auth = token(await sign({ expiresIn: LIFE_SECONDS }));
    const mark = newMark('outlived');
    await withSecure({ auth }, async (engine) => {
      const caller = new AbortController();
      const running = failureOf(engine.query(endless(mark), { signal: caller.signal }), { auth });
      await afterLife();
      await expect(currentUser(engine)).rejects.toMatchObject({ code: 'ENGINE_UNAUTHORIZED' });
      expect(await queriesOf(mark)).toMatchObject([{ ended: null }]);
      caller.abort();
      expect((await running).code).toBe('ENGINE_CANCELLED');
      expect(await queriesOnce(mark, 1, hasEnded)).toMatchObject([{ user: 'liftql', errorCode: 'USER_CANCELED' }]);
    });
  });
});
