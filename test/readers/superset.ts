import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type APIRequestContext, request } from 'playwright-core';
import type { Data } from '../support/service.ts';

/** A Superset of the test's own, on this machine alone, with an empty SQLite database of its own. */
export interface Superset {
  readonly url: string;
  /** Asks Superset's REST API as the administrator; throws what it says unless it succeeds. */
  api(method: 'GET' | 'POST', path: string, body?: Data): Promise<Data>;
  /** Cookies of the administrator, for a browser. */
  session(): ReturnType<APIRequestContext['storageState']>;
  /** Ends the server and removes its files. */
  close(): Promise<void>;
}

const CONFIG = fileURLToPath(new URL('superset_config.py', import.meta.url));
const START_MS = 180_000;
const POLL_MS = 250;
const STOP_MS = 10_000;
const REQUEST_MS = 120_000;
const LOG_CHARACTERS = 4000;
const USERNAME = 'reader';

/** Makes the database and an administrator, and starts the server. `python`: as `scripts/bi-readers superset` prints it. */
export async function startSuperset(python: string): Promise<Superset> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const home = mkdtempSync(join(tmpdir(), 'liftql-superset-'));
  const log = join(home, 'superset.log');
  const env = {
    ...process.env,
    FLASK_APP: 'superset.app:create_app()',
    SUPERSET_HOME: home,
    SUPERSET_CONFIG_PATH: CONFIG,
    SUPERSET_METADATA: `sqlite:///${join(home, 'superset.db')}`,
    SUPERSET_SECRET_KEY: randomBytes(32).toString('hex'),
  };
  const start = (...words: readonly string[]): ChildProcess => {
    const out = openSync(log, 'a');
    const child = spawn(join(dirname(python), 'superset'), words, { env, stdio: ['ignore', out, out] });
    closeSync(out);
    return child;
  };
  const failure = (what: string) => new Error(`${what}\n${readFileSync(log, 'utf8').slice(-LOG_CHARACTERS)}`);
  const run = async (...words: readonly string[]) => {
    const [code] = await once(start(...words), 'exit');
    if (code !== 0) throw failure(`superset ${words[0]} ended with ${code}.`);
  };
  const password = randomBytes(16).toString('hex');
  const client = await request.newContext({ baseURL: url, timeout: REQUEST_MS });
  let server: ChildProcess | null = null;
  const close = async () => {
    await client.dispose();
    if (server !== null) await end(server);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await run('db', 'upgrade');
    const names = ['--firstname', 'A', '--lastname', 'Reader', '--email', 'reader@example.org'];
    await run('fab', 'create-admin', '--username', USERNAME, '--password', password, ...names);
    await run('init');
    server = start('run', '--host', '127.0.0.1', '--port', String(port), '--with-threads');
    const until = Date.now() + START_MS;
    while (!(await isHealthy(url))) {
      if (server.exitCode !== null) throw failure(`superset run ended with ${server.exitCode}.`);
      if (Date.now() > until) throw failure(`Superset did not answer within ${START_MS / 1000} s.`);
      await sleep(POLL_MS);
    }
    const headers = { ...(await signIn(client, password)), referer: url };
    const api: Superset['api'] = async (method, path, body) =>
      answerOf(await client.fetch(path, { method, headers, data: body }));
    return { url, api, session: () => client.storageState(), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo; // it listens on a port
  taken.close();
  await once(taken, 'close');
  return port;
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false; // nobody listens yet
  }
}

/**
 * Signs the client in, as its cookies then tell; gives the header that requests must carry that change something. The page's own form
 * is not used: what the page sends at the same time may put the cookie of nobody over that of the user.
 */
async function signIn(client: APIRequestContext, password: string): Promise<{ readonly 'x-csrftoken': string }> {
  const own = { username: USERNAME, password };
  const { access_token } = await answerOf(
    await client.post('/api/v1/security/login', { data: { ...own, provider: 'db' } }),
  );
  const headers = { authorization: `Bearer ${access_token}` };
  const { result } = await answerOf(await client.get('/api/v1/security/csrf_token/', { headers }));
  await client.post('/login/', { form: { ...own, csrf_token: result }, maxRedirects: 0 });
  return { 'x-csrftoken': result };
}

async function answerOf(response: Awaited<ReturnType<APIRequestContext['get']>>): Promise<Data> {
  if (response.ok()) return response.json();
  throw new Error(`${response.url()}: ${response.status()} ${(await response.text()).slice(0, LOG_CHARACTERS)}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const slow = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(slow);
}
