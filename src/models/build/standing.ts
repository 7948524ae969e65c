import type { BuiltModel } from '../../core/built-model.ts';
import type { StandingRelation, Warehouse } from '../../engine/warehouse.ts';
import { markOf } from './mark.ts';

/** The relations that say of themselves that they are built models. */
export function standingModels(
  relations: readonly StandingRelation[],
  nameOf: Warehouse['nameOf'],
): readonly BuiltModel[] {
  return relations.flatMap(({ name, comment }) => {
    const mark = markOf(comment);
    return mark === null ? [] : [{ model: name, relation: nameOf(name, 'table'), ...mark }];
  });
}

/** Whether a model was built from the models that it reads as they stand now. */
export function isOfInputs(
  built: BuiltModel,
  uses: readonly string[],
  standing: ReadonlyMap<string, BuiltModel>,
): boolean {
  return uses.every((name) => built.inputs[name] !== undefined && built.inputs[name] === standing.get(name)?.build);
}
