import { beforeAll, describe, expect, test } from 'vitest';
import { MODELS } from '../../../src/models/registry.ts';
import { describeOn } from '../../support/engines.ts';
import type { TestService } from '../../support/service.ts';
import { compareAssignments } from '../compared/assignments.ts';
import { compareCalculations } from '../compared/calculations.ts';
import { checkShape } from '../compared/shape.ts';
import { PLACES } from './places.ts';
import { rowsAt, rowsOf } from './support.ts';

/** Those that read nothing but sources. */
const BASE = MODELS.filter(({ uses }) => uses.length === 0);

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    describe.each(PLACES)('$name', ({ open, instants }) => {
      let service: TestService;
      beforeAll(async () => {
        service = await open(engine);
      });

      test.each(BASE.map((model) => [model.name, model] as const))(
        '%s has the columns that it says, and its key tells rows apart',
        async (name, model) => {
          const asOf = instants.at(-1)!;
          checkShape(await rowsOf(service, name, asOf), model, service.catalog(), asOf);
        },
      );

      test.each(instants)('assignments and exclusions are those of the planner at %s', async (asOf) => {
        await compareAssignments(rowsAt(service, asOf), service, asOf);
      });

      test.each(instants)('calculations add up to the moments of the planner at %s', async (asOf) => {
        const compared = await compareCalculations(rowsAt(service, asOf), service, asOf);
        if (asOf !== instants[0]) expect(compared).toBeGreaterThan(0);
      });
    });
  });
