import { MetricLayerError } from '../core/errors.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface AddressWords {
  readonly host?: string | undefined;
  readonly port?: string | undefined;
}

/** Where to listen: by flag, else by HOST and PORT, else 127.0.0.1:4000. Port 0 is any that is free. */
export function readAddress(flags: AddressWords, env: Readonly<Record<string, string | undefined>>): Address {
  return { host: flags.host || env.HOST || '127.0.0.1', port: readPort(flags.port, env.PORT) };
}

function readPort(flag: string | undefined, variable: string | undefined): number {
  const [text, where] = flag !== undefined ? [flag, '--port'] : [variable || '4000', 'PORT'];
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new MetricLayerError(
    'BAD_PORT',
    `${where} is "${text}", which is not a port. Give a number from 0 to 65535; 0 takes any that is free.`,
  );
}

/** For people and browsers: an address that listens everywhere is reached at this machine. */
export function urlOf({ host, port }: Address): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
