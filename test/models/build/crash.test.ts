import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeOn } from '../../support/engines.ts';
import { newPlace, TIMEOUT } from './places.ts';
import { contentsOf, expectedContents, ledgerOf, modelsFile, NEW, OLD, type Place, runAt } from './world.ts';

/** How many runs are killed at a random moment. */
/** Each is two or three runs on a coordinator. */
const RANDOM_KILLS_ON_TRINO = Number(process.env.LIFTQL_RANDOM_KILLS ?? '10');
const RANDOM_KILLS = Number(process.env.LIFTQL_RANDOM_KILLS ?? (process.env.CI ? '100' : '20'));
const PROGRAM = new URL('./killed.ts', import.meta.url).pathname;

interface Ended {
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  readonly output: string;
  /** Milliseconds from "ready" to the end. */
  readonly ms: number;
}

/** A run in a process of its own. `killAfter`: milliseconds from "ready". */
function runChild(
  place: Place,
  asOf: string,
  { killAt = '', killAfter }: { killAt?: string; killAfter?: number },
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PLACE: JSON.stringify(place), AS_OF: asOf, KILL_AT: killAt };
    const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let ready = 0;
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      if (ready > 0 || !output.includes('ready')) return;
      ready = performance.now();
      if (killAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfter);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, output, ms: performance.now() - ready }));
  });
}

/** What no kill may leave behind: a table that is neither, a row of the ledger that is half or twice there. */
async function checkWhole(place: Place, before: Readonly<Record<string, string>>): Promise<void> {
  const contents = await contentsOf(place);
  const isNew = Object.entries(contents).map(([model, content]) => {
    // The view shows what it is made from, which may be there before it is built again.
    expect([before[model], expectedContents(NEW)[model]], model).toContain(content);
    return content === expectedContents(NEW)[model];
  });
  if (place.engine === 'DuckDB') {
    expect(new Set(isNew).size, 'all old or all new').toBeLessThanOrEqual(1);
    if (!existsSync(modelsFile(place.directory))) return;
  }
  if (Object.keys(contents).length > 0) await checkLedger(place);
}

async function checkLedger(place: Place): Promise<void> {
  const ledger = await ledgerOf(place).catch((error: unknown) => {
    // The first run of all was killed before it.
    if (place.engine === 'Trino' && /does not exist/.test(JSON.stringify((error as { details?: object }).details)))
      return [];
    throw error;
  });
  const keys = ledger.map(({ build, model }) => `${build} ${model}`);
  expect(new Set(keys).size, 'no row twice').toBe(keys.length);
  for (const row of ledger)
    for (const column of ['build', 'model', 'mode', 'as_of', 'definition_hash', 'started_at'])
      expect(row[column], `${column} of ${JSON.stringify(row)}`).not.toBeNull();
}

/** The next run brings all to what a fresh one makes, and every build is in the ledger once. */
async function checkRecovery(place: Place, builds: number): Promise<void> {
  await runAt(place, NEW);
  expect(await contentsOf(place)).toEqual(expectedContents(NEW));
  await checkLedger(place);
  const built = (await ledgerOf(place)).filter(({ mode }) => mode === 'full');
  expect(built.map(({ model, as_of }) => `${model} ${String(as_of).slice(0, 16)}`).sort()).toEqual(
    [OLD, NEW]
      .slice(-builds)
      .flatMap((asOf) => Object.keys(expectedContents(asOf)).map((model) => `${model} ${asOf.slice(0, 16)}`))
      .sort(),
  );
  if (place.engine === 'DuckDB')
    expect(readdirSync(place.directory).sort()).toEqual(['models.duckdb', 'models.duckdb.lock', 'raw.duckdb']);
}

/** The steps of a run of this kind, as it names them itself. */
async function stepsOf(place: Place, asOf: string): Promise<readonly string[]> {
  const steps: string[] = [];
  await runAt(place, asOf, { onStep: (step) => steps.push(step) });
  return steps;
}

const BEGINNINGS = ['nothing', 'an old build'] as const;

