import type { z } from 'zod';
import { compareInstants } from '../core/instant.ts';
import { buildActivation } from './build-activation.ts';
import { buildPhases } from './build-phases.ts';
import { buildRoles } from './build-roles.ts';
import type { AnalysisSettings, AssignmentSource, Experiment, Metric } from './catalog.ts';
import { experimentFields } from './experiment-schema.ts';
import type { RuleCode } from './fault-messages.ts';
import type { LoadContext } from './load-context.ts';
import type { Located } from './located.ts';
import type { KnownSources } from './named-source.ts';
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
  const stated = failed.has('variants') ? [] : buildVariants(values.variants, { yaml, subject, ...options });
  const isSound = !['phases', 'variants', 'start', 'end'].some((field) => failed.has(field));
  const { variants, phases } = buildPhases(isSound ? values.phases : undefined, {
    ...{ yaml, subject, variants: stated, start: values.start, end: values.end, assignments, context: options.context },
    weighted: Object.values(values.variants ?? {}).some((variant) => variant?.weight !== undefined),
  });
  const activation = buildActivation(values.activation, { yaml, subject, assignments, ...options });
  const metrics = buildRoles(values, { yaml, subject, assignments, ...options });
  checkPeriod(values, { yaml, subject, ...options });
  checkMonitoring(values, { yaml, subject, ...options });
  if (all === null || assignments === null) return null;
  const analysis = mergeAnalysis(options.analysis, all.analysis ?? {});
  checkStrata(analysis, assignments, { yaml, subject, ...options });
  checkClusters(all, analysis, assignments, { yaml, subject, ...options });
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
    ...(phases === undefined ? {} : { phases }),
    ...(activation === null ? {} : { activation }),
    metrics,
    plan:
      plan === undefined
        ? null
        : { end: plan.end ?? null, unitsPerVariant: plan.unitsPerVariant ?? null, minRuntime: plan.minRuntime ?? null },
    ...monitoringOf(all.monitoring),
    policy: all.policy ?? 'default',
    multiExposure: all.multiExposure ?? 'exclude',
    intent: all.intent ?? 'improve',
    analysis,
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

function monitoringOf(stated: ExperimentYaml['monitoring']): Pick<Experiment, 'monitoring' | 'groupSequential'> {
  if (typeof stated !== 'object') return { monitoring: stated ?? 'FIXED' };
  return { monitoring: 'GROUP_SEQUENTIAL', groupSequential: stated.groupSequential };
}

/** The information of a look is counted in units of the plan. */
function checkMonitoring(
  { monitoring, plan }: ExperimentYaml,
  { yaml, subject, context: { faults } }: PartOptions,
): void {
  if (typeof monitoring !== 'object' || plan?.unitsPerVariant !== undefined) return;
  const rule = 'needs `plan: { unitsPerVariant: … }`: its looks are shares of the planned units, and none are planned';
  faults.add('CAT_VALUE', yaml.nearest(['monitoring', 'groupSequential']).keyPlace, {
    subject: `${subject}: \`monitoring.groupSequential\``,
    rule,
  });
}

/** Where clusters are randomised, their units do not enter one by one: what takes them so is refused. */
function checkClusters(
  { phases, multiExposure }: ExperimentYaml,
  { stratifyBy = [] }: AnalysisSettings,
  { name, cluster }: AssignmentSource,
  { yaml, subject, context: { faults } }: PartOptions,
): void {
  if (cluster == null) return;
  const refuse = (key: string, why: string) =>
    faults.add('CAT_VALUE', yaml.nearest([key]).keyPlace, {
      subject: `${subject}: \`${key}\``,
      rule: `cannot be had where source \`${name}\` randomises clusters (\`cluster: ${cluster}\`): ${why}`,
    });
  if ((phases?.length ?? 0) > 1) refuse('phases', 'the units of one cluster may be exposed in several phases');
  if (multiExposure === 'first') refuse('multiExposure', 'a cluster that was seen in several variants is excluded');
  if (stratifyBy.length > 0) refuse('analysis', 'the units of one cluster may be in several strata of `stratifyBy`');
}

/** Strata are dimensions of the assignments. */
function checkStrata(
  { stratifyBy = [] }: AnalysisSettings,
  { name, dimensions }: AssignmentSource,
  { yaml, subject, context: { faults } }: PartOptions,
): void {
  const known = dimensions.map((dimension) => dimension.name);
  for (const stratum of stratifyBy.filter((one) => !known.includes(one))) {
    faults.add('CAT_UNKNOWN_NAME', yaml.nearest(['analysis', 'stratifyBy']).keyPlace, {
      subject: `${subject}: \`analysis.stratifyBy\``,
      kind: `dimension of \`${name}\``,
      name: stratum,
      suggestion: faults.suggest(stratum, known),
    });
  }
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
