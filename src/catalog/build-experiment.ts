import type { z } from 'zod';
import { compareInstants } from '../core/instant.ts';
import { buildRoles } from './build-roles.ts';
import type { AnalysisSettings, AssignmentSource, Experiment, Metric } from './catalog.ts';
import type { KnownSources } from './check-version.ts';
import { experimentFields } from './experiment-schema.ts';
import type { RuleCode } from './fault-messages.ts';
import type { LoadContext } from './load-context.ts';
import type { Located } from './located.ts';
import { keyFault, namedMembers } from './names.ts';
import { parseFields } from './parse-fields.ts';
import { mergeAnalysis } from './settings-schema.ts';
import { completeVariants } from './variants.ts';

/** What an experiment refers to; a name that maps to null is defined but has faults. */
export interface ExperimentContext {
  readonly sources: KnownSources;
  readonly metrics: ReadonlyMap<string, Metric | null>;
  readonly analysis: AnalysisSettings;
  readonly context: LoadContext;
}

type ExperimentYaml = Partial<z.output<z.ZodObject<typeof experimentFields>>>;

/** The experiment that YAML means; null when a fault leaves nothing to build. */
export function buildExperiment(key: string, yaml: Located, options: ExperimentContext): Experiment | null {
  const { faults } = options.context;
  const subject = `Experiment \`${key}\``;
  const { values, failed, all } = parseFields(experimentFields, yaml, { subject, faults });
  const assignments = failed.has('assignments')
    ? null
    : findAssignments(values.assignments, { yaml, subject, ...options });
  const variants = failed.has('variants') ? [] : buildVariants(values.variants, { yaml, subject, ...options });
  const metrics = buildRoles(values, { yaml, subject, assignments, ...options });
  checkPeriod(values, { yaml, subject, ...options });
  if (all === null || assignments === null) return null;
  const { plan } = all;
  return {
    key,
    name: all.name ?? key,
    hypothesis: all.hypothesis ?? null,
    owner: all.owner ?? null,
    tags: all.tags ?? [],
    status: all.status ?? null,
    unit: all.unit ?? assignments.unit,
    assignments: assignments.name,
    timezone: all.timezone ?? 'UTC',
    start: all.start ?? null,
    end: all.end ?? null,
    treatmentEnd: all.treatmentEnd ?? null,
    variants,
    metrics,
    plan:
      plan === undefined
        ? null
        : { end: plan.end ?? null, unitsPerVariant: plan.unitsPerVariant ?? null, minRuntime: plan.minRuntime ?? null },
    monitoring: all.monitoring ?? 'FIXED',
    multiExposure: all.multiExposure ?? 'exclude',
    intent: all.intent ?? 'improve',
    analysis: mergeAnalysis(options.analysis, all.analysis ?? {}),
    place: yaml.keyPlace,
  };
}

interface PartOptions extends ExperimentContext {
  readonly yaml: Located;
  readonly subject: string;
}

/** The assignment source of an experiment; the only one of the catalog when none is named. */
function findAssignments(
  name: string | undefined,
  { yaml, subject, sources, context: { faults } }: PartOptions,
): AssignmentSource | null {
  const known = [...sources.values()].filter((source) => source?.kind === 'assignments');
  const place = yaml.child('assignments')?.place ?? yaml.keyPlace;
  if (name === undefined) {
    if (known.length === 1) return known[0]!;
    if ([...sources.values()].includes(null)) return null;
    const rule =
      known.length === 0
        ? 'needs a source of kind `assignments`, and the catalog has none'
        : `must say which of the sources ${known.map((source) => `\`${source.name}\``).join(', ')} holds its assignments: \`assignments: …\``;
    faults.add('CAT_VALUE', place, { subject, rule });
    return null;
  }
  const source = sources.get(name);
  if (source?.kind === 'assignments' || source === null) return source;
  const named = `${subject}: \`assignments\``;
  if (source === undefined) {
    const suggestion = faults.suggest(
      name,
      known.map((candidate) => candidate.name),
    );
    faults.add('CAT_UNKNOWN_NAME', place, { subject: named, kind: 'source', name, suggestion });
  } else {
    const rule = `must be a source of kind \`assignments\`; \`${name}\` is of kind \`${source.kind}\``;
    faults.add('CAT_VALUE', place, { subject: named, rule });
  }
  return null;
}

function buildVariants(
  stated: ExperimentYaml['variants'],
  { yaml, subject, sources, context: { faults } }: PartOptions,
): Experiment['variants'] {
  if (stated === undefined) {
    const fromTable = [...sources.values()].some((source) => source === null || source.kind === 'experiments');
    if (!fromTable)
      faults.add('CAT_VARIANTS', yaml.keyPlace, {
        subject: `${subject}: \`variants\``,
        rule: 'is missing; list two or more',
      });
    return [];
  }
  const map = yaml.nearest(['variants']);
  const kind = `variant (of ${subject.charAt(0).toLowerCase()}${subject.slice(1)})`;
  const members = namedMembers(map.members, { kind, rule: keyFault, faults });
  if (members.length < map.members.length) return [];
  const complete = completeVariants(members.map(([key]) => ({ key, ...stated[key] })));
  for (const { code, rule, key } of complete.faults) {
    const place = key === null ? map.keyPlace : map.nearest([key]).keyPlace;
    faults.add(code, place, {
      subject: `${subject}: \`variants${key === null || code === 'CAT_CONTROL' ? '' : `.${key}`}\``,
      rule,
    });
  }
  return complete.variants;
}

function checkPeriod(
  { start, end, treatmentEnd, plan }: ExperimentYaml,
  { yaml, subject, context: { faults } }: PartOptions,
): void {
  const check = (path: readonly string[], instant: string | undefined, code: RuleCode = 'CAT_PERIOD') => {
    if (start === undefined || instant === undefined || compareInstants(start, instant) < 0) return;
    const rule = `is ${instant}, which is not after the start, ${start}`;
    faults.add(code, yaml.nearest(path).place, { subject: `${subject}: \`${path.join('.')}\``, rule });
  };
  check(['end'], end);
  check(['treatmentEnd'], treatmentEnd);
  check(['plan', 'end'], plan?.end);
}
