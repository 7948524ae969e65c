import { destination, type Logger, pino } from 'pino';

export type { Logger };

const STDERR = 2;

/** The service's log: JSON lines on stderr, so that stdout is left to what people read. */
export function createLogger(): Logger {
  return pino({ name: 'liftql', base: null }, destination({ fd: STDERR, sync: true }));
}
