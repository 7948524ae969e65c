import { beforeAll, describe, expect, test } from 'vitest';
import { describeOn } from '../../support/engines.ts';
import type { TestService } from '../../support/service.ts';
import { compareTimeline } from '../compared/timeline.ts';
import { PLACES } from './places.ts';
import { rowsAt } from './support.ts';

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    describe.each(PLACES)('$name', ({ open, instants, timelines: keys, without }) => {
      let service: TestService;
      beforeAll(async () => {
        service = await open(engine);
      });

      test.each(instants.slice(1))('the days of the table are those of GraphQL at %s', async (asOf) => {
        const compared = await compareTimeline(rowsAt(service, asOf), service, { asOf, keys, without });
        expect(compared).toBeGreaterThan(50);
      });
    });
  });
