import { MetricLayerError } from '../core/errors.ts';
import { type Address, type AddressWords, readAddress, urlOf } from '../server/address.ts';
import { prepareDemo } from '../server/demo-catalog.ts';
import { greeting } from '../server/greeting.ts';
import { createHttpServer } from '../server/http-server.ts';
import { listen } from '../server/listen.ts';
import { createLogger } from '../server/logger.ts';
import { openService } from '../server/open-service.ts';
import { openWhenReachable } from '../server/open-when-reachable.ts';
import { startRefreshing } from '../server/refreshing.ts';
import { shutDown, stopOnSignal } from '../server/shut-down.ts';
import { EXIT, fail, print } from './output.ts';

/** Serves a catalog over HTTP until it is told to stop; without a folder, the demo. */
export async function serve(directory: string | undefined, flags: AddressWords): Promise<void> {
  const asked = addressOf(flags);
  if (asked === null) return;
  const { env } = process;
  const tell = (line: string) => process.stderr.write(`${line}\n`);
  const catalog = directory ?? (await prepareDemo(env, tell));
  const { service, address } = await openWhenReachable(() => openService(catalog, { env }), { address: asked, tell });
  const logger = createLogger();
  try {
    const http = await createHttpServer(service, { logger });
    const refreshing = startRefreshing(service, logger);
    stopOnSignal(async () => {
      refreshing.stop();
      await shutDown(http);
      await service.close();
    }, fail);
    const listening = await listen(http.app, address);
    for (const warning of service.catalog().warnings) tell(`warning: ${warning}`);
    print(greeting(service.catalog(), urlOf(listening)));
  } catch (error) {
    await service.close();
    throw error;
  }
}

/** null: the words of the call were off, and it has been said. */
function addressOf(flags: AddressWords): Address | null {
  try {
    return readAddress(flags, process.env);
  } catch (error) {
    if (!(error instanceof MetricLayerError)) throw error;
    fail(error);
    process.exitCode = EXIT.usage;
    return null;
  }
}
