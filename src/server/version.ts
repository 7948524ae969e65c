import { readFileSync } from 'node:fs';

/** The version of the package, as it says itself. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
