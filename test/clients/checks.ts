import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client/core';
import { GraphQLClient } from 'graphql-request';
import { ScorecardDocument, VerdictDocument } from './documents.generated.ts';

const run = promisify(execFile);

/** One thing that a real client does against the running demo; throws if the answer is not what the demo's truth says. */
export interface ClientCheck {
  readonly name: string;
  run(url: string): Promise<void>;
}

/** The demo's clear winner and its clear loser. */
const WINNER = 'checkout_button';
const LOSER = 'free_shipping_banner';

export const CLIENT_CHECKS: readonly ClientCheck[] = [
  {
    name: 'graphql-request, typed documents: scorecard',
    run: async (url) => {
      const { experiment } = await new GraphQLClient(url).request(ScorecardDocument, { experiment: WINNER });
      const nodes = experiment?.results?.nodes ?? [];
      assert.equal(nodes.length, experiment?.results?.totalCount);
      const goal = nodes.find(({ role }) => role === 'GOAL');
      assert.equal(goal?.outcome, 'BETTER');
      assert.ok((goal.adjustedPValue ?? 1) < 0.05);
    },
  },
  {
    name: 'graphql-request: a page that is too large is refused with a code',
    run: async (url) => {
      await assert.rejects(
        new GraphQLClient(url).request(ScorecardDocument, { experiment: WINNER, first: 501 }),
        /BAD_USER_INPUT/,
      );
    },
  },
  {
    name: 'Apollo Client, typed documents: verdict, and its cache by id',
    run: async (url) => {
      const client = new ApolloClient({ link: new HttpLink({ uri: url, fetch }), cache: new InMemoryCache() });
      const winner = await client.query({ query: VerdictDocument, variables: { experiment: WINNER } });
      const loser = await client.query({ query: VerdictDocument, variables: { experiment: LOSER } });
      assert.equal(winner.data?.experiment?.summary?.verdict, 'SHIP');
      assert.equal(loser.data?.experiment?.summary?.verdict, 'ROLL_BACK');
      await client.query({ query: ScorecardDocument, variables: { experiment: WINNER } });
      const cached = client.readQuery({ query: ScorecardDocument, variables: { experiment: WINNER } });
      assert.equal(cached?.experiment?.key, WINNER);
      assert.equal(
        new Set(cached.experiment.results?.nodes.map(({ id }) => id)).size,
        cached.experiment.results?.totalCount,
      );
    },
  },
  {
    name: 'curl: one line of JSON',
    run: async (url) => {
      const body = JSON.stringify({ query: '{ service { version engine clock } experiments { totalCount } }' });
      const { stdout } = await run('curl', ['-sS', '--fail', '-H', 'content-type: application/json', '-d', body, url]);
      const { data } = JSON.parse(stdout) as {
        data: { service: { engine: string }; experiments: { totalCount: number } };
      };
      assert.equal(data.service.engine, 'DUCKDB');
      assert.ok(data.experiments.totalCount >= 8);
    },
  },
  {
    name: 'Python gql with pandas: scorecard and verdicts into data frames',
    run: async (url) => {
      const python = process.env.LIFTQL_PYTHON;
      assert.ok(python, 'LIFTQL_PYTHON names no Python with gql and pandas; scripts/python-clients makes one.');
      await run(python, [new URL('pandas_scorecard.py', import.meta.url).pathname, url]);
    },
  },
];
