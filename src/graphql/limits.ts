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
export const MAX_DEPTH = 10;
export const MAX_ALIASES = 30;
export const MAX_ROOT_FIELDS = 20;
export const MAX_DIRECTIVES = 20;
/** How deep lists and objects of one value may nest, in the document or in a variable. */
export const MAX_VALUE_DEPTH = 50;

interface Size {
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  /** Fields on the top level. */
  readonly roots: number;
}

const NOTHING: Size = { depth: 0, aliases: 0, directives: 0, roots: 0 };

/** How large a document is once its fragments are spread. The depth of introspection is graphql-js' own rule's. */
const sizeRule: ValidationRule = (context: ValidationContext): ASTVisitor => {
  const known = new Map<string, Size>();
  const open = new Set<string>();

  const ofFragment = (fragment: FragmentDefinitionNode): Size => {
    const name = fragment.name.value;
    const size = known.get(name);
    if (size !== undefined) return size;
    // A fragment that spreads itself is refused by the rule for cycles.
    if (open.has(name)) return NOTHING;
    open.add(name);
    const measured = measure(fragment.selectionSet);
    open.delete(name);
    known.set(name, measured);
    return measured;
  };

  const measure = ({ selections }: SelectionSetNode): Size => {
    let { depth, aliases, directives, roots } = NOTHING;
    const add = (inner: Size, own: Partial<Size>) => {
      depth = Math.max(depth, inner.depth + (own.depth ?? 0));
      aliases += inner.aliases + (own.aliases ?? 0);
      directives += inner.directives + (own.directives ?? 0);
      roots += own.roots ?? inner.roots;
    };
    for (const selection of selections) {
      const own = { directives: selection.directives?.length ?? 0 };
      if (selection.kind === Kind.FIELD) {
        const inner = selection.selectionSet === undefined ? NOTHING : measure(selection.selectionSet);
        const aliased = { ...own, aliases: selection.alias === undefined ? 0 : 1, roots: 1 };
        if (selection.name.value.startsWith('__')) add({ ...inner, depth: 0 }, aliased);
        else add(inner, { ...aliased, depth: 1 });
      } else if (selection.kind === Kind.INLINE_FRAGMENT) add(measure(selection.selectionSet), own);
      else {
        const fragment = context.getFragment(selection.name.value);
        add(fragment == null ? NOTHING : ofFragment(fragment), own);
      }
    }
    return { depth, aliases, directives, roots };
  };

  return {
    OperationDefinition(operation) {
      const { depth, aliases, directives, roots } = measure(operation.selectionSet);
      const all = directives + (operation.directives?.length ?? 0);
      refuseAbove(context, 'levels', depth, MAX_DEPTH);
      refuseAbove(context, 'aliases', aliases, MAX_ALIASES);
      refuseAbove(context, 'directives', all, MAX_DIRECTIVES);
      refuseAbove(context, 'root fields', roots, MAX_ROOT_FIELDS);
    },
  };
};

/** How deep one value in the document nests: what reads values walks them by recursion. */
const valueRule: ValidationRule = (context: ValidationContext): ASTVisitor => {
  let depth = 0;
  let deepest = 0;
  const enter = () => {
    depth += 1;
    deepest = Math.max(deepest, depth);
  };
  const leave = () => {
    depth -= 1;
  };
  return {
    ObjectValue: { enter, leave },
    ListValue: { enter, leave },
    Document: { leave: () => refuseAbove(context, 'levels in one value', deepest, MAX_VALUE_DEPTH) },
  };
};

function refuseAbove(context: ValidationContext, what: string, found: number, most: number): void {
  if (found <= most) return;
  const message = `The document has ${found} ${what}; at most ${most} are allowed.`;
  context.reportError(new GraphQLError(message, { extensions: { code: 'DOCUMENT_TOO_LARGE' } }));
}

export const limitRules: readonly ValidationRule[] = [sizeRule, valueRule];
