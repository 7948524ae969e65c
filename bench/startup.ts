import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Summary, summaryOf } from './timing.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = join(ROOT, '.cache/bench');

/** From the start of a process, compiled as it is published, to the answer of a document on the command line. */
export async function startToFirstAnswer(database: string, metric: string, runs: number): Promise<Summary> {
  const main = join(CACHE, 'dist/cli/main.js');
  spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json', '--outDir', join(CACHE, 'dist')],
    { cwd: ROOT },
  );
  copyFileSync(join(ROOT, 'package.json'), join(CACHE, 'package.json'));
  if (!existsSync(main))
    throw new Error('The command line could not be compiled. Run `npm run build` and read what it says.');
  const variables = join(CACHE, 'variables.json');
  writeFileSync(variables, JSON.stringify({ metrics: [metric] }));
  const once = () =>
    firstOutput([main, 'query', 'bench/catalog', 'bench/scorecard.graphql', '--variables', variables], {
      LIFTQL_BENCH_DATABASE: database,
    });
  await once();
  const taken: number[] = [];
  for (let run = 0; run < runs; run += 1) taken.push(await once());
  return summaryOf(taken);
}

function firstOutput(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let first: number | null = null;
  child.stdout.on('data', () => {
    first ??= performance.now() - started;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 && first !== null ? resolve(first) : reject(new Error(`The command line ended with ${code}.`)),
    );
  });
}
