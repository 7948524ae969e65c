import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { MetricLayerError } from '../core/errors.ts';
import type { Address } from './address.ts';

const REASONS: Readonly<Record<string, (address: Address) => string>> = {
  EADDRINUSE: ({ host, port }) =>
    `Port ${port} of ${host} is in use. Stop what uses it, or choose another with --port (0 takes any that is free).`,
  EACCES: ({ port }) => `Port ${port} may not be used without more rights. Choose one above 1023 with --port.`,
  EADDRNOTAVAIL: ({ host }) =>
    `${host} is not an address of this machine. Choose one with --host; 0.0.0.0 is all of them.`,
  ENOTFOUND: ({ host }) =>
    `There is no host "${host}". Choose an address of this machine with --host; 0.0.0.0 is all of them.`,
};

/** Starts to listen and says where: the port that was taken where 0 was asked for. */
export async function listen(app: FastifyInstance, address: Address): Promise<Address> {
  try {
    await app.listen({ host: address.host, port: address.port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const sentence = REASONS[code === 'EAI_AGAIN' ? 'ENOTFOUND' : code]?.(address);
    if (sentence === undefined) throw error;
    throw new MetricLayerError(code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'CANNOT_LISTEN', sentence, { cause: error });
  }
  const { port } = app.server.address() as AddressInfo; // it listens on TCP
  return { host: address.host, port };
}
