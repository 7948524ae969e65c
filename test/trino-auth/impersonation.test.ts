import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { TrinoAuth } from '../../src/engine/trino/options.ts';
import { runOnTrino } from '../support/trino.ts';
import { issue, ownAuthority } from './certificates.ts';
import { hasEnded, newMark, queriesOf, queriesOnce } from './observed.ts';
import { startPassthrough } from './passthrough.ts';
import {
  certificate,
  currentUser,
  describeSecure,
  endless,
  expectSecretsKept,
  failureOf,
  openSecure,
  ownCertificate,
  password,
  refusalOf,
  rightPassword,
  secureOptions,
  tlsPort,
  token,
  withSecure,
} from './secure-trino.ts';
import { sign } from './tokens.ts';

/** A principal's proofs, of every kind. */
const PROOFS: readonly (readonly [string, (principal: string) => Promise<TrinoAuth>])[] = [
  ['password', async () => password(rightPassword())],
  ['token', async (principal) => token(await sign({ subject: principal }))],
  [
    'certificate',
    async (principal) => (principal === 'liftql' ? ownCertificate() : certificate(issue(principal, ownAuthority()))),
  ],
];

const asService = () => ({ auth: password(rightPassword()), impersonate: true });

describeSecure('impersonation', () => {
  describe.each(PROOFS)('with a %s', (_, proofOf) => {
    test('liftql runs queries as anna, and only those', async () => {
      const options = { auth: await proofOf('liftql'), impersonate: true };
      const mark = newMark('as anna');
      await withSecure(options, async (engine) => {
        expect(await currentUser(engine, 'anna')).toBe('anna');
        await engine.query({ sql: `select '${mark}'`, parameters: [] }, { user: 'anna' });
        await engine.estimate!({ sql: `select '${mark}'`, parameters: [] }, { user: 'anna' });
        await engine.describe({ sql: `select '${mark}'`, parameters: [] });
        expect((await queriesOf(mark)).map(({ user }) => user)).toEqual(['anna', 'anna', 'liftql']);
        expectSecretsKept(engine, secureOptions(options));
      });
    });

    test('the check at the start asks as whom it is told', async () => {
      const mark = `probe-${randomUUID()}`;
      await withSecure({ auth: await proofOf('liftql'), impersonate: true, probe: mark }, async () => {
        expect(await runOnTrino(`select count(*) from system.runtime.queries where "user" = '${mark}'`)).toEqual([[1]]);
      });
    });

    test('what Trino denies to one user is denied to that one alone', async () => {
      await withSecure({ auth: await proofOf('liftql'), impersonate: true }, async (engine) => {
        const ask = (user: string) =>
          engine.query({ sql: 'select count(*) as n from tpch.tiny.nation', parameters: [] }, { user });
        await expect(ask('mallory')).rejects.toMatchObject({ code: 'ENGINE_UNAUTHORIZED' });
        expect((await ask('anna')).rows).toEqual([{ n: 25 }]);
      });
    });

    test('reader is told at once that it may not', async () => {
      const error = await refusalOf({ user: 'reader', auth: await proofOf('reader'), impersonate: true });
      expect(error).toMatchObject({
        code: 'ENGINE_UNAUTHORIZED',
        message: expect.stringMatching(
          /^The engine's server https:\/\/localhost:\d+ refuses the first query: Access Denied: User reader cannot impersonate user liftql-probe\. Let reader impersonate users, liftql-probe among them, or switch impersonation off\.$/,
        ),
      });
    });

    test('a query that nobody waits for ends within a second, as whoever it ran', async () => {
      const options = { auth: await proofOf('liftql'), impersonate: true };
      const mark = newMark('left');
      const caller = new AbortController();
      await withSecure(options, async (engine) => {
        const running = engine.query(endless(mark), { user: 'anna', signal: caller.signal });
        const failure = failureOf(running, options);
        await queriesOnce(mark, 1);
        const left = Date.now();
        caller.abort();
        expect((await failure).code).toBe('ENGINE_CANCELLED');
        const [query] = await queriesOnce(mark, 1, hasEnded);
        expect(query).toMatchObject({ user: 'anna', errorCode: 'USER_CANCELED' });
        expect(query!.ended! - left).toBeLessThan(1000);
      });
    });

    test('closing the engine ends what runs', async () => {
      const options = { auth: await proofOf('liftql'), impersonate: true };
      const mark = newMark('closed');
      const engine = await openSecure(options);
      const running = ['anna', 'bob'].map((user) => failureOf(engine.query(endless(mark), { user }), options));
      let closed = 0;
      try {
        await queriesOnce(mark, 2);
      } finally {
        closed = Date.now();
        await engine.close();
      }
      expect((await Promise.all(running)).map(({ code }) => code)).toEqual(['ENGINE_CANCELLED', 'ENGINE_CANCELLED']);
      for (const { errorCode, ended } of await queriesOnce(mark, 2, hasEnded)) {
        expect(errorCode).toBe('USER_CANCELED');
        expect(ended! - closed).toBeLessThan(1000);
      }
    });
  });
});

