import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { DEMO_EXPERIMENTS } from '../../src/demo/experiments.ts';
import { type DemoRows, generateDemo } from '../../src/demo/generate.ts';
import { DEMO_SETTINGS } from '../../src/demo/settings.ts';

const TABLES = ['users', 'user_events', 'experiment_assignments', 'survey_answers', 'experiments'];

let directory: string;
let demo: string;
let rows: DemoRows;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'liftql-demo-'));
  demo = join(directory, 'demo.duckdb');
  rows = await generateDemo(demo);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** The first row of a query over a generated file. */
async function ask(path: string, sql: string): Promise<Record<string, unknown>> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  try {
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(sql);
    connection.closeSync();
    return reader.getRowObjects()[0]!;
  } finally {
    instance.closeSync();
  }
}

/** One number per table that follows from every value and from the order of rows. */
function checksums(path: string): Promise<Record<string, unknown>> {
  const sums = TABLES.map((table) => `(SELECT sum(hash(t.rowid, t)) FROM raw.${table} t)::VARCHAR AS ${table}`);
  return ask(path, `SELECT ${sums.join(', ')}`);
}

test('two runs write the same rows in the same order, whatever the threads', async () => {
  const paths = [join(directory, 'many.duckdb'), join(directory, 'one.duckdb')] as const;
  await generateDemo(paths[0], { scale: 0.05 });
  await generateDemo(paths[1], { scale: 0.05, threads: 1 });
  expect(await checksums(paths[0])).toEqual(await checksums(paths[1]));
});

test('the demo is as large as promised and ends at its clock', async () => {
  expect(rows.users).toBe(200_000);
  expect(rows.events).toBeGreaterThan(3_000_000);
  const found = await ask(
    demo,
    `SELECT max(event_at)::VARCHAR AS latest, min(event_at)::VARCHAR AS earliest, count(DISTINCT event_name)::INTEGER AS names,
       (SELECT max(assigned_at)::VARCHAR FROM raw.experiment_assignments) AS assigned
     FROM raw.user_events`,
  );
  expect(found.names).toBe(8);
  for (const latest of [found.latest, found.assigned]) expect(String(latest) > '2026-05-31 23:').toBe(true);
  expect(String(found.latest) < DEMO_SETTINGS.clock).toBe(true);
  expect(String(found.earliest) >= DEMO_SETTINGS.from).toBe(true);
});

describe('dirt', () => {
  test.each([
    ['re-sent events', 'SELECT count(*) - count(DISTINCT event_id) FROM raw.user_events', 2_000, 20_000],
    ['events without a user', 'SELECT count(*) FROM raw.user_events WHERE user_id IS NULL', 500, 5_000],
    [
      'purchases without an amount',
      "SELECT count(*) FROM raw.user_events WHERE event_name = 'purchase' AND amount IS NULL",
      20,
      1_000,
    ],
    ['whales', 'SELECT count(*) FROM raw.user_events WHERE amount > 30000', 2, 4],
    ['assignments without a user', 'SELECT count(*) FROM raw.experiment_assignments WHERE user_id IS NULL', 50, 1_000],
    ['a ghost variant', "SELECT count(*) FROM raw.experiment_assignments WHERE variant = 'legacy'", 50, 1_000],
    ['bots', 'SELECT count(DISTINCT user_id) FROM raw.experiment_assignments WHERE is_bot', 500, 3_000],
    [
      're-exposures',
      `SELECT count(*) FROM (SELECT 1 FROM raw.experiment_assignments WHERE user_id IS NOT NULL
         GROUP BY experiment_id, user_id, variant HAVING count(*) > 1)`,
      10_000,
      100_000,
    ],
  ])('has %s', async (_, sql, least, most) => {
    const { n } = await ask(demo, `SELECT (${sql})::INTEGER AS n`);
    expect(n).toBeGreaterThanOrEqual(least);
    expect(n).toBeLessThanOrEqual(most);
  });

  test('few users are in two variants, in every experiment', async () => {
    const { worst, least } = await ask(
      demo,
      `WITH users AS (
         SELECT experiment_id, count(DISTINCT variant) > 1 AS several FROM raw.experiment_assignments
         WHERE user_id IS NOT NULL AND variant <> 'legacy' GROUP BY experiment_id, user_id
       )
       SELECT max(share) AS worst, min(share) AS least
       FROM (SELECT avg(several::INTEGER) AS share FROM users GROUP BY experiment_id)`,
    );
    expect(worst).toBeLessThan(0.005);
    expect(least).toBeGreaterThan(0);
  });
});

