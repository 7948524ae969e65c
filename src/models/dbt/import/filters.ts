import type { SemanticModel } from './manifest.ts';
import { Unsayable } from './unsayable.ts';

/** Whether an expression is the name of a column and nothing else. */
export const isColumn = (text: string): boolean => /^[A-Za-z_]\w*$/.test(text);

/** An expression as a part of another. */
export const within = (text: string): string => (isColumn(text) ? text : `(${text})`);

/** Conditions that must all hold; undefined: there is none. */
export function all(conditions: readonly string[]): string | undefined {
  if (conditions.length < 2) return conditions[0];
  return conditions.map((condition) => `(${condition})`).join(' and ');
}

const OWN = /\{\{\s*(Dimension|Entity)\(\s*(['"])(\w+)\2\s*\)\s*\}\}/g;

/** Filters over a semantic model's own dimensions and entities, as conditions over its columns. */
export function conditionsOf(filters: readonly string[], model: SemanticModel): readonly string[] {
  return filters.map((filter) => {
    const condition = filter.replaceAll(OWN, (_, kind: string, __, name: string) =>
      within(kind === 'Entity' ? entityOf(name, model) : dimensionOf(name, model)),
    );
    if (/\{[{%#]/.test(condition))
      throw new Unsayable(`has the filter \`${filter}\`, which is no condition on one row's columns`);
    return condition;
  });
}

function entityOf(name: string, { entities }: SemanticModel): string {
  const entity = entities.find((one) => one.name === name);
  if (entity === undefined) throw new Unsayable(`filters by the entity \`${name}\`, which its rows do not have`);
  return entity.expr ?? entity.name;
}

function dimensionOf(path: string, model: SemanticModel): string {
  const primary = model.primary_entity ?? model.entities.find(({ type }) => type === 'primary')?.name;
  const [entity, ...rest] = path.split('__');
  const dimension = model.dimensions.find(({ name }) => name === rest.join('__'));
  if (entity !== primary || dimension === undefined)
    throw new Unsayable(
      `filters by \`${path}\`, which is not of the semantic model \`${model.name}\` but joined to it`,
    );
  return dimension.expr ?? dimension.name;
}
