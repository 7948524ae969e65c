import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { CLIENT_CHECKS } from './checks.ts';

/** Starts the demo as a user does, points real clients at it, and ends with `N passed, N failed`. */
const server = spawn(process.execPath, ['dist/cli/main.js', 'serve', '--port', '0'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let failed = 0;
try {
  const url = await addressOf(server);
  for (const check of CLIENT_CHECKS) {
    try {
      await check.run(url);
      console.log(`ok   ${check.name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL ${check.name}\n     ${error instanceof Error ? error.message : String(error)}`);
    }
  }
} finally {
  server.kill('SIGTERM');
  if (server.exitCode === null) await once(server, 'exit');
}
console.log(`${CLIENT_CHECKS.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function addressOf(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const found = /http:\/\/[^\s/]+(?=\/graphql)/.exec(line);
    if (found !== null) return `${found[0]}/graphql`;
  }
  throw new Error('The server ended before it said where it listens.');
}
