import {
  type DocumentNode,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  type OperationDefinitionNode,
} from 'graphql';
import type { Session } from '../experiment/session.ts';
import { type Collecting, collectFields, fragmentsOf } from './collect-fields.ts';
import { type ExperimentShape, NO_EXPERIMENT } from './experiment-shape.ts';
import { EXPLAIN_CELLS, type FieldArguments, LIST_BOUNDS, type ListScope, UNKNOWN_LIST } from './list-bounds.ts';
import { enterField, outermostScope } from './list-scope.ts';

export interface CostQuestion {
  readonly schema: GraphQLSchema;
  readonly session: Session;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** As coerced by `getVariableValues`. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * The most leaf values that an operation may resolve: lists are as long as their page or as the catalog lets them be. Nothing
 * is read. Introspection counts nothing: its size is the schema's, and graphql-js limits its depth.
 */
export function estimateCells({ schema, session, document, operation, variables }: CostQuestion): number {
  const root = schema.getRootType(operation.operation);
  if (root == null) return 0;
  const collecting = { schema, fragments: fragmentsOf(document), variables };
  return new Estimate(session, collecting).ofObject(root, [operation], outermostScope(session));
}

type Parent = Pick<FieldNode, 'selectionSet'>;

class Estimate {
  readonly #session: Session;
  readonly #collecting: Collecting;
  constructor(session: Session, collecting: Collecting) {
    this.#session = session;
    this.#collecting = collecting;
  }

  ofObject(type: GraphQLObjectType, parents: readonly Parent[], scope: ListScope): number {
    const sets = parents.flatMap(({ selectionSet }) => (selectionSet === undefined ? [] : [selectionSet]));
    let cells = 0;
    for (const nodes of collectFields(type, sets, this.#collecting).values())
      cells += this.#ofField(type, nodes, scope);
    return cells;
  }

  #ofField(parent: GraphQLObjectType, nodes: readonly FieldNode[], scope: ListScope): number {
    const node = nodes[0]!;
    const field = parent.getFields()[node.name.value];
    if (field === undefined) return node.name.value === '__typename' ? 1 : 0;
    const name = `${parent.name}.${field.name}`;
    if (name === 'Query.explain') return EXPLAIN_CELLS;
    let args: FieldArguments;
    try {
      args = getArgumentValues(field, node, this.#collecting.variables);
    } catch {
      return 0; // the field will fail with the same error before it is resolved
    }
    const { inner, listed } = enterField(this.#session, name, args, scope);
    const named = getNamedType(field.type);
    if (name === 'ExperimentConnection.edges' || name === 'ExperimentConnection.nodes')
      return listed + this.#ofExperiments(named, nodes, inner);
    return listed + lengthOf(name, field.type, args, inner) * this.#ofType(named, nodes, inner);
  }

  #ofType(type: GraphQLOutputType, nodes: readonly FieldNode[], scope: ListScope): number {
    if (isLeafType(type)) return 1;
    if (isAbstractType(type))
      return Math.max(
        0,
        ...this.#collecting.schema.getPossibleTypes(type).map((one) => this.ofObject(one, nodes, scope)),
      );
    return this.ofObject(type as GraphQLObjectType, nodes, scope); // a named output type that is neither leaf nor abstract
  }

  /** Experiments differ in size; a page holds at worst the largest ones. */
  #ofExperiments(type: GraphQLOutputType, nodes: readonly FieldNode[], scope: ListScope): number {
    const known = new Map<string, number>();
    const cost = (shape: ExperimentShape): number => {
      const key = JSON.stringify(shape);
      const cells = known.get(key) ?? this.#ofType(type, nodes, { ...scope, shape });
      known.set(key, cells);
      return cells;
    };
    const largest = scope.experiments.map(cost).sort((a, b) => b - a);
    return largest.slice(0, scope.items).reduce((sum, cells) => sum + cells, 0);
  }
}

function lengthOf(name: string, type: GraphQLOutputType, args: FieldArguments, scope: ListScope): number {
  if (!isListType(getNullableType(type))) return name === 'Query.experiment' && scope.shape === NO_EXPERIMENT ? 0 : 1;
  const named = getNamedType(type);
  const bound = LIST_BOUNDS[name];
  return bound === undefined ? (isEnumType(named) ? named.getValues().length : UNKNOWN_LIST) : bound(scope, args);
}
