import { expect } from 'vitest';
import { canonicalInstant } from '../../../src/core/instant.ts';
import type { Row } from '../../../src/engine/engine.ts';
import { untoldMetrics } from '../../../src/models/anomalies/daily-metrics.ts';
import { differences } from '../../support/close.ts';
import { ask, type Data, type TestService } from '../../support/service.ts';
import type { Rows } from './rows.ts';

const anomalies = (key: string, asOf: string) => `{
  experiment(key: "${key}") {
    anomalies(first: 500, asOf: "${asOf}") {
      totalCount
      nodes { kind scope severity metric { name } variant { key } startAt endAt observed expected { lower upper level } score }
    }
  }
}`;

/** That the anomalies of some experiments are those of GraphQL, each of them; how many there are, by kind. */
export async function compareAnomalies(
  rows: Rows,
  service: TestService,
  { asOf, keys }: { readonly asOf: string; readonly keys: readonly string[] },
): Promise<Readonly<Record<string, number>>> {
  const all = await rows('metric_anomalies');
  const untold = new Set(
    untoldMetrics(service.catalog()).map(({ experiment, metric }) => `${experiment.key} ${metric.metric}`),
  );
  const kinds: Record<string, number> = {};
  for (const key of keys) {
    const own = all.filter(({ experiment }) => experiment === key);
    const found = own.filter(({ unknown }) => unknown === null).map(ofRow);
    expect(new Set(own.filter(({ unknown }) => unknown !== null).map(({ metric }) => `${key} ${metric}`))).toEqual(
      new Set([...untold].filter((one) => one.startsWith(`${key} `))),
    );
    const { nodes, totalCount } = (await ask(service, anomalies(key, asOf))).experiment.anomalies;
    expect(nodes).toHaveLength(totalCount);
    const told = (nodes as readonly Data[])
      .filter(({ kind, metric }) => kind === 'OUTLIER_UNIT' || !untold.has(`${key} ${metric.name}`))
      .map(ofNode);
    const inOrder = (some: readonly Told[]) => some.toSorted((a, b) => (a.of < b.of ? -1 : 1));
    expect(inOrder(found).map(({ of }) => of)).toEqual(inOrder(told).map(({ of }) => of));
    const expected = inOrder(told);
    for (const [i, { of, ...numbers }] of inOrder(found).entries())
      expect([of, differences(numbers, rest(expected[i]!), 1e-9)]).toEqual([of, []]);
    for (const { kind } of nodes as readonly Data[]) kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return kinds;
}

const rest = ({ of: _, ...numbers }: Told): object => numbers;

interface Told {
  /** What it is and of what. */
  readonly of: string;
  readonly observed: unknown;
  readonly lower: unknown;
  readonly upper: unknown;
  readonly level: unknown;
  readonly score: unknown;
}

const instant = (value: unknown) => (value === null ? null : canonicalInstant(String(value)));

const ofNode = ({ kind, scope, severity, metric, variant, startAt, endAt, observed, expected, score }: Data): Told => ({
  of: [metric.name, kind, scope, variant?.key ?? null, severity, instant(startAt), instant(endAt)].join(' '),
  ...{
    observed,
    score,
    lower: expected?.lower ?? null,
    upper: expected?.upper ?? null,
    level: expected?.level ?? null,
  },
});

const ofRow = (row: Row): Told => ({
  of: [row.metric, row.kind, row.scope, row.variant, row.severity, instant(row.start_at), instant(row.end_at)].join(
    ' ',
  ),
  ...{ observed: row.observed, score: row.score },
  ...{ lower: row.expected_lower, upper: row.expected_upper, level: row.expected_level },
});
