/**
 * What stands at a path of an answer: names joined by dots, and `[name.of=value]` to take the member of a list whose inner
 * path has that value, or `[3]` for one by position. Throws where the path leads nowhere.
 */
export function atPath(root: unknown, path: string): unknown {
  let found = root;
  for (const [, name, index, inner, value] of path.matchAll(/([A-Za-z_]\w*)|\[(\d+)\]|\[([^=\]]+)=([^\]]*)\]/g)) {
    if (name !== undefined) found = member(found, name, path);
    else if (index !== undefined) found = member(found, index, path);
    else
      found = member({ found: list(found, path).find((one) => String(atPath(one, inner!)) === value) }, 'found', path);
  }
  return found;
}

function member(of: unknown, name: string, path: string): unknown {
  // The answer is JSON: whatever is no object has no members.
  const value = typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[name] : undefined;
  if (value === undefined) throw new Error(`${path} leads nowhere at ${name}.`);
  return value;
}

function list(of: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(of)) throw new Error(`${path} selects from what is no list.`);
  return of;
}
