import { expect } from 'vitest';
import { canonicalInstant } from '../../../src/core/instant.ts';
import { ask, type Data, type TestService } from '../../support/service.ts';
import { type Rows, sorted } from './rows.ts';

const METRICS = `{ metrics(first: 500, filter: { includeDeprecated: true }) { pageInfo { hasNextPage } nodes {
  name title description type goodWhen format owner tags deprecated version { number }
  versions { number definition hash validFrom changelog file line } } } }`;

/** That every version of every metric is as the API tells it; how many there are. */
export async function compareDefinitions(read: Rows, service: TestService): Promise<number> {
  const { metrics } = await ask(service, METRICS);
  expect(metrics.pageInfo.hasNextPage).toBe(false);
  const expected = (metrics.nodes as readonly Data[]).flatMap((metric) =>
    (metric.versions as readonly Data[]).map((version) => {
      const isCurrent = version.number === metric.version.number;
      return {
        ...{ metric: metric.name, version: version.number, is_current: isCurrent, title: metric.title },
        ...{ description: metric.description, owner: metric.owner, tags: metric.tags, deprecated: metric.deprecated },
        ...{ hash: version.hash, definition: version.definition, changelog: version.changelog },
        ...{ valid_from: instant(version.validFrom), file: version.file, line: version.line },
        // The API tells them of the current version.
        ...(isCurrent ? { type: metric.type, good_when: metric.goodWhen, format: metric.format } : {}),
      };
    }),
  );
  const got = (await read('metric_definitions')).map(({ as_of: _, type, good_when, format, ...row }) => ({
    ...{ ...row, version: Number(row.version), line: Number(row.line), valid_from: instant(row.valid_from) },
    ...{ tags: JSON.parse(String(row.tags)), definition: JSON.parse(String(row.definition)) },
    ...(row.is_current ? { type, good_when, format } : {}),
  }));
  expect(sorted(got)).toEqual(sorted(expected));
  return got.length;
}

const instant = (value: unknown): string | null =>
  value === null || value === undefined ? null : canonicalInstant(String(value));
