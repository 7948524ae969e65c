import type { YamlPath } from '../metric-types/metric-kind.ts';
import type { FactSource, Source } from './catalog.ts';
import type { LoadContext } from './load-context.ts';
import type { Located } from './located.ts';

/** Sources of the catalog as far as they could be built; a name that maps to null is defined but has faults. */
export type KnownSources = ReadonlyMap<string, Source | null>;

/** Where a version is checked. */
export interface CheckOptions {
  readonly yaml: Located;
  readonly subject: string;
  readonly sources: KnownSources;
  readonly context: LoadContext;
}

/** The source of facts that is named at a path; null: it has a fault, or it is none, which is reported. */
export function factSourceNamed(
  name: string,
  path: YamlPath,
  { yaml, subject, sources, context: { faults } }: CheckOptions,
): FactSource | null {
  const source = sources.get(name);
  const { place } = yaml.nearest(path);
  const named = `${subject}: \`${path.join('.')}\``;
  if (source === undefined) {
    const facts = [...sources].filter(([, known]) => known === null || known.kind === 'facts').map(([known]) => known);
    faults.add('CAT_UNKNOWN_NAME', place, {
      subject: named,
      kind: 'source',
      name,
      suggestion: faults.suggest(name, facts),
    });
    return null;
  }
  if (source === null || source.kind === 'facts') return source;
  faults.add('CAT_VALUE', place, {
    subject: named,
    rule: `must be a source of kind \`facts\`; \`${name}\` is of kind \`${source.kind}\``,
  });
  return null;
}
