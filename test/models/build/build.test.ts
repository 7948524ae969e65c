import { beforeAll, describe, expect, test } from 'vitest';
import { definitionHash } from '../../../src/models/build/definition.ts';
import { builtTables, openBuilt } from '../../../src/models/build/open-built.ts';
import { describeOn } from '../../support/engines.ts';
import { newPlace, TIMEOUT } from './places.ts';
import {
  catalogOf,
  contentsOf,
  expectedContents,
  ledgerOf,
  NEW,
  OLD,
  openPlace,
  type Place,
  readPlace,
  runAt,
  stubModels,
} from './world.ts';

const modes = (report: Awaited<ReturnType<typeof runAt>>) =>
  Object.fromEntries(report.models.map(({ model, mode }) => [model, mode]));
const ALL_FULL = {
  metric_definitions: 'full',
  experiment_assignments: 'full',
  metric_moments: 'full',
  sample_ratio_mismatch: 'full',
};

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    let place: Place;
    beforeAll(async () => {
      place = await newPlace(engine);
    }, TIMEOUT);

    test(
      'builds tables, a view and the ledger, then skips what nothing has changed of',
      async () => {
        const seen: string[] = [];
        const first = await runAt(place, OLD, {
          onProgress: ({ model, mode, rows }) => seen.push(`${model} ${mode} ${rows}`),
        });
        expect(seen).toEqual([
          'metric_definitions full 1',
          'experiment_assignments full 119',
          'metric_moments full 1',
          'sample_ratio_mismatch full null',
        ]);
        expect(await contentsOf(place)).toEqual(expectedContents(OLD));
        const ledger = await ledgerOf(place);
        expect(ledger.map(({ model, rows }) => `${model} ${rows}`).sort()).toEqual([
          'experiment_assignments 119',
          'metric_definitions 1',
          'metric_moments 1',
          'sample_ratio_mismatch null',
        ]);
        for (const row of ledger)
          expect(row).toMatchObject({
            build: first.build,
            mode: 'full',
            as_of: expect.stringMatching(/^2026-01-01T02:00:00/),
            previous_as_of: null,
            definition_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
            catalog_hash: 'catalog',
            liftql_version: '1.2.3',
            started_at: expect.any(String),
            finished_at: expect.any(String),
          });

        const second = await runAt(place, OLD);
        expect(modes(second)).toEqual(Object.fromEntries(Object.keys(ALL_FULL).map((model) => [model, 'skipped'])));
        expect(await ledgerOf(place)).toEqual(ledger);
      },
      TIMEOUT,
    );

    test(
      'a later asOf builds all, and the ledger says what stood before',
      async () => {
        const report = await runAt(place, NEW);
        expect(modes(report)).toEqual(ALL_FULL);
        expect(await contentsOf(place)).toEqual(expectedContents(NEW));
        const own = (await ledgerOf(place)).filter(({ build }) => build === report.build);
        expect(own.map(({ previous_as_of }) => String(previous_as_of).slice(0, 16))).toEqual(
          Array(4).fill('2026-01-01T02:00'),
        );
      },
      TIMEOUT,
    );

    test(
      'a changed definition builds the model and what is made from it, and no more',
      async () => {
        const report = await runAt(place, NEW, { factor: 3 });
        expect(modes(report)).toEqual({ ...ALL_FULL, metric_definitions: 'skipped' });
        expect(await contentsOf(place)).toEqual(expectedContents(NEW, 3));
        const skipped = (await ledgerOf(place)).filter(
          ({ build, mode }) => build === report.build && mode === 'skipped',
        );
        expect(skipped.map(({ model }) => model)).toEqual(['metric_definitions']);
      },
      TIMEOUT,
    );

    test(
      'a model alone is refused where what it reads is not as of then, and built with it',
      async () => {
        const before = await contentsOf(place);
        await expect(runAt(place, OLD, { factor: 3, select: 'metric_moments' })).rejects.toMatchObject({
          code: 'BAD_USER_INPUT',
          message: expect.stringContaining('Select +metric_moments.'),
        });
        await expect(
          runAt(place, NEW, { factor: 3, select: 'experiment_assignments,sample_ratio_mismatch', fullRefresh: true }),
        ).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
        expect(await contentsOf(place)).toEqual(before);
        const report = await runAt(place, NEW, { factor: 3, select: 'metric_moments+', fullRefresh: true });
        expect(modes(report)).toEqual({ metric_moments: 'full', sample_ratio_mismatch: 'full' });
      },
      TIMEOUT,
    );

    test(
      'what was built again makes what was made from it be built again',
      async () => {
        await runAt(place, NEW, { factor: 3, select: 'experiment_assignments', fullRefresh: true });
        expect(modes(await runAt(place, NEW, { factor: 3 }))).toEqual({
          metric_definitions: 'skipped',
          experiment_assignments: 'skipped',
          metric_moments: 'full',
          sample_ratio_mismatch: 'full',
        });
      },
      TIMEOUT,
    );

    test(
      'a view becomes a table',
      async () => {
        await runAt(place, NEW, { factor: 3, summary: 'table' });
        expect(await contentsOf(place)).toEqual(expectedContents(NEW, 3));
      },
      TIMEOUT,
    );

    test(
      'what stands is told with its definition, and only the present definitions answer',
      async () => {
        const warehouse = await openPlace(place);
        try {
          const nameOf: typeof warehouse.nameOf = (...name) => warehouse.nameOf(...name);
          const standing = await openBuilt({ nameOf, relations: () => warehouse.relations() });
          expect(standing.map(({ model, asOf }) => `${model} ${asOf}`)).toEqual(
            Object.keys(ALL_FULL)
              .sort()
              .map((model) => `${model} ${NEW}`),
          );
          const tablesOf = (factor: number) => {
            const models = stubModels(place, { factor, summary: 'table' });
            const found = builtTables(standing, models, (model) => definitionHash(model, catalogOf(place), warehouse));
            return [...(found?.tables.keys() ?? [])].sort();
          };
          expect(tablesOf(3)).toEqual(Object.keys(ALL_FULL).sort());
          // The factor is in what the others are made from.
          expect(tablesOf(4)).toEqual(['metric_definitions']);
        } finally {
          await warehouse.close();
        }
      },
      TIMEOUT,
    );

    test(
      'a model that fails is named, and what stood of it stands',
      async () => {
        const before = await contentsOf(place);
        await expect(runAt(place, NEW, { broken: true, select: 'experiment_assignments' })).rejects.toMatchObject({
          code: 'ENGINE_FAILED',
          message: expect.stringMatching(/^Model experiment_assignments could not be built\..* The engine says: /s),
        });
        expect(await contentsOf(place)).toEqual(before);
      },
      TIMEOUT,
    );

    test(
      "a table that is not liftql's is left alone",
      async () => {
        const own = await newPlace(engine);
        const warehouse = await openPlace(own);
        await warehouse.ensureTable('metric_moments', [{ name: 'mine', type: 'STRING' }]);
        await warehouse.publish();
        await warehouse.close();
        await expect(runAt(own, OLD)).rejects.toMatchObject({ code: 'MODELS_UNWRITABLE' });
        expect(await readPlace(own, (table) => `select * from ${table('metric_moments')}`)).toEqual([]);
      },
      TIMEOUT,
    );
  });

describe('stubs', () => {
  test('the sums that are expected are those of 1 to n', () => {
    expect(expectedContents(OLD).experiment_assignments).toBe('119 rows, sum 7140, 2026-01-01T02:00');
    expect(expectedContents(NEW).experiment_assignments).toBe('179 rows, sum 16110, 2026-01-01T03:00');
  });
});
