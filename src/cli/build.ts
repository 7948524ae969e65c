import { MetricLayerError } from '../core/errors.ts';
import { type CanonicalInstant, canonicalInstant, floorToMinute, readInstant, shortInstant } from '../core/instant.ts';
import { build as buildModels, type ModelProgress } from '../models/build/build.ts';
import { MODELS } from '../models/registry.ts';
import { openService } from '../server/open-service.ts';
import { openWarehouse } from '../server/open-warehouse.ts';
import { VERSION } from '../server/version.ts';
import { print } from './output.ts';

export interface BuildFlags {
  readonly select?: string;
  readonly fullRefresh?: boolean;
  readonly asOf?: string;
  readonly json?: boolean;
}

/** Builds the models in the warehouse; a line for each. */
export async function build(directory: string, flags: BuildFlags): Promise<void> {
  const service = await openService(directory, { env: process.env });
  const { clock } = service;
  const catalog = service.catalog();
  await service.close();
  const asOf = asOfOf(flags.asOf, catalog.clock, clock());
  const warehouse = await openWarehouse(catalog);
  const started = performance.now();
  try {
    if (flags.json) print(JSON.stringify({ event: 'start', asOf: shortInstant(asOf), catalogHash: catalog.hash }));
    else print(`building as of ${shortInstant(asOf)}`);
    const {
      build: id,
      models,
      recovered,
    } = await buildModels({
      catalog,
      warehouse,
      models: MODELS,
      asOf,
      select: flags.select ?? null,
      fullRefresh: flags.fullRefresh ?? false,
      version: VERSION,
      clock: () => new Date(),
      onProgress: (progress) => print(flags.json ? JSON.stringify({ event: 'model', ...progress }) : lineOf(progress)),
    });
    const seconds = (performance.now() - started) / 1000;
    const built = models.filter(({ mode }) => mode !== 'skipped').length;
    if (flags.json)
      print(JSON.stringify({ event: 'end', build: id, built, skipped: models.length - built, recovered, seconds }));
    else {
      if (recovered.length > 0)
        print(`written down now, as an earlier run was stopped before it could: ${recovered.join(', ')}`);
      print(`${built} built, ${models.length - built} skipped in ${seconds.toFixed(1)} s`);
    }
  } finally {
    await warehouse.close();
  }
}

const NAME_WIDTH = 36;
const ROWS_WIDTH = 12;

function lineOf({ model, mode, rows, seconds }: ModelProgress): string {
  const name = model.padEnd(NAME_WIDTH);
  if (mode === 'skipped') return `${name} skipped: nothing changed`;
  const count = rows === null ? 'view' : `${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'}`;
  return `${name} ${count.padStart(ROWS_WIDTH)} ${seconds.toFixed(1).padStart(7)} s`;
}

/** The instant that is asked for, else the catalog's clock, else the present minute. One to come is refused: its rows are not there. */
function asOfOf(asked: string | undefined, clock: string | null, now: Date): CanonicalInstant {
  const present = clock === null ? floorToMinute(now) : canonicalInstant(clock);
  if (asked === undefined) return present;
  const read = readInstant(asked);
  if (!read.ok) throw new MetricLayerError('BAD_USER_INPUT', `--as-of "${asked}" ${read.reason}.`);
  if (clock === null && read.instant > canonicalInstant(now.toISOString()))
    throw new MetricLayerError('BAD_USER_INPUT', `--as-of ${asked} is still to come. Name an instant of the past.`);
  return read.instant;
}
