import type { MetricRole } from '../core/vocabulary.ts';
import type { AssignmentSource, ExperimentMetric, Metric } from './catalog.ts';
import type { ReferenceYaml } from './experiment-schema.ts';
import { formatPlace } from './fault-messages.ts';
import type { LoadContext } from './load-context.ts';
import type { Located } from './located.ts';

type RoleYaml = readonly string[] | Readonly<Record<string, ReferenceYaml | null>> | undefined;

const ROLES = [
  ['goals', 'GOAL', 'goal'],
  ['guardrails', 'GUARDRAIL', 'guardrail'],
  ['diagnostics', 'DIAGNOSTIC', 'diagnostic'],
] as const satisfies readonly (readonly [string, MetricRole, string])[];

interface RolesOptions {
  readonly yaml: Located;
  readonly subject: string;
  readonly metrics: ReadonlyMap<string, Metric | null>;
  readonly assignments: AssignmentSource | null;
  readonly context: LoadContext;
}

/** The metrics of an experiment in their roles: goals, guardrails, diagnostics, each in declared order. */
export function buildRoles(
  yaml: { readonly [Role in (typeof ROLES)[number][0]]?: RoleYaml },
  options: RolesOptions,
): readonly ExperimentMetric[] {
  const seen = new Map<string, Located>();
  return ROLES.flatMap(([key, role, word]) =>
    references(yaml[key], options.yaml.nearest([key])).flatMap(({ name, asked, located }) => {
      const { faults } = options.context;
      const subject = `${options.subject}: ${word} \`${name}\``;
      const first = seen.get(name);
      if (first !== undefined) {
        const rule = `already has a role in the experiment (${formatPlace(first.keyPlace)}); a metric has one`;
        faults.add('CAT_ROLE', located.keyPlace, { subject, rule });
        return [];
      }
      seen.set(name, located);
      checkReference({ name, asked, role, word, subject, located }, options);
      return [
        {
          metric: name,
          version: asked.version ?? null,
          role,
          margin: asked.margin ?? null,
          minimumDetectableEffect: asked.mde ?? null,
        },
      ];
    }),
  );
}

function references(
  yaml: RoleYaml,
  located: Located,
): readonly { readonly name: string; readonly asked: ReferenceYaml; readonly located: Located }[] {
  if (yaml === undefined) return [];
  if (isList(yaml)) return yaml.map((name, index) => ({ name, asked: {}, located: located.nearest([index]) }));
  return located.members.map(([name, member]) => ({ name, asked: yaml[name] ?? {}, located: member }));
}

function isList(yaml: NonNullable<RoleYaml>): yaml is readonly string[] {
  return Array.isArray(yaml);
}

interface Reference {
  readonly name: string;
  readonly asked: ReferenceYaml;
  readonly role: MetricRole;
  readonly word: string;
  readonly subject: string;
  readonly located: Located;
}

function checkReference(
  { name, asked, role, word, subject, located }: Reference,
  { subject: owner, metrics, assignments, context: { faults } }: RolesOptions,
): void {
  if (asked.margin !== undefined && role !== 'GUARDRAIL') {
    faults.add('CAT_ROLE', located.nearest(['margin']).keyPlace, {
      subject,
      rule: 'has a `margin`, which only a guardrail can have',
    });
  }
  const metric = metrics.get(name);
  if (metric === undefined) {
    const suggestion = faults.suggest(name, metrics.keys());
    faults.add('CAT_UNKNOWN_NAME', located.keyPlace, {
      subject: `${owner}: its list of ${word}s`,
      kind: 'metric',
      name,
      suggestion,
    });
  }
  if (metric === undefined || metric === null) return;
  const version =
    asked.version === undefined
      ? metric.versions.at(-1)
      : metric.versions.find(({ number }) => number === asked.version);
  if (version === undefined) {
    const numbers = metric.versions.map(({ number }) => number).join(', ');
    faults.add('CAT_VERSION', located.nearest(['version']).place, {
      subject,
      rule: `has no version ${asked.version}; there is ${numbers}`,
    });
    return;
  }
  if (version.goodWhen === 'NEITHER' && role !== 'DIAGNOSTIC') {
    const rule = `cannot be a ${word}, because the metric says \`goodWhen: neither\`; say \`up\` or \`down\` there, or make it a diagnostic`;
    faults.add('CAT_ROLE', located.keyPlace, { subject, rule });
  }
  if (assignments?.timestamp === null && version.among != null && !version.among.postTreatment) {
    const rule = `counts units by what they did before the exposure, but source \`${assignments.name}\` has no \`timestamp\` that tells when that was; name its column there, or use a metric without \`among\``;
    faults.add('CAT_NO_TIMESTAMP', located.keyPlace, { subject, rule });
  }
  const isCounted = version.variables.some(({ measures }) =>
    measures.some(({ aggregate }) => aggregate === 'time_to_first'),
  );
  if (assignments?.timestamp === null && isCounted && version.window === null) {
    const rule = `counts the time from the exposure, but source \`${assignments.name}\` has no \`timestamp\` that tells when that was; name its column there, or use another metric`;
    faults.add('CAT_NO_TIMESTAMP', located.keyPlace, { subject, rule });
  }
  if (version.window !== null && assignments !== null && assignments.timestamp === null) {
    const rule = `has a window, but source \`${assignments.name}\` has no \`timestamp\` to start it at; name its column there, or use a metric without a window`;
    faults.add('CAT_NO_TIMESTAMP', located.keyPlace, { subject, rule });
  }
}
