import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { build } from '../../src/models/build/build.ts';
import { MODELS } from '../../src/models/registry.ts';
import { openWarehouse } from '../../src/server/open-warehouse.ts';
import { differences } from '../support/close.ts';
import { ask, type Data, folderWith, serve } from '../support/service.ts';

const SHOP = fileURLToPath(new URL('../fixtures/shop', import.meta.url));
const NOW = '2026-06-01T00:00:00Z';
const DOCUMENT = `query Scorecard($asOf: DateTime) {
  experiments { nodes {
    key
    assignments { units excluded { reason units } }
    sampleRatioMismatch { pValue }
    results(analysis: { asOf: $asOf }) { nodes {
      metric { name }
      treatment { variant { key } units mean }
      difference { value interval { lower upper } }
      uncapped { value interval { lower upper } }
      capping { lower upper cappedUnits removedShareControl removedShareTreatment }
      pValue
      provenance { materialized }
    } }
  } }
}`;

/** The shop in a folder of its own, with a place for models. */
function shop(): string {
  const folder = folderWith({});
  mkdirSync(folder, { recursive: true });
  for (const file of ['assignments.csv', 'events.csv']) copyFileSync(join(SHOP, file), join(folder, file));
  const catalog = readFileSync(join(SHOP, 'catalog.yaml'), 'utf8');
  writeFileSync(join(folder, 'catalog.yaml'), `${catalog}\nmodels: { path: models.duckdb }\n`);
  return folder;
}

async function buildAll(folder: string): Promise<void> {
  const service = await serve(folder, NOW);
  const warehouse = await openWarehouse(service.catalog());
  try {
    await build({
      ...{ warehouse, models: MODELS, select: null, fullRefresh: false, version: 'test' },
      catalog: service.catalog(),
      asOf: '2026-06-01T00:00:00.000000Z',
      clock: () => new Date(NOW),
    });
  } finally {
    await warehouse.close();
  }
}

const linesOf = ({ experiments }: Data): readonly Data[] => experiments.nodes.flatMap((one: Data) => one.results.nodes);
const materialized = (data: Data): number => linesOf(data).filter((line) => line.provenance.materialized).length;
const numbers = (data: Data) => linesOf(data).map(({ provenance: _, ...line }) => line);

test('built tables answer as raw sources do, and for their own asOf alone', async () => {
  const folder = shop();
  const raw = await ask(await serve(folder, NOW), DOCUMENT);
  expect(materialized(raw)).toBe(0);
  await buildAll(folder);
  const service = await serve(folder, NOW);
  const fromTables = await ask(service, DOCUMENT);
  expect(materialized(fromTables)).toBeGreaterThan(0);
  expect(differences(numbers(fromTables), numbers(raw), 1e-9)).toEqual([]);
  expect(fromTables.experiments.nodes.map(({ assignments }: Data) => assignments)).toEqual(
    raw.experiments.nodes.map(({ assignments }: Data) => assignments),
  );
  expect(materialized(await ask(service, DOCUMENT, { asOf: '2026-05-31T00:00:00Z' }))).toBe(0);
}, 120_000);

test('tables of another definition are left alone', async () => {
  const folder = shop();
  await buildAll(folder);
  const catalog = readFileSync(join(folder, 'catalog.yaml'), 'utf8');
  const before = materialized(await ask(await serve(folder, NOW), DOCUMENT));
  expect(before).toBeGreaterThan(0);
  const changed = catalog.replace(/where: "([^"]+)"/, 'where: "$1 and 1 = 1"');
  expect(changed).not.toBe(catalog);
  writeFileSync(join(folder, 'catalog.yaml'), changed);
  expect(materialized(await ask(await serve(folder, NOW), DOCUMENT))).toBe(0);
}, 120_000);
