import { CATALOG, PARQUET } from '../../plan/population-world.ts';
import { WORLD_CATALOG } from '../../plan/world/catalog.ts';
import { makeWorld } from '../../plan/world/data.ts';
import { worldDirectory, worldOnTrino } from '../../plan/world/warehouse.ts';
import { type EngineName, serveWrittenOn } from '../../support/engines.ts';
import { serve, type TestService } from '../../support/service.ts';

const NOW = '2026-12-01T00:00:00Z';

/** A catalog over made-up rows, and instants before, inside and after its experiments. */
export interface Place {
  readonly name: string;
  open(engine: EngineName): Promise<TestService>;
  readonly instants: readonly string[];
  /** Experiments whose timelines are compared. */
  readonly timelines: readonly string[];
  /** Experiments that have none: of clusters, of an allocation that changed, without timestamps. */
  readonly without: readonly string[];
}

export const PLACES: readonly Place[] = [
  {
    name: 'clusters, phases and activation',
    open: (engine) => serveWrittenOn(engine, { catalog: CATALOG, parquet: PARQUET }, '2026-03-20T00:00:00Z'),
    instants: ['2026-03-01T00:00:00Z', '2026-03-07T01:02:03.456789Z', '2026-03-20T00:00:00Z'],
    timelines: ['undeclared', 'activated'],
    without: ['declared', 'clustered'],
  },
  {
    name: 'every kind of metric',
    open: async (engine) => {
      const world = makeWorld();
      return serve(engine === 'DuckDB' ? await worldDirectory(world, WORLD_CATALOG) : await worldOnTrino(world), NOW);
    },
    instants: ['2026-03-01T00:00:00Z', '2026-03-30T12:00:00Z', NOW],
    timelines: ['checkout', 'pricing', 'wave_3'],
    without: ['untimed'],
  },
];
