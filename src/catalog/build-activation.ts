import type { Seconds } from '../metric-types/metric-type.ts';
import type { Activation, AssignmentSource } from './catalog.ts';
import type { RuleCode } from './fault-messages.ts';
import { type LoadContext, toExpression } from './load-context.ts';
import type { Located } from './located.ts';
import type { KnownSources } from './named-source.ts';

/** An activation as it was written. */
export interface StatedActivation {
  readonly source: string;
  readonly where?: string | undefined;
  readonly within?: Seconds | undefined;
}

/** The row that replaces a unit's exposure. It needs times on both sides, and instants: a row that holds a day tells none. */
export function buildActivation(
  stated: StatedActivation | undefined,
  {
    yaml,
    subject,
    assignments,
    sources,
    context: { faults },
  }: {
    readonly yaml: Located;
    readonly subject: string;
    readonly assignments: AssignmentSource | null;
    readonly sources: KnownSources;
    readonly context: LoadContext;
  },
): Activation | null {
  if (stated === undefined) return null;
  const at = yaml.nearest(['activation', 'source']).place;
  const named = `${subject}: \`activation.source\``;
  const fault = (code: RuleCode, rule: string) => faults.add(code, at, { subject: named, rule });
  const source = sources.get(stated.source);
  if (source === undefined) {
    const facts = [...sources].filter(([, known]) => known === null || known.kind === 'facts').map(([name]) => name);
    faults.add('CAT_UNKNOWN_NAME', at, {
      subject: named,
      kind: 'source',
      name: stated.source,
      suggestion: faults.suggest(stated.source, facts),
    });
  } else if (source !== null && source.kind !== 'facts')
    fault('CAT_VALUE', `must be a source of kind \`facts\`; \`${stated.source}\` is of kind \`${source.kind}\``);
  else if (source !== null && source.timestamp === null)
    fault(
      'CAT_NO_TIMESTAMP',
      `needs times, but source \`${stated.source}\` has no \`timestamp\`; name its column there`,
    );
  else if (source?.kind === 'facts' && source.grain === 'day')
    fault('CAT_VALUE', `must tell the time of a row; a row of \`${stated.source}\` holds a day (\`grain: day\`)`);
  if (assignments !== null && assignments.timestamp === null) {
    const rule = `comes after an exposure, but source \`${assignments.name}\` has no \`timestamp\`; name its column there, or leave the activation out`;
    faults.add('CAT_NO_TIMESTAMP', yaml.nearest(['activation']).keyPlace, {
      subject: `${subject}: \`activation\``,
      rule,
    });
  }
  const where =
    stated.where === undefined
      ? null
      : toExpression(stated.where, { owner: yaml, path: ['activation', 'where'], subject, faults });
  return {
    measure: { source: stated.source, aggregate: 'count', column: null, where, whenMissing: 'zero', minimum: null },
    within: stated.within ?? null,
  };
}
