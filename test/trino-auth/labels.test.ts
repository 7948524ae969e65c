import { expect, test } from 'vitest';
import type { QueryLabels } from '../../src/engine/engine.ts';
import type { TrinoOptions } from '../../src/engine/trino/options.ts';
import { newMark, type ObservedQuery, queriesOf, sessionOf } from './observed.ts';
import { describeSecure, password, rightPassword, withSecure } from './secure-trino.ts';

/** What Trino remembers of a query that was asked with these settings and labels. */
async function observed(options: Partial<TrinoOptions>, labels?: QueryLabels): Promise<ObservedQuery> {
  const mark = newMark('labelled');
  await withSecure({ auth: password(rightPassword()), impersonate: true, ...options }, (engine) =>
    engine.query({ sql: `select '${mark}'`, parameters: [] }, { user: 'anna', labels }),
  );
  const [query] = await queriesOf(mark);
  return query!;
}

describeSecure('what the operators of Trino see', () => {
  test.each<[string, string, Partial<TrinoOptions>]>([
    ['liftql', 'liftql.interactive', { source: 'liftql' }],
    ['liftql-nightly', 'liftql.interactive', { source: 'liftql-nightly', clientTags: [] }],
    ['liftql', 'liftql.batch', { source: 'liftql', clientTags: ['batch'] }],
    ['liftql', 'liftql.batch', { source: 'liftql', clientTags: ['metric-layer', 'batch', 'team:growth'] }],
    ['liftql', 'liftql.interactive', { source: 'liftql', clientTags: ['batches'] }],
    ['report of anna', 'others', { source: 'report of anna', clientTags: ['batch'] }],
  ])('source %s is in the group %s with %j', async (source, group, options) => {
    expect(await observed(options)).toMatchObject({ user: 'anna', source, group });
  });

  test('tags, the request and its purpose, the session', async () => {
    const { id } = await observed(
      { clientTags: ['metric-layer', 'team:växt'], catalog: 'tpch', schema: 'tiny', session: { query_priority: '3' } },
      { requestId: 'req-1 ÅÄ\n"', purpose: 'moments of "köp"\r\n' },
    );
    const session = await sessionOf(id);
    expect(session).toMatchObject({
      user: 'anna',
      principal: 'liftql',
      catalog: 'tpch',
      schema: 'tiny',
      traceToken: 'req-1"',
      timeZoneKey: 0,
      userAgent: 'liftql',
      systemProperties: { query_priority: '3', query_max_run_time: expect.stringMatching(/^(59|60)s$/) },
    });
    expect([...(session.clientTags as readonly string[])].sort()).toEqual(['metric-layer', 'team:växt']);
    expect(JSON.parse(String(session.clientInfo))).toEqual({
      requestId: 'req-1 ÅÄ\n"',
      purpose: 'moments of "köp"\r\n',
    });
  });
});
