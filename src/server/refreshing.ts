import type { MetricService } from '../graphql/context.ts';
import type { Logger } from './logger.ts';

const REFRESH_MS = 60_000;

/**
 * Reads the experiments tables again from time to time, if there are any, and looks for newly built models. A failure is logged and the last good catalog stays;
 * a reading that takes longer than the interval is not overtaken. Does not keep the process alive.
 */
export function startRefreshing(service: MetricService, logger: Logger): { stop(): void } {
  const { sources, models = null } = service.catalog();
  const tables = [...sources.values()].filter(({ kind }) => kind === 'experiments');
  if (tables.length === 0 && models === null) return { stop: () => {} };
  let reading = false;
  const timer = setInterval(() => {
    if (reading) return;
    reading = true;
    service
      .refresh()
      .catch((error: unknown) =>
        logger.warn({ err: error }, 'The experiments table could not be read again; what was read before stays.'),
      )
      .finally(() => {
        reading = false;
      });
  }, REFRESH_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
