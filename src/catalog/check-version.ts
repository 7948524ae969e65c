import type { YamlPath } from '../metric-types/metric-kind.ts';
import type { Measure } from '../metric-types/metric-type.ts';
import type { FactSource, MetricVersion } from './catalog.ts';
import { checkMeasureTimes } from './check-measures.ts';
import type { Located } from './located.ts';
import { type CheckOptions, factSourceNamed } from './named-source.ts';

const DAY = 86_400;

/** The measures of a version, and where each may name a source of its own. */
function measuresIn({ variables, among }: MetricVersion, yaml: Located): readonly (readonly [YamlPath, Measure])[] {
  const parts = yaml.child('parts')?.members ?? [];
  return [
    ...variables.flatMap(({ name, measures, combine }) =>
      measures.map((measure, i) => [combine === undefined ? [name] : ['parts', parts[i]![0]], measure] as const),
    ),
    ...(among == null ? [] : [[['among'], among.measure] as const]),
  ];
}

/** Whether the sources of a version exist, hold facts, and have times where it needs them. */
export function checkSources(version: MetricVersion, options: CheckOptions): void {
  const {
    yaml,
    subject,
    context: { faults },
  } = options;
  const { window } = version;
  for (const [owner, measure] of measuresIn(version, yaml)) {
    if (measure.source === '') continue;
    const own = [...owner, 'source'].reduce<Located | null>((here, key) => here?.child(key) ?? null, yaml);
    const source = factSourceNamed(measure.source, own === null ? ['source'] : [...owner, 'source'], options);
    if (source !== null && source.timestamp === null && window !== null) {
      faults.add('CAT_NO_TIMESTAMP', yaml.nearest(['window']).keyPlace, {
        subject: `${subject}: \`window\``,
        rule: `needs times, but source \`${measure.source}\` has no \`timestamp\`; name its column there, or leave the window out`,
      });
    }
    checkMeasureTimes(measure, owner, version, options);
  }
  const names = new Set(measuresIn(version, yaml).map(([, { source }]) => source));
  for (const name of names) {
    const source = options.sources.get(name);
    if (source?.kind === 'facts') checkTimes(version, source, options);
  }
}

/** Whether a source has the times that what lies before the exposure needs, and windows of its grain. */
function checkTimes(
  { window, covariate, among }: MetricVersion,
  source: FactSource,
  { yaml, subject, context: { faults } }: CheckOptions,
): void {
  const before = [
    ...(covariate == null ? [] : [{ field: 'covariate', path: ['covariate', 'lookback'], span: covariate.lookback }]),
    ...(among == null || among.postTreatment
      ? []
      : [{ field: 'among', path: ['among', 'lookback'], span: among.window.length! }]),
  ];
  if (source.timestamp === null) {
    for (const { field } of before) {
      const rule = `needs times, but source \`${source.name}\` has no \`timestamp\`: what was before the exposure cannot be told`;
      faults.add('CAT_NO_TIMESTAMP', yaml.nearest([field]).keyPlace, { subject: `${subject}: \`${field}\``, rule });
    }
  }
  if (source.grain !== 'day') return;
  const spans = [
    { path: ['window', 'delay'], span: window?.delay ?? 0 },
    { path: ['window', 'length'], span: window?.length ?? 0 },
    ...before,
  ];
  for (const { path } of spans.filter(({ span }) => span % DAY !== 0)) {
    const rule = `must be whole days, because source \`${source.name}\` holds days (\`grain: day\`)`;
    faults.add('CAT_WINDOW', yaml.nearest(path).place, { subject: `${subject}: \`${path.join('.')}\``, rule });
  }
}
