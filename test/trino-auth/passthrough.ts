import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { later } from '../support/service.ts';

/** A port that leads to Trino's, byte for byte, so that TLS goes from end to end. */
export interface Passthrough {
  readonly port: number;
  /** Connections that there have been. */
  readonly connections: number;
  /** Bytes that clients have sent. */
  readonly sent: number;
  /** Ends all connections as a balancer does with idle ones. */
  drop(): void;
  /** From now on there is nothing at the port. */
  close(): void;
}

export async function startPassthrough(target: number, host = '127.0.0.1'): Promise<Passthrough> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let sent = 0;
  const server = createServer((client) => {
    connections += 1;
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes: Buffer) => {
      sent += bytes.length;
    });
    client.pipe(upstream);
    upstream.pipe(client);
  });
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(0, host);
  await once(server, 'listening');
  const close = () => {
    server.close();
    drop();
  };
  later(close);
  return {
    // A server that listens on TCP has an address of this kind.
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    get sent() {
      return sent;
    },
    drop,
    close,
  };
}
