import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { writeGenerated } from '../../src/cli/write-generated.ts';
import { GENERATED } from '../../src/models/dbt/header.ts';
import { dbtProject } from '../../src/models/dbt/project.ts';
import type { Model } from '../../src/models/model.ts';
import { MODELS } from '../../src/models/registry.ts';
import { folderWith } from '../support/service.ts';

/** dbt's command, as scripts/dbt tells it; null: what needs it is skipped. */
const DBT: string | null = process.env.LIFTQL_DBT || null;

/** How long dbt may take to build everything, in milliseconds. */
export const DBT_TIMEOUT_MS = 600_000;

/** Describes what needs a real dbt. */
export function describeWithDbt(name: string, body: () => void): void {
  if (DBT !== null) describe(name, body);
  else describe.skip(`${name} (skipped: LIFTQL_DBT is not set; export LIFTQL_DBT="$(scripts/dbt)" sets it)`, body);
}

/** A new folder with the dbt project of a catalog, its profiles as the example has them. */
export function projectFolder(catalog: Catalog, models: readonly Model[] = MODELS): string {
  const directory = folderWith({});
  writeGenerated(directory, dbtProject(catalog, models), GENERATED);
  copyFileSync(join(directory, 'profiles.example.yml'), join(directory, 'profiles.yml'));
  return directory;
}

/** Runs dbt in the folder of a project; what it printed, and whether it succeeded. Says on stderr how long it took. */
export function runDbt(
  directory: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly ok: boolean; readonly output: string }> {
  const quiet = { DBT_SEND_ANONYMOUS_USAGE_STATS: 'false', DO_NOT_TRACK: '1', NO_COLOR: '1', DBT_USE_COLORS: 'false' };
  const started = performance.now();
  return new Promise((resolve) => {
    execFile(
      DBT!,
      [...args, '--profiles-dir', '.'],
      { cwd: directory, env: { ...process.env, ...quiet, ...env }, timeout: DBT_TIMEOUT_MS, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        process.stderr.write(`dbt ${args.join(' ')}: ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
        resolve({ ok: error === null, output: `${stdout}\n${stderr}` });
      },
    );
  });
}

/** A file that dbt wrote to `target`. Nobody checks its shape: a wrong one fails the test. */
// biome-ignore lint/suspicious/noExplicitAny: dbt decides the shape
export function artifact(directory: string, name: string): any {
  return JSON.parse(readFileSync(join(directory, 'target', name), 'utf8'));
}
