import type { BuiltModel } from '../../core/built-model.ts';
import type { BuiltTables } from '../../core/built-tables.ts';
import type { StandingRelation, Warehouse } from '../../engine/warehouse.ts';
import type { Model } from '../model.ts';
import { inOrder } from './in-order.ts';
import { isOfInputs, standingModels } from './standing.ts';

/** What reads the schema of the models: tables, and their comments. */
export interface BuiltReader {
  readonly nameOf: Warehouse['nameOf'];
  relations(): Promise<readonly StandingRelation[]>;
}

/** Which models stand, as of when and of which definitions: they say so themselves, in one with their rows. */
export async function openBuilt({ nameOf, relations }: BuiltReader): Promise<readonly BuiltModel[]> {
  return standingModels(await relations(), nameOf);
}

/**
 * The tables that may answer for raw sources: those of the newest asOf that are of the present definitions and built from one
 * another as they stand; null: there are none.
 */
export function builtTables(
  standing: readonly BuiltModel[],
  models: readonly Model[],
  hashOf: (model: Model) => string,
): BuiltTables | null {
  const byName = new Map(standing.map((built) => [built.model, built]));
  const fits = new Set<string>();
  const fit = inOrder(models).flatMap((model) => {
    const built = byName.get(model.name);
    if (built === undefined || built.hash !== hashOf(model) || !isOfInputs(built, model.uses, byName)) return [];
    // Of present definitions are only those whose inputs are, too.
    if (!model.uses.every((name) => fits.has(name))) return [];
    fits.add(model.name);
    return [built];
  });
  const asOf = fit
    .map((built) => built.asOf)
    .sort()
    .at(-1);
  if (asOf === undefined) return null;
  const newest = fit.filter((built) => built.asOf === asOf);
  return { asOf, tables: new Map(newest.map(({ model, relation }) => [model, relation])) };
}
