import { expect } from 'vitest';
import { canonicalInstant } from '../../../src/core/instant.ts';
import type { FreshnessQuestion } from '../../../src/plan/question.ts';
import type { TestService } from '../../support/service.ts';
import { answers } from '../tables/support.ts';
import { type Rows, sorted } from './rows.ts';

/** That the rows of each source, and the latest of them, are as the planner finds them. */
export async function compareFreshness(read: Rows, service: TestService, asOf: string): Promise<void> {
  const got = (await read('source_freshness')).map(({ source, rows, latest }) => ({
    ...{ source, rows: Number(rows), latest: latest === null ? null : canonicalInstant(String(latest)) },
  }));
  const questions = got.map(({ source }): FreshnessQuestion => {
    return { kind: 'freshness', source: service.catalog().sources.get(String(source))!, asOf: canonicalInstant(asOf) };
  });
  const answerOf = await answers(service, questions);
  const expected = questions.map((question) => {
    const { rows, latest } = answerOf(question);
    return { source: question.source.name, rows, latest: latest === null ? null : canonicalInstant(latest) };
  });
  expect(sorted(got)).toEqual(sorted(expected));
}