/** How many standard errors more of the treatment's users bought in the week after exposure (`shift` -7: before it). */
async function gainOfBuyers(experiment: string, shift: 0 | -7): Promise<number> {
  const { z } = await ask(
    demo,
    `WITH exposed AS (
       SELECT user_id, min(variant) AS variant, min(assigned_at) + to_days(${shift}) AS since
       FROM raw.experiment_assignments WHERE experiment_id = '${experiment}' AND user_id IS NOT NULL
       GROUP BY user_id HAVING count(DISTINCT variant) = 1
     ),
     buyers AS (
       SELECT DISTINCT x.user_id FROM exposed x JOIN raw.user_events e ON e.user_id = x.user_id
         AND e.event_name = 'purchase' AND e.event_at >= x.since AND e.event_at < x.since + INTERVAL 7 DAY
     ),
     arms AS (
       SELECT variant, count(*) AS n, count(b.user_id) / count(*) AS p
       FROM exposed LEFT JOIN buyers b USING (user_id) GROUP BY variant
     )
     SELECT (t.p - c.p) / sqrt(t.p * (1 - t.p) / t.n + c.p * (1 - c.p) / c.n) AS z
     FROM arms t, arms c WHERE t.variant = 'treatment' AND c.variant = 'control'`,
  );
  return Number(z);
}

test('an effect shows after the exposure and not before', async () => {
  expect(await gainOfBuyers('free_shipping_banner', 0)).toBeLessThan(-5);
  expect(Math.abs(await gainOfBuyers('free_shipping_banner', -7))).toBeLessThan(3);
  expect(Math.abs(await gainOfBuyers('homepage_aa', 0))).toBeLessThan(2);
});

test('a failed run leaves the old file and nothing else', async () => {
  const before = await stat(demo);
  const files = await readdir(directory);
  const onProgress = (step: string) => {
    if (step === 'sessions') throw new Error('stopped');
  };
  await expect(generateDemo(demo, { scale: 0.01, onProgress })).rejects.toThrow('stopped');
  expect((await stat(demo)).mtimeMs).toBe(before.mtimeMs);
  expect(await readdir(directory)).toEqual(files);
});

describe('the catalog in metrics/ plans what the generator runs', () => {
  const read = async (file: string) => parse(await readFile(new URL(`../../metrics/${file}`, import.meta.url), 'utf8'));

  test('the same clock', async () => {
    const { clock } = await read('catalog.yaml');
    expect(clock).toBe(`${DEMO_SETTINGS.clock.replace(' ', 'T')}Z`);
  });

  test('the same experiments, starts and weights', async () => {
    const { experiments } = await read('experiments.yaml');
    expect(Object.keys(experiments).sort()).toEqual(DEMO_EXPERIMENTS.map(({ key }) => key).sort());
    for (const { key, start, arms, flagged } of DEMO_EXPERIMENTS) {
      if (flagged) continue;
      const planned = experiments[key];
      expect(planned.start, key).toBe(`${start}T00:00:00Z`);
      const weights = Object.entries<{ weight: number }>(planned.variants).map(([variant, { weight }]) => [
        variant,
        weight,
      ]);
      expect(weights, key).toEqual(arms.map(({ variant, weight }) => [variant, weight]));
    }
  });
});
