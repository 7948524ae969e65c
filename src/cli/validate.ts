import { formatFault } from '../catalog/fault.ts';
import { CatalogError, openService } from '../server/open-service.ts';
import { EXIT, print } from './output.ts';

/** Checks a catalog against itself and its warehouse; prints every fault, or what was found. */
export async function validate(directory: string, options: { readonly json?: boolean }): Promise<void> {
  try {
    const service = await openService(directory, { env: process.env });
    const catalog = service.catalog();
    await service.close();
    const counts = {
      sources: catalog.sources.size,
      metrics: catalog.metrics.size,
      experiments: catalog.experiments.size,
    };
    if (options.json)
      return print(
        JSON.stringify({ ok: true, hash: catalog.hash, ...counts, warnings: catalog.warnings, faults: [] }, null, 2),
      );
    for (const warning of catalog.warnings) print(`warning: ${warning}`);
    print(
      `ok: ${counts.sources} sources, ${counts.metrics} metrics, ${counts.experiments} experiments; hash ${catalog.hash.slice(0, 12)}`,
    );
  } catch (error) {
    if (!(error instanceof CatalogError)) throw error;
    if (options.json) print(JSON.stringify({ ok: false, faults: error.faults }, null, 2));
    else {
      for (const fault of error.faults) print(`${formatFault(fault)} [${fault.code}]`);
      print(`${error.faults.length} fault${error.faults.length === 1 ? '' : 's'}`);
    }
    process.exitCode = EXIT.catalog;
  }
}