describeOn('DuckDB', () => {
  let place: Place & { engine: 'DuckDB' };
  let old: string;
  const restore = (from: (typeof BEGINNINGS)[number]) => {
    const target = modelsFile(place.directory);
    for (const name of readdirSync(place.directory))
      if (name.startsWith('models.duckdb')) rmSync(`${place.directory}/${name}`);
    if (from === 'an old build') copyFileSync(old, target);
  };
  const steps = new Map<string, readonly string[]>();
  beforeAll(async () => {
    place = (await newPlace('DuckDB')) as typeof place; // as asked for
    steps.set('nothing', await stepsOf(place, OLD));
    old = `${place.directory}-old.duckdb`;
    copyFileSync(modelsFile(place.directory), old);
    steps.set('an old build', await stepsOf(place, NEW));
    return () => rmSync(old, { force: true });
  }, TIMEOUT);

  test('the steps are those that are thought of', () => {
    const models = Object.keys(expectedContents(NEW));
    expect(steps.get('nothing')).toEqual([
      ...['lock', 'copy', 'open', 'read state', 'make ledger'],
      ...models.flatMap((model) => [`build ${model}`, `record ${model}`]),
      ...['record skipped', 'publish', 'checkpoint', 'sync file', 'rename', 'sync folder', 'end'],
    ]);
    expect(steps.get('an old build')).toEqual(steps.get('nothing')!.filter((step) => step !== 'make ledger'));
  });

  describe.each(BEGINNINGS)('from %s', (from) => {
    test(
      'a run that is killed at any step leaves all old or all new, and the next completes',
      async () => {
        for (const step of steps.get(from)!) {
          restore(from);
          const before = from === 'nothing' ? {} : expectedContents(OLD);
          const ended = await runChild(place, NEW, { killAt: step });
          expect(ended.signal, `${step}: ${ended.output}`).toBe('SIGKILL');
          const isPublished = ['sync folder', 'end'].includes(step);
          expect(await contentsOf(place), step).toEqual(isPublished ? expectedContents(NEW) : before);
          await checkWhole(place, before);
          await checkRecovery(place, from === 'nothing' ? 1 : 2);
        }
      },
      TIMEOUT,
    );
  });

  test(
    `a run that is killed at ${RANDOM_KILLS} random moments does no harm`,
    async () => {
      restore('an old build');
      const whole = await runChild(place, NEW, {});
      expect(whole.code, whole.output).toBe(0);
      let killed = 0;
      for (let i = 0; i < RANDOM_KILLS; i += 1) {
        restore('an old build');
        // Spread over the run, and at random within each part.
        const killAfter = (whole.ms * (i + Math.random())) / RANDOM_KILLS;
        const { signal } = await runChild(place, NEW, { killAfter });
        if (signal === 'SIGKILL') killed += 1;
        await checkWhole(place, expectedContents(OLD));
        await checkRecovery(place, 2);
      }
      expect(killed).toBeGreaterThan(0);
    },
    TIMEOUT,
  );
});

describeOn('Trino', () => {
  let fresh: Place;
  let place: Place;
  let steps: readonly string[] = [];
  beforeAll(async () => {
    fresh = await newPlace('Trino');
    place = await newPlace('Trino');
    await runAt(place, OLD);
    steps = await stepsOf(place, NEW);
  }, TIMEOUT);

  test('the steps are those that are thought of', () => {
    expect(steps).toEqual([
      'read state',
      ...Object.keys(expectedContents(NEW)).flatMap((model) => [`build ${model}`, `record ${model}`]),
      ...['record skipped', 'publish'],
    ]);
  });

  test(
    'a run that is killed at any step leaves each table old or new, and the next completes',
    async () => {
      for (const step of steps) {
        await runAt(place, OLD);
        const before = new Set((await ledgerOf(place)).map(({ build }) => build));
        const ended = await runChild(place, NEW, { killAt: step });
        expect(ended.signal, `${step}: ${ended.output}`).toBe('SIGKILL');
        await checkWhole(place, expectedContents(OLD));
        await runAt(place, NEW);
        expect(await contentsOf(place), step).toEqual(expectedContents(NEW));
        await checkLedger(place);
        // Each was built once: what the killed run had built, written down or not, is not built again.
        const added = (await ledgerOf(place)).filter(({ build, mode }) => mode === 'full' && !before.has(build));
        expect(added.map(({ model }) => model).sort(), step).toEqual(Object.keys(expectedContents(NEW)).sort());
      }
    },
    TIMEOUT,
  );

  test(
    `a run that is killed at ${RANDOM_KILLS_ON_TRINO} random moments does no harm`,
    async () => {
      await runAt(place, OLD);
      const whole = await runChild(place, NEW, {});
      expect(whole.code, whole.output).toBe(0);
      let killed = 0;
      for (let i = 0; i < RANDOM_KILLS_ON_TRINO; i += 1) {
        await runAt(place, OLD);
        const killAfter = (whole.ms * (i + Math.random())) / RANDOM_KILLS_ON_TRINO;
        const { signal } = await runChild(place, NEW, { killAfter });
        if (signal === 'SIGKILL') killed += 1;
        // A statement that was sent goes on without its sender, and commits or not.
        await checkWhole(place, expectedContents(OLD));
        await runAt(place, NEW);
        expect(await contentsOf(place)).toEqual(expectedContents(NEW));
        await checkLedger(place);
      }
      expect(killed).toBeGreaterThan(0);
    },
    TIMEOUT,
  );

  test.each(['make ledger', 'build metric_definitions', 'record metric_definitions'])(
    'the first run of all is killed at "%s", and the next completes',
    async (step) => {
      const ended = await runChild(fresh, NEW, { killAt: step });
      // What the case before has left is gone on from.
      if (step !== 'make ledger' || ended.signal !== null) expect(ended.signal, ended.output).toBe('SIGKILL');
      await checkWhole(fresh, {});
    },
    TIMEOUT,
  );

  test('and then completes', () => checkRecovery(fresh, 1), TIMEOUT);
});
