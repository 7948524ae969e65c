import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

export const MAX_TOKENS = 2_000;
export const MAX_DEPTH = 12;
export const MAX_ALIASES = 30;
export const MAX_ROOT_FIELDS = 20;
export const MAX_DIRECTIVES = 20;

interface Size {
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
}

/** How large a document is once its fragments are spread; introspection, whose depth the tools decide, does not count. */
const sizeRule: ValidationRule = (context: ValidationContext): ASTVisitor => {
  const known = new Map<string, Size>();
  const open = new Set<string>();

  const ofFragment = (fragment: FragmentDefinitionNode): Size => {
    const name = fragment.name.value;
    const size = known.get(name);
    if (size !== undefined) return size;
    // A fragment that spreads itself is refused by the rule for cycles.
    if (open.has(name)) return { depth: 0, aliases: 0, directives: 0 };
    open.add(name);
    const measured = measure(fragment.selectionSet);
    open.delete(name);
    known.set(name, measured);
    return measured;
  };

  const measure = ({ selections }: SelectionSetNode): Size => {
    let total: Size = { depth: 0, aliases: 0, directives: 0 };
    const add = (size: Size, more: Partial<Size>) => {
      total = {
        depth: Math.max(total.depth, size.depth + (more.depth ?? 0)),
        aliases: total.aliases + size.aliases + (more.aliases ?? 0),
        directives: total.directives + size.directives + (more.directives ?? 0),
      };
    };
    for (const selection of selections) {
      const directives = selection.directives?.length ?? 0;
      if (selection.kind === Kind.FIELD) {
        const introspection = selection.name.value.startsWith('__');
        const inner =
          selection.selectionSet === undefined || introspection
            ? { depth: 0, aliases: 0, directives: 0 }
            : measure(selection.selectionSet);
        add(inner, { depth: introspection ? 0 : 1, aliases: selection.alias === undefined ? 0 : 1, directives });
      } else if (selection.kind === Kind.INLINE_FRAGMENT) add(measure(selection.selectionSet), { directives });
      else {
        const fragment = context.getFragment(selection.name.value);
        add(fragment == null ? { depth: 0, aliases: 0, directives: 0 } : ofFragment(fragment), { directives });
      }
    }
    return total;
  };

  const refuse = (what: string, found: number, most: number) =>
    context.reportError(
      new GraphQLError(`The document has ${found} ${what}; at most ${most} are allowed.`, {
        extensions: { code: 'DOCUMENT_TOO_LARGE' },
      }),
    );

  return {
    OperationDefinition(operation) {
      const { depth, aliases, directives } = measure(operation.selectionSet);
      const roots = operation.selectionSet.selections.length;
      if (depth > MAX_DEPTH) refuse('levels', depth, MAX_DEPTH);
      if (aliases > MAX_ALIASES) refuse('aliases', aliases, MAX_ALIASES);
      if (directives > MAX_DIRECTIVES) refuse('directives', directives, MAX_DIRECTIVES);
      if (roots > MAX_ROOT_FIELDS) refuse('root fields', roots, MAX_ROOT_FIELDS);
    },
  };
};

export const limitRules: readonly ValidationRule[] = [sizeRule];
