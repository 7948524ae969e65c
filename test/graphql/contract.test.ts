import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createSchema } from '../../src/graphql/schema.ts';
import { ADDED, CHANGED, NOT_BUILT } from './intended-differences.ts';

/** Everything that a schema names, with its exact type and default: `Type`, `Type.field`, `Type.field(argument)`, `Enum.VALUE`. */
function namesOf(schema: GraphQLSchema): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const typed = ({ type, defaultValue }: { type: unknown; defaultValue?: unknown }) =>
    `${type}${defaultValue === undefined ? '' : ` = ${JSON.stringify(defaultValue)}`}`;
  for (const type of Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'))) {
    const kind = [type.constructor.name, ...(isObjectType(type) ? type.getInterfaces() : [])].join(' implements ');
    names.set(type.name, isInputObjectType(type) && type.isOneOf ? `${kind} @oneOf` : kind);
    if (isEnumType(type)) for (const { name } of type.getValues()) names.set(`${type.name}.${name}`, 'value');
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) names.set(`${type.name}.${field.name}`, typed(field));
    }
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        names.set(`${type.name}.${field.name}`, String(field.type));
        for (const argument of field.args) names.set(`${type.name}.${field.name}(${argument.name})`, typed(argument));
      }
    }
  }
  return names;
}

const contract = namesOf(buildSchema(readFileSync(new URL('contract.graphql', import.meta.url), 'utf8')));
const built = namesOf(createSchema());

/** The names of one that the other lacks; of a type that the other lacks altogether only the type. */
const lacking = (of: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>) =>
  [...of.keys()].filter((name) => !other.has(name) && (!name.includes('.') || other.has(name.split('.')[0]!)));

describe('the schema against its contract', () => {
  test('what is not built is known', () => {
    expect(lacking(contract, built).sort()).toEqual([...NOT_BUILT].sort());
  });

  test('what is added is known', () => {
    expect(lacking(built, contract).sort()).toEqual([...ADDED].sort());
  });

  test('every name that both have is the same kind of thing with the same type, nullability and default', () => {
    const different = [...built].filter(([name, type]) => contract.has(name) && contract.get(name) !== type);
    expect(Object.fromEntries(different)).toEqual(CHANGED);
  });

  test('every name that both have is many', () => {
    expect([...built.keys()].filter((name) => contract.has(name)).length).toBeGreaterThan(400);
  });
});
