import { MetricLayerError } from '../core/errors.ts';
import { type CatalogDiff, flipsOf, movedResults } from '../models/diff/catalog-diff.ts';
import { markdownOf } from '../models/diff/markdown.ts';
import { diffCatalogs } from '../server/diff-catalogs.ts';
import { EXIT, print } from './output.ts';

const FAIL_ON = ['flips', 'moves'] as const;

/** Prints what changes between a catalog at a git ref and as it is now; exit 1 for what `--fail-on` names. */
export async function diff(
  directory: string,
  ref: string,
  flags: {
    readonly asOf?: string;
    readonly json?: boolean;
    readonly data: boolean;
    readonly failOn?: string;
    readonly user?: string;
  },
): Promise<void> {
  const failOn = FAIL_ON.find((one) => one === flags.failOn);
  if (flags.failOn !== undefined && failOn === undefined)
    throw new MetricLayerError('BAD_USER_INPUT', `--fail-on is "${flags.failOn}"; it is ${FAIL_ON.join(' or ')}.`);
  if (failOn !== undefined && !flags.data)
    throw new MetricLayerError('BAD_USER_INPUT', '--fail-on looks at results, which --no-data does not evaluate.');
  const { asOf, user } = flags;
  const found = await diffCatalogs(directory, ref, { env: process.env, asOf, data: flags.data, user, onProgress });
  print(flags.json ? JSON.stringify(found, null, 2) : markdownOf(found));
  if (failOn !== undefined && fails(found, failOn)) process.exitCode = EXIT.failed;
}

/** What was not evaluated may flip too; a decision that flips is also a move. */
function fails(found: CatalogDiff, failOn: (typeof FAIL_ON)[number]): boolean {
  const flips =
    flipsOf(found).length > 0 || found.faults.length > 0 || ['FAULTY', 'UNREADABLE'].includes(found.base.state);
  return flips || (failOn === 'moves' && movedResults(found).length > 0);
}

/** A line that is written over where somebody watches; a log has each. */
function onProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
  else if (line !== '') process.stderr.write(`${line}\n`);
}
