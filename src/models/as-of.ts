import type { Experiment } from '../catalog/catalog.ts';
import { END_OF_TIME } from '../core/instant.ts';
import type { Population } from '../plan/question.ts';
import type { Dialect } from '../sql/dialect.ts';
import type { Sql } from '../sql/sql.ts';

/** A dialect for statements whose present is an expression of the engine's. */
export function withHorizon<D extends Dialect>(dialect: D, asOf: Sql): D & { readonly horizon: Sql } {
  return { ...dialect, horizon: asOf };
}

/** All units of an experiment until the present that the dialect names. */
export function populationUntilHorizon(experiment: Experiment): Population {
  return { experiment, where: null, asOf: END_OF_TIME };
}
