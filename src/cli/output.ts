import { MetricLayerError } from '../core/errors.ts';

/** Exit codes: 1 the request failed, 2 the call's words are off, 78 (EX_CONFIG) the catalog is faulty. */
export const EXIT = { failed: 1, usage: 2, catalog: 78 } as const;

/** Ends with a sentence on stderr, and no stack, for what we mean; a bug shows its stack. */
export function fail(error: unknown): void {
  if (error instanceof MetricLayerError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.code === 'CATALOG_INVALID' ? EXIT.catalog : EXIT.failed;
    return;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = EXIT.failed;
}

export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}
