import type { Model, ModelName } from '../model.ts';

/** Each model after those that it reads, else in the order given. */
export function inOrder(models: readonly Model[]): readonly Model[] {
  const byName = new Map(models.map((model) => [model.name, model]));
  const ordered: Model[] = [];
  const begun = new Set<ModelName>();
  const visit = (model: Model): void => {
    if (ordered.includes(model)) return;
    if (begun.has(model.name)) throw new Error(`Model ${model.name} is made from itself.`);
    begun.add(model.name);
    for (const name of model.uses) {
      const used = byName.get(name);
      if (used === undefined) throw new Error(`Model ${model.name} reads ${name}, which is no model.`);
      visit(used);
    }
    ordered.push(model);
  };
  for (const model of models) visit(model);
  return ordered;
}

/** The names with all that they are made from, directly or not. */
export function upstreamOf(models: readonly Model[], names: ReadonlySet<ModelName>): ReadonlySet<ModelName> {
  const found = new Set(names);
  for (const model of [...inOrder(models)].reverse())
    if (found.has(model.name)) for (const used of model.uses) found.add(used);
  return found;
}

/** The names with all that is made from them, directly or not. */
export function downstreamOf(models: readonly Model[], names: ReadonlySet<ModelName>): ReadonlySet<ModelName> {
  const found = new Set(names);
  for (const model of inOrder(models)) if (model.uses.some((used) => found.has(used))) found.add(model.name);
  return found;
}