describeSecure('whom a query may run as', () => {
  test.each([
    'anna@example.com',
    'Anna',
    'ANNA',
    "o'brien",
    'CN=Anna Larsson, OU="Growth"',
    'a:b',
    'zoë',
    'ÅÄÖ åäö',
    '../../root',
    '%00',
    'a'.repeat(200),
    'select',
    'liftql-probe',
  ])('%s: as they are called', async (user) => {
    await withSecure(asService(), async (engine) => expect(await currentUser(engine, user)).toBe(user));
  });

  test.each([undefined, null, '', ' ', 'anna ', 'anna\r\nX-Trino-User: root', 'anna\0', '安娜', 'anna\ud800'])(
    '%j: nobody, and nothing is sent',
    async (user) => {
      const passage = await startPassthrough(tlsPort());
      const options = { ...asService(), server: `https://localhost:${passage.port}` };
      await withSecure(options, async (engine) => {
        const before = [passage.connections, passage.sent];
        const statement = { sql: 'select current_user', parameters: [] };
        for (const ask of [engine.query(statement, { user }), engine.estimate!(statement, { user })])
          expect((await failureOf(ask, options)).code).toBe('ENGINE_UNAUTHORIZED');
        expect([passage.connections, passage.sent]).toEqual(before);
      });
    },
  );

  test('a user who may not is told so by Trino, and the next one is not', async () => {
    const native = { sql: "select * from table(postgres.system.query(query => 'select 1'))", parameters: [] };
    await withSecure(asService(), async (engine) => {
      expect(await failureOf(engine.query(native, { user: 'anna' }), asService())).toMatchObject({
        code: 'ENGINE_UNAUTHORIZED',
        details: {
          errorName: 'PERMISSION_DENIED',
          reason: 'Access Denied: Cannot execute function postgres.system.query',
        },
      });
      expect(await currentUser(engine, 'anna')).toBe('anna');
    });
  });

  test('without impersonation the user of a request counts for nothing', async () => {
    await withSecure({ auth: password(rightPassword()) }, async (engine) => {
      expect(await currentUser(engine, 'anna')).toBe('liftql');
    });
  });

  test('200 queries of 20 users at once: each sees who they are', async () => {
    const mark = newMark('crowd');
    // Not of the group that the rest of the tests share, so that they run at once indeed.
    const options = { ...asService(), source: 'crowd', concurrency: 20 };
    await withSecure(options, async (engine) => {
      const asked = Array.from({ length: 200 }, (_, i) => `user-${i % 20}`);
      const answers = await Promise.all(
        asked.map(async (user, i) => {
          // Whoever leaves leaves nothing behind for the next on the connection.
          if (i % 10 === 3) {
            const caller = new AbortController();
            const leaving = engine.query(endless(`left ${user}`), { user, signal: caller.signal }).catch(() => {});
            setTimeout(() => caller.abort(), i);
            await leaving;
          }
          const sql = `select current_user as name, '${mark}' as mark, ? as asked`;
          return (await engine.query({ sql, parameters: [user] }, { user })).rows[0]!;
        }),
      );
      expect(answers.map(({ name }) => name)).toEqual(asked);
      expect(answers.map((answer) => answer.asked)).toEqual(asked);
    });
    const seen = await queriesOf(mark);
    expect(seen).toHaveLength(200);
    for (const { text, user } of seen) expect(text).toContain(`'${user}'`);
  });
});
