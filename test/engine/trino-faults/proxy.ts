import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Prng } from './prng.ts';

/** What befalls a connection, after so many bytes in one direction. */
type Fate = { readonly kind: 'well' } | { readonly kind: 'refuse' } | Mishap;

interface Mishap {
  readonly kind: 'reset' | 'cut off' | 'stall' | 'drip';
  readonly direction: 'up' | 'down';
  readonly after: number;
}

export interface Proxy {
  readonly origin: string;
  /** Connections by their fate, as far as it has struck. */
  readonly struck: Readonly<Record<string, number>>;
  readonly connections: number;
  /** From now on; until then it does nothing to anybody. Connections there are are closed. */
  misbehave(): void;
  close(): Promise<void>;
}

const FATES = ['refuse', 'reset', 'reset', 'cut off', 'cut off', 'stall', 'drip'] as const;
const DRIP_BYTES = 100;
const DRIP_MS = 20;

/** A TCP proxy that does to random connections, at random bytes, what networks do. Bytes that it passes on are not changed. */
export async function startProxy(target: URL, chance: Prng): Promise<Proxy> {
  const struck: Record<string, number> = {};
  const sockets = new Set<Socket>();
  let connections = 0;
  let well = true;
  const server = createServer((client) => {
    connections += 1;
    const fate: Fate = well ? { kind: 'well' } : randomFate(chance);
    const upstream = connect(Number(target.port || 80), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.end());
    const strike = () => {
      struck[fate.kind] = (struck[fate.kind] ?? 0) + 1;
    };
    if (fate.kind === 'refuse') {
      strike();
      client.resetAndDestroy();
    }
    for (const direction of ['up', 'down'] as const) {
      const [from, to] = direction === 'up' ? [client, upstream] : [upstream, client];
      const mishap = 'after' in fate && fate.direction === direction ? fate : null;
      pipe(from, to, mishap, strike, client);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    struck,
    get connections() {
      return connections;
    },
    misbehave() {
      well = false;
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

function randomFate(chance: Prng): Fate {
  const kind = chance.pick(FATES);
  if (kind === 'refuse') return { kind };
  const direction = chance.chance(0.3) ? 'up' : 'down';
  // Requests are some hundred bytes, replies up to some hundred thousand.
  const most = direction === 'up' ? 4_000 : 10 ** chance.between(2, 6);
  return { kind, direction, after: chance.between(0, most) };
}

function pipe(from: Socket, to: Socket, fate: Mishap | null, strike: () => void, client: Socket): void {
  let passed = 0;
  let done = false;
  from.on('data', (bytes: Buffer) => {
    if (done) return;
    const room = fate === null ? bytes.length : fate.after - passed;
    passed += bytes.length;
    if (bytes.length <= room) {
      if (!to.write(bytes)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
      return;
    }
    done = true;
    strike();
    to.write(bytes.subarray(0, room), () => befall(bytes.subarray(room)));
  });
  from.on('end', () => {
    if (!done) to.end();
  });

  function befall(rest: Buffer): void {
    switch (fate!.kind) {
      case 'reset':
        client.resetAndDestroy();
        return;
      case 'cut off':
        client.end();
        from.destroy();
        return;
      case 'stall':
        from.pause();
        return;
      case 'drip':
        drip(rest);
    }
  }

  function drip(rest: Buffer): void {
    from.pause();
    let left = rest;
    from.removeAllListeners('data');
    from.on('data', (bytes: Buffer) => {
      left = Buffer.concat([left, bytes]);
    });
    from.resume();
    const timer = setInterval(() => {
      if (to.destroyed) clearInterval(timer);
      else if (left.length > 0) {
        to.write(left.subarray(0, DRIP_BYTES));
        left = left.subarray(DRIP_BYTES);
      }
    }, DRIP_MS);
    timer.unref();
  }
}
