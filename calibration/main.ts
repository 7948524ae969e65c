import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findingOf } from './claim.ts';
import { FAMILIES, SEED } from './families.ts';
import { runAll } from './pool.ts';
import { bandText, type FamilyFindings, markdown, plotsOf, summary, VERDICTS } from './report.ts';
import type { Family, Simulation } from './simulation.ts';
import type { Tallies } from './tally.ts';

const USAGE = `Usage: npm run calibrate -- [--only <pattern>] [--runs-scale 1] [--seed ${SEED}] [--workers n] [--json]
  --only        simulations whose name, claims or family match, upper or lower case
  --runs-scale  share of the runs; targets become wider by the Monte-Carlo error
docs/calibration.md is written by a run of everything at scale 1 with the usual seed.
Exit code: 0 all targets met, 1 a target missed or a negative control passed, 2 wrong usage.`;

const beside = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const progress = (text: string) => process.stderr.write(text);

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      'runs-scale': { type: 'string', default: '1' },
      seed: { type: 'string', default: String(SEED) },
      workers: { type: 'string', default: String(availableParallelism()) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [scale, seed, workers] = [values['runs-scale'], values.seed, values.workers].map(Number) as [
    number,
    number,
    number,
  ];
  if (!(scale > 0) || !Number.isInteger(seed) || !(Number.isInteger(workers) && workers > 0)) {
    throw new Error('--runs-scale is above 0, --seed and --workers are whole numbers.');
  }
  const pattern = values.only === undefined ? null : new RegExp(values.only, 'iu');
  return { scale, seed, workers, pattern, json: values.json, help: values.help };
}

function matches(pattern: RegExp | null, title: string, { name, claims }: Simulation): boolean {
  return pattern === null || [title, name, ...claims.map(({ what }) => what)].some((text) => pattern.test(text));
}

type Options = ReturnType<typeof readOptions>;

function choose({ pattern }: Options): readonly Family[] {
  const chosen = FAMILIES.map((family) => {
    return { ...family, simulations: family.simulations.filter((one) => matches(pattern, family.title, one)) };
  }).filter(({ simulations }) => simulations.length > 0);
  if (chosen.length === 0) throw new Error(`--only ${pattern?.source} matches no simulation.`);
  return chosen;
}

async function calibrate({ scale, seed, workers, pattern, json }: Options, chosen: readonly Family[]): Promise<number> {
  const simulations = chosen.flatMap((family) => family.simulations);
  const tallies = await runAll(simulations, { seed, workers, scale, onProgress: teller(simulations) });
  const families = chosen.map(({ title, note, simulations: own }): FamilyFindings => {
    const findings = own.flatMap(({ name, claims }) => claims.map((claim) => findingOf(claim, tallies.get(name)!)));
    return { title, note, findings };
  });
  process.stdout.write(json ? `${JSON.stringify({ seed, scale, families }, null, 2)}\n` : text(families));
  if (pattern === null && scale === 1 && seed === SEED) write(families, tallies, seed);
  progress(`${summary(families)}\n`);
  return families.some(({ findings }) => findings.some(({ verdict }) => verdict === 'MISSED')) ? 1 : 0;
}

/** Says on stderr which simulation is at work and what it has found so far: one line each, or one that is rewritten. */
function teller(simulations: readonly Simulation[]) {
  let done = 0;
  return ({ name, runs, claims }: Simulation, soFar: Tallies, isDone: boolean) => {
    if (isDone) done++;
    else if (!process.stderr.isTTY) return;
    const figure = claims[0]!.measure(soFar);
    const line = `${done}/${simulations.length} ${name}: ${figure.value.toFixed(4)} after ${soFar.runs.toLocaleString('en')} of ${runs.toLocaleString('en')} runs`;
    progress(process.stderr.isTTY ? `\r\u001b[K${line}${isDone ? '\n' : ''}` : `${line}\n`);
  };
}

function text(families: readonly FamilyFindings[]): string {
  const lines = families.flatMap(({ title, findings }) => [
    title,
    ...findings.map(({ what, promise, figure, target, verdict }) => {
      const asked = target === null ? '' : ` (target ${bandText(target)})`;
      return `  ${VERDICTS[verdict].replaceAll('*', '').padEnd(24)}${figure.value.toFixed(4)}${asked}  ${what}: ${promise}`;
    }),
  ]);
  return `${lines.join('\n')}\n`;
}

function write(families: readonly FamilyFindings[], tallies: ReadonlyMap<string, Tallies>, seed: number): void {
  const { version } = JSON.parse(readFileSync(beside('../package.json'), 'utf8')) as { version: string };
  const versions = `liftql ${version}, Node ${process.versions.node}`;
  const plots = plotsOf(families, tallies);
  const directory = beside('../docs/calibration');
  mkdirSync(directory, { recursive: true });
  for (const file of readdirSync(directory)) if (file.endsWith('.svg')) rmSync(`${directory}/${file}`);
  for (const { file, svg } of plots) writeFileSync(`${directory}/${file}`, svg);
  writeFileSync(beside('../docs/calibration.md'), markdown(families, plots, { seed, versions }));
}

function orUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    progress(`${error instanceof Error ? error.message : error}\n${USAGE}\n`);
    process.exit(2);
  }
}

const options = orUsage(readOptions);
if (options.help) process.stdout.write(`${USAGE}\n`);
else
  process.exitCode = await calibrate(
    options,
    orUsage(() => choose(options)),
  );
