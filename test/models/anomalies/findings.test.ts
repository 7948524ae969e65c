import { describe, expect, test } from 'vitest';
import type { DailyValue } from '../../../src/experiment/anomalies-daily.ts';
import { type Finding, findAnomalies } from '../../../src/experiment/anomalies-detect.ts';
import { DAYS_FOUND, findingSteps } from '../../../src/models/anomalies/findings.ts';
import { listed } from '../../../src/models/results/listed.ts';
import { inlined } from '../../../src/sql/literal.ts';
import { ident, join, sql } from '../../../src/sql/sql.ts';
import { as, statement } from '../../../src/sql/statement.ts';
import { seeded } from '../../statistics/series-draws.ts';
import { differences } from '../../support/close.ts';
import { describeOn, type EngineName } from '../../support/engines.ts';
import { cellOf, dialectOf, runOn } from '../support.ts';

type Change = (day: number, value: number) => number | null;

/** What is put into daily values about 100 with a weekly season of 40 % and noise of 5 %. */
const CHANGES: Readonly<Record<string, Change>> = {
  nothing: (_, value) => value,
  'a spike': (day, value) => (day === 9 || day === 40 ? value + 60 : value),
  'a drop beside a spike': (day, value) => (day === 12 ? value - 90 : day === 13 ? value + 90 : value),
  'a row of days': (day, value) => (day >= 30 && day < 37 ? value - 60 : value),
  'a new level': (day, value) => (day >= 38 ? value + 40 : value),
  'a new level and what is not it': (day, value) =>
    day === 20 ? value - 60 : day === 45 ? value - 80 : day >= 38 ? value + 30 : value,
  'a trend': (day, value) => value + 1.5 * day,
  'days without rows': (day, value) => (day === 5 || day === 30 || day === 31 ? null : value),
  'weeks without rows': (day, value) => (day >= 20 && day < 34 ? null : day === 50 ? value + 80 : value),
  'half of the days': (day, value) => (day % 2 === 0 ? null : value),
  'never another value': () => 5,
  nought: () => 0,
};
const WEEKDAYS = [1, 1.1, 1.05, 1, 1.2, 0.7, 0.6];
const LENGTHS = [1, 13, 14, 20, 27, 28, 35, 50, 56, 90];

interface Case {
  readonly name: string;
  readonly days: readonly DailyValue[];
}

function drawn(name: string, change: Change, length: number, seed: number): Case {
  const { normal } = seeded(seed);
  const days = Array.from({ length }, (_, i) => {
    const value = change(i, 100 * WEEKDAYS[i % 7]! + 5 * normal());
    const date = new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10);
    const period = { name: date, at: `${date}T00:00:00.000000Z`, end: `${date}T00:00:00.000000Z`, date };
    const standardError = i % 11 === 3 ? 9 : i % 17 === 5 ? 30 : 5 + 0.01 * normal();
    return { period, value, standardError, atRisk: seed % 5 === 0 ? null : 1000, active: value === null ? 0 : 400 };
  });
  return { name: `${name}, ${length} days`, days };
}

const CASES: readonly Case[] = [
  ...Object.entries(CHANGES).flatMap(([name, change], i) =>
    LENGTHS.map((length, j) => drawn(name, change, length, 100 * i + j)),
  ),
  // Longer than the seasonal window of 35 weeks.
  drawn('a spike', CHANGES['a spike']!, 280, 7),
  drawn('a new level', CHANGES['a new level']!, 300, 8),
];

const COLUMNS = ['metric', 'kind', 'first', 'last', 'observed', 'lower', 'upper', 'score'] as const;

/** What SQL finds in the series, by metric. */
async function foundBySql(engine: EngineName): Promise<(metric: string) => readonly object[]> {
  const dialect = dialectOf(engine);
  const { positions, each, size } = dialect.arrays;
  const lists = ['value', 'standardError', 'atRisk', 'active'] as const;
  const texts = CASES.map(({ days }, i) => [
    `m${i}`,
    ...lists.map((name) => JSON.stringify(days.map((day) => day[name]))),
  ]);
  const written = listed(
    dialect,
    ['metric', ...lists].map((name) => ({ name, type: 'STRING' })),
    texts,
  );
  const doubles = (name: string) =>
    engine === 'Trino' ? sql`cast(json_parse(${ident(name)}) as array(double))` : sql`cast(${ident(name)} as double[])`;
  const parsed = sql`select "metric", ${join(
    lists.map((name) => as(doubles(name), name)),
    ', ',
  )} from (${written}) as w`;
  const dates = each(
    positions(size(ident('active'))),
    'i',
    (i) => sql`timestamp '2026-01-01 00:00:00.000000' + (${i} - 1) * interval '1' day`,
  );
  const series = sql`select 'e' as "experiment", "metric", 1 as "version", cast(null as varchar) as "variant", ${dates} as "dates", ${dates} as "start_ats", ${dates} as "end_ats", "value" as "daily_value", "standardError" as "daily_error", "atRisk" as "daily_at_risk", "active" as "daily_active" from (${parsed}) as p`;
  const steps = [{ name: 'series', comment: 'made-up series', query: series }, ...findingSteps(dialect)];
  const select = sql`select "metric", "kind", substr(cast("start_at" as varchar), 1, 10), substr(cast("end_at" as varchar), 1, 10), "observed", "expected_lower", "expected_upper", "score" from ${ident(DAYS_FOUND)}`;
  const rows = await runOn(engine, inlined(statement(steps, select, dialect.reuse)));
  const found = rows.map((row) => Object.fromEntries(COLUMNS.map((name, i) => [name, cellOf(row[i])])));
  return (of) => found.filter(({ metric }) => metric === of).map(({ metric: _, ...finding }) => finding);
}

const inOrder = (findings: readonly object[]) =>
  findings.toSorted((a, b) => (JSON.stringify(keyOf(a)) < JSON.stringify(keyOf(b)) ? -1 : 1));
const keyOf = (finding: object) => {
  const { kind, first, last } = finding as Record<string, unknown>;
  return { kind, first, last };
};

const asTold = (days: readonly DailyValue[], { kind, first, last, observed, expected, score }: Finding) => ({
  ...{ kind, first: days[first]!.period.date, last: last === null ? null : days[last]!.period.date, observed },
  ...{ lower: expected?.lower ?? null, upper: expected?.upper ?? null, score: Math.abs(score) },
});

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    test('finds in each series what the API finds', async () => {
      const told = await foundBySql(engine);
      for (const [i, { name, days }] of CASES.entries()) {
        const expected = inOrder(findAnomalies(days).map((finding) => asTold(days, finding)));
        const found = inOrder(told(`m${i}`));
        expect([name, found.map(keyOf)]).toEqual([name, expected.map(keyOf)]);
        expect([name, differences(found, expected, 1e-9)]).toEqual([name, []]);
      }
    });
  });

describe('the series', () => {
  test('have all kinds of findings, and none at all', () => {
    const all = CASES.map(({ days }) => findAnomalies(days));
    expect(new Set(all.flat().map(({ kind }) => kind))).toEqual(
      new Set(['SPIKE', 'DROP', 'MISSING_DATA', 'LEVEL_SHIFT']),
    );
    expect(all.filter((findings) => findings.length === 0).length).toBeGreaterThan(20);
  });
});
