import type { MetricVersion, Source } from './catalog.ts';
import type { LoadContext } from './load-context.ts';
import type { Located } from './located.ts';

/** Sources of the catalog as far as they could be built; a name that maps to null is defined but has faults. */
export type KnownSources = ReadonlyMap<string, Source | null>;

/** Whether the sources of a version exist, hold facts, and have times where it needs them. */
export function checkSources(
  { variables, window }: MetricVersion,
  {
    yaml,
    subject,
    sources,
    context: { faults },
  }: {
    readonly yaml: Located;
    readonly subject: string;
    readonly sources: KnownSources;
    readonly context: LoadContext;
  },
): void {
  for (const { name, measure } of variables.flatMap(({ name, measures }) =>
    measures.map((measure) => ({ name, measure })),
  )) {
    if (measure.source === '') continue;
    const own = yaml.child(name)?.child('source') ?? null;
    const at = own ?? yaml.nearest(['source']);
    const path = own === null ? 'source' : `${name}.source`;
    const source = sources.get(measure.source);
    if (source === undefined) {
      const facts = [...sources]
        .filter(([, known]) => known === null || known.kind === 'facts')
        .map(([known]) => known);
      faults.add('CAT_UNKNOWN_NAME', at.place, {
        subject: `${subject}: \`${path}\``,
        kind: 'source',
        name: measure.source,
        suggestion: faults.suggest(measure.source, facts),
      });
    } else if (source !== null && source.kind !== 'facts') {
      faults.add('CAT_VALUE', at.place, {
        subject: `${subject}: \`${path}\``,
        rule: `must be a source of kind \`facts\`; \`${measure.source}\` is of kind \`${source.kind}\``,
      });
    } else if (source !== null && source.timestamp === null && window !== null) {
      faults.add('CAT_NO_TIMESTAMP', yaml.nearest(['window']).keyPlace, {
        subject: `${subject}: \`window\``,
        rule: `needs times, but source \`${measure.source}\` has no \`timestamp\`; name its column there, or leave the window out`,
      });
    }
  }
}
