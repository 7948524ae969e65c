import type { YamlPath } from '../metric-types/metric-kind.ts';
import type { Existence, Measure } from '../metric-types/metric-type.ts';
import type { FactSource, MetricVersion } from './catalog.ts';
import type { RuleCode } from './fault-messages.ts';
import { type CheckOptions, factSourceNamed } from './named-source.ts';

const DAY = 86_400;

/** Aggregates that look at when rows happened. */
const OF_TIMES: readonly Measure['aggregate'][] = ['first', 'last', 'distinct_days', 'time_to_first', 'funnel'];

/** Whether one measure of a version, which stands at `owner`, has the times that it is made of. */
export function checkMeasureTimes(
  measure: Measure,
  owner: YamlPath,
  version: MetricVersion,
  options: CheckOptions,
): void {
  const { yaml, subject, sources, context } = options;
  const fault = (code: RuleCode, path: YamlPath, rule: string) => {
    const [found, named] = nearestField(path, options);
    context.faults.add(code, found.keyPlace, { subject: named === '' ? subject : `${subject}: \`${named}\``, rule });
  };
  const known = sources.get(measure.source);
  const source = known?.kind === 'facts' ? known : null;
  const { window } = version;
  if (measure.whenMissing === 'window_end' && window?.length == null) {
    const rule = 'is `window_end`, but the window has no end; state `window: { length: … }`, or say `exclude`';
    fault('CAT_WINDOW', [...owner, 'missing'], rule);
  }
  if (source !== null && source.timestamp === null && OF_TIMES.includes(measure.aggregate)) {
    const word = measure.aggregate === 'funnel' ? 'steps in order' : `\`${measure.aggregate}\``;
    const rule = `needs times (${word}), but source \`${source.name}\` has no \`timestamp\`; name its column there`;
    fault('CAT_NO_TIMESTAMP', measure.aggregate === 'funnel' ? ['steps'] : [...owner, 'aggregate'], rule);
  }
  if (source?.grain === 'day' && measure.aggregate === 'time_to_first') {
    const rule = `is \`time_to_first\`, but source \`${source.name}\` holds days (\`grain: day\`), which do not tell when in a day`;
    fault('CAT_VALUE', [...owner, 'aggregate'], rule);
  }
  for (const [i, { within }] of (source?.grain === 'day' ? (measure.steps ?? []) : []).entries()) {
    if (within === null || within % DAY === 0) continue;
    const rule = `must be whole days, because source \`${source!.name}\` holds days (\`grain: day\`)`;
    context.faults.add('CAT_WINDOW', yaml.nearest(['steps', i, 'within']).keyPlace, {
      subject: `${subject}: \`steps[${i}].within\``,
      rule,
    });
  }
  if (measure.exists !== undefined) checkExistence(measure.exists, source, [...owner, 'exists'], version, options);
}

/** Whether the other source exists, and both have the times that `within` compares. */
function checkExistence(
  exists: Existence,
  source: FactSource | null,
  path: YamlPath,
  { covariate }: MetricVersion,
  options: CheckOptions,
): void {
  const { yaml, subject, context } = options;
  const other = factSourceNamed(exists.source, [...path, 'source'], options);
  const named = `${subject}: \`${path.join('.')}.within\``;
  const fault = (code: RuleCode, rule: string, subject = named) =>
    context.faults.add(code, yaml.nearest([...path, 'within']).keyPlace, { subject, rule });
  if (exists.within === null) {
    if (covariate != null) {
      const rule =
        'must be stated, because the metric has a `covariate`: without it a row before the exposure could count by what came after';
      fault('CAT_VALUE', rule);
    }
    return;
  }
  for (const one of new Set([source, other])) {
    if (one === null) continue;
    if (one.timestamp === null) {
      const rule = `needs times, but source \`${one.name}\` has no \`timestamp\`; name its column there, or leave \`within\` out`;
      fault('CAT_NO_TIMESTAMP', rule);
    } else if (one.grain === 'day') {
      const rule = `needs times, but source \`${one.name}\` holds days (\`grain: day\`); leave \`within\` out`;
      fault('CAT_WINDOW', rule);
    }
  }
}

/** What stands at a path as far as it is written, and the path of that. */
function nearestField(path: YamlPath, { yaml }: CheckOptions) {
  const written = path.map((_, i) => path.slice(0, i + 1)).filter((to) => exists(to, yaml));
  const longest = written.at(-1) ?? [];
  return [yaml.nearest(longest), longest.join('.')] as const;
}

function exists(path: YamlPath, yaml: CheckOptions['yaml']): boolean {
  let here: CheckOptions['yaml'] | null = yaml;
  for (const key of path) here = here?.child(key) ?? null;
  return here !== null;
}
