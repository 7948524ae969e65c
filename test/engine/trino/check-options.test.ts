import { describe, expect, test } from 'vitest';
import { checkOptions } from '../../../src/engine/trino/check-options.ts';
import { TRINO_DEFAULTS, type TrinoOptions } from '../../../src/engine/trino/options.ts';

const HTTPS = 'https://trino.test';
const PASSWORD = { kind: 'password', password: () => 'hunter2' } as const;
const check = (options: Partial<TrinoOptions>) => () => checkOptions({ ...TRINO_DEFAULTS, server: HTTPS, ...options });

describe('checkOptions', () => {
  test.each<[string, Partial<TrinoOptions>]>([
    ['https', {}],
    ['http without a secret', { server: 'http://localhost:8080/' }],
    ['a password over https', { auth: PASSWORD }],
    ['a password over http, knowingly', { server: 'http://localhost', auth: PASSWORD, allowInsecureAuth: true }],
    ['session properties of a catalog', { session: { 'iceberg.x_1': 'é,=' } }],
  ])('lets pass: %s', (_, options) => {
    expect(check(options)).not.toThrow();
  });

  test.each<[string, Partial<TrinoOptions>, RegExp]>([
    ['no URL', { server: 'trino' }, /must be a URL/],
    ['another protocol', { server: 'ftp://trino.test' }, /must be a URL/],
    ['a password in the URL', { server: 'https://a:hunter2@trino.test' }, /user or password in its URL/],
    ['a path', { server: 'https://trino.test/ui' }, /must end after/],
    ['a query', { server: 'https://trino.test?x=1' }, /must end after/],
    ['a trusted origin that is none', { trustedOrigins: ['trino'] }, /trustedOrigins/],
    ['a password over http', { server: 'http://trino.test', auth: PASSWORD }, /unencrypted/],
    ['a token over http', { server: 'http://trino.test', auth: { kind: 'jwt', token: () => 'x' } }, /unencrypted/],
    ['a password to a trusted http origin', { auth: PASSWORD, trustedOrigins: ['http://inside.test'] }, /inside\.test/],
    ['a colon in the user of a password', { auth: PASSWORD, user: 'a:b' }, /colon/],
    ['no user', { user: '' }, /`user` is empty/],
    ['a line break in the user', { user: 'a\r\nX-Trino-User: root' }, /`user`/],
    ['a line break in the source', { source: 'a\nb' }, /`source`/],
    ['Greek in the catalog', { catalog: 'αβ' }, /`catalog`/],
    ['a tab in the schema', { schema: 'a\tb' }, /`schema`/],
    ['a comma in a tag', { clientTags: ['a,b'] }, /comma/],
    ['a line break in a tag', { clientTags: ['a\nb'] }, /`clientTags`/],
    ['a property that is none', { session: { 'a=b,c': '1' } }, /`session`/],
    ['half a character in a property', { session: { a: '\ud800' } }, /surrogate/],
  ])('refuses %s', (_, options, message) => {
    expect(check(options)).toThrow(
      expect.objectContaining({ code: 'BAD_SETTING', message: expect.stringMatching(message) }),
    );
    expect(check(options)).not.toThrow(/hunter2/);
  });
});
