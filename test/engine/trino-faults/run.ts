import { openAdapter, openNaive } from './clients.ts';
import { deadlinesSummary, playDeadlines } from './deadlines.ts';
import { disconnectsSummary, playDisconnects } from './disconnects.ts';
import { FAULTS, PHASES } from './faults.ts';
import { CELLS, NAIVE_CELLS, playCells, ROWS } from './play.ts';
import { createPrng } from './prng.ts';
import { playRandom, randomSummary } from './random.ts';
import { TRINO_URL } from './real.ts';
import { playRealFaults, realFaultsSummary } from './real-faults.ts';
import { plainTable, tableOfAllTypes } from './table.ts';

/**
 * The fault suite of the Trino adapter in full. `--json` prints the results for programs. What needs a real Trino is left out,
 * and said to be, without TRINO_URL. Exit code 1: something does not hold.
 */

interface PartResult {
  readonly part: string;
  /** Null: it was left out. */
  readonly passed: boolean | null;
  readonly summary: string;
  readonly failures: readonly string[];
  readonly facts: unknown;
}

const json = process.argv.includes('--json');
const seed = Number(process.env.TRINO_FAULTS_SEED ?? 20_261_123);
const OVERSHOOT_MS = 250;

/** Tells of every tenth of the way. */
function progress(part: string, of: number): () => void {
  let done = 0;
  return () => {
    done += 1;
    if (done % Math.ceil(of / 10) === 0 || done === of) console.error(`${part}: ${done} of ${of}`);
  };
}

async function cells(): Promise<Omit<PartResult, 'part'>> {
  const table = tableOfAllTypes(createPrng(476), ROWS);
  const started = performance.now();
  const reports = await playCells(CELLS, { table, open: openAdapter }, progress('cells', CELLS.length));
  const failures = reports.flatMap(({ name, violations }) => violations.map((violation) => `${name}: ${violation}`));
  const right = reports.filter(({ violations }) => violations.length === 0).length;
  const rows = reports.filter(({ ended }) => ended === 'rows').length;
  const wrong = reports.filter(({ ended }) => ended === 'WRONG ROWS').length;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  return {
    passed: failures.length === 0,
    summary: `${right} of ${reports.length} cells hold (${FAULTS.length} faults, ${PHASES.length} phases, ${seconds} s): ${rows} right rows, ${reports.length - rows - wrong} errors, ${wrong} silently wrong`,
    failures,
    facts: reports,
  };
}

async function naive(): Promise<Omit<PartResult, 'part'>> {
  const reports = await playCells(
    NAIVE_CELLS,
    { table: plainTable(ROWS), open: openNaive },
    progress('control', NAIVE_CELLS.length),
  );
  const wrong = reports.filter(({ ended }) => ended === 'WRONG ROWS').map(({ name }) => name);
  return {
    passed: wrong.length > 0,
    summary: `trino-client alone is silently wrong in ${wrong.length} of ${reports.length} cells`,
    failures: wrong.length > 0 ? [] : ['the suite cannot tell a naive client from a right one'],
    facts: wrong,
  };
}

async function random(): Promise<Omit<PartResult, 'part'>> {
  const requests = Number(process.env.TRINO_FAULTS_REQUESTS ?? 5_000);
  const report = await playRandom({ requests, seed, atOnce: 64, told: progress('random', requests) });
  const short = report.faultless.rows < report.faultless.requests ? ['requests without a fault failed'] : [];
  const failures = [...report.failures, ...short];
  return { passed: failures.length === 0, summary: randomSummary(report), failures, facts: report };
}

async function deadlines(): Promise<Omit<PartResult, 'part'>> {
  const report = await playDeadlines({ scripted: 200, real: 40, server: TRINO_URL, seed });
  // Where the machine itself was late, only what the adapter adds to it counts; the summary says both.
  const late =
    report.latestBeyondTimer > OVERSHOOT_MS
      ? [`${Math.round(report.latestBeyondTimer)} ms later than a plain timer`]
      : [];
  const failures = [...report.failures, ...late];
  return { passed: failures.length === 0, summary: deadlinesSummary(report), failures, facts: report };
}

const LEFT_OUT = { passed: null, summary: 'left out: TRINO_URL is not set', failures: [], facts: null };

async function realFaults(): Promise<Omit<PartResult, 'part'>> {
  if (TRINO_URL === null) return LEFT_OUT;
  const queries = 300;
  const report = await playRealFaults({ server: TRINO_URL, queries, seed, told: progress('real Trino', queries) });
  return {
    passed: report.failures.length === 0,
    summary: realFaultsSummary(report),
    failures: report.failures,
    facts: report,
  };
}

async function disconnects(): Promise<Omit<PartResult, 'part'>> {
  if (TRINO_URL === null) return LEFT_OUT;
  const number = 500;
  const report = await playDisconnects({
    server: TRINO_URL,
    disconnects: number,
    atOnce: 8,
    seed,
    told: progress('disconnects', number),
  });
  const none = report.reached === 0 ? ['no query was seen on the server'] : [];
  const failures = [...report.failures, ...none];
  return {
    passed: failures.length === 0,
    summary: disconnectsSummary(report),
    failures,
    facts: report,
  };
}

const PARTS = { cells, control: naive, random, deadlines, 'real Trino': realFaults, disconnects };

const results: PartResult[] = [];
for (const [part, play] of Object.entries(PARTS)) results.push({ part, ...(await play()) });

if (json) console.log(JSON.stringify(results, null, 2));
else {
  for (const { part, passed, summary, failures } of results) {
    console.log(`${passed === null ? '-   ' : passed ? 'ok  ' : 'FAIL'} ${part.padEnd(12)} ${summary}`);
    for (const failure of failures.slice(0, 50)) console.log(`       ${failure}`);
  }
}
// What a client of the negative control left open must not keep the run from ending.
process.stdout.write('', () => process.exit(results.every(({ passed }) => passed !== false) ? 0 : 1));
