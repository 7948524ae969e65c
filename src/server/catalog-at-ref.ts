import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MetricLayerError } from '../core/errors.ts';

const execute = promisify(execFile);

/** The YAML of a catalog's folder at a commit, in a folder of its own. */
export interface CatalogAtRef {
  /** Full hash. */
  readonly commit: string;
  /** null: there is no catalog at that commit. */
  readonly directory: string | null;
}

/** Reads the folder as it is at a git ref, and removes what it wrote when `use` has ended. Nothing of the work tree changes. */
export async function withCatalogAtRef<T>(
  directory: string,
  ref: string,
  use: (catalog: CatalogAtRef) => Promise<T>,
): Promise<T> {
  const git = gitIn(directory);
  const inside = await git('rev-parse', '--show-prefix');
  if (!inside.ok)
    throw new MetricLayerError(
      'NOT_A_REPOSITORY',
      `${directory} is not a folder of a git repository that can be read: ${inside.reason}`,
    );
  const prefix = text(inside).replace(/\/?\n$/, '');
  const found = await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`);
  if (!found.ok)
    throw new MetricLayerError(
      'UNKNOWN_REF',
      `There is no commit "${ref}" in the repository of ${directory}. Name a branch, a tag or a commit, and fetch it first.`,
    );
  const commit = text(found).trim();
  const tree = await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}:${prefix}`);
  const files = tree.ok ? await yamlFiles(git, text(tree).trim()) : [];
  if (files.length === 0) return use({ commit, directory: null });
  const copy = await mkdtemp(join(tmpdir(), 'liftql-base-'));
  try {
    await mkdir(copy, { recursive: true });
    for (const { name, object } of files) {
      const blob = await git('cat-file', 'blob', object);
      if (!blob.ok) throw unreadable(name, ref, blob.reason);
      await writeFile(join(copy, name), blob.output);
    }
    return await use({ commit, directory: copy });
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** The files that a catalog is made of, straight in a tree; none where the object is no tree. */
async function yamlFiles(
  git: Git,
  tree: string,
): Promise<readonly { readonly name: string; readonly object: string }[]> {
  const listed = await git('ls-tree', '-z', '--full-tree', tree);
  if (!listed.ok) return [];
  const entries = text(listed)
    .split('\0')
    .filter((line) => line !== '');
  return entries.flatMap((line) => {
    const [, mode, type, object, name] = /^(\d+) (\w+) (\w+)\t(.*)$/s.exec(line)!;
    if (type !== 'blob' || !/\.ya?ml$/.test(name!)) return [];
    if (mode === SYMBOLIC_LINK)
      throw new MetricLayerError(
        'NOT_A_FILE',
        `${name} is a symbolic link in git, whose target is not read. Put the file itself into the catalog's folder.`,
      );
    return [{ name: name!, object: object! }];
  });
}

const SYMBOLIC_LINK = '120000';

const unreadable = (name: string, ref: string, reason: string) =>
  new MetricLayerError('GIT_FAILED', `git cannot read ${name} at ${ref}: ${reason}`);

type GitOutput = { readonly ok: true; readonly output: Buffer } | { readonly ok: false; readonly reason: string };
type Git = (...words: readonly string[]) => Promise<GitOutput>;

/** As large as a catalog may be. */
const LARGEST = 64 * 1024 * 1024;

/** Runs git in a folder, without a shell, by the repository that the folder lies in. */
function gitIn(directory: string): Git {
  // A hook that runs this names its own repository and index.
  const { GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE, GIT_PREFIX, ...env } = process.env;
  return async (...words) => {
    try {
      const { stdout } = await execute('git', ['-C', directory, ...words], {
        env,
        encoding: 'buffer',
        maxBuffer: LARGEST,
      });
      return { ok: true, output: stdout };
    } catch (error) {
      return { ok: false, reason: reasonOf(error) };
    }
  };
}

function reasonOf(error: unknown): string {
  const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: Buffer }; // as execFile fails
  if (code === 'ENOENT') throw new MetricLayerError('GIT_FAILED', 'There is no git on this machine: install it.');
  const said = stderr?.toString('utf8').trim().split('\n')[0] ?? '';
  return said === '' ? String(error) : said;
}

const text = (answer: GitOutput): string => (answer.ok ? answer.output.toString('utf8') : '');
