import { type GoodWhen, METRIC_TYPES, type MetricType, type ValueFormat } from '../core/vocabulary.ts';
import { camelCase } from '../metric-types/keyword.ts';
import type { YamlPath } from '../metric-types/metric-kind.ts';
import type { Metric, MetricVersion } from './catalog.ts';
import { checkSources } from './check-version.ts';
import type { RuleCode } from './fault-messages.ts';
import { hashOf } from './hash.ts';
import { type LoadContext, toExpression } from './load-context.ts';
import { isMap, type Located } from './located.ts';
import { kindOf, metricFieldsOf, metricTypeOf, versionFieldsOf } from './metric-schema.ts';
import type { KnownSources } from './named-source.ts';
import { titleOf } from './names.ts';
import { isNotOffered } from './not-offered.ts';
import { orderVersions } from './order-versions.ts';
import { parseFields } from './parse-fields.ts';
import { show } from './show.ts';

interface MetricOptions {
  readonly name: string;
  readonly sources: KnownSources;
  readonly context: LoadContext;
}

/** The metric that YAML means; null when a fault leaves nothing to build. */
export function buildMetric(name: string, yaml: Located, sources: KnownSources, context: LoadContext): Metric | null {
  const { faults } = context;
  const subject = `Metric \`${name}\``;
  const options = { name, sources, context };
  const type = readType(yaml, subject, context);
  if (type === null) return null;
  const { all, values } = parseFields(metricFieldsOf(type), yaml, { subject, faults });
  const inherited = { type, goodWhen: values.goodWhen, format: values.format };
  const others = (values.versions ?? []).map((_, index) =>
    buildListedVersion(yaml.nearest(['versions', index]), inherited, options),
  );
  if (all === null) return null;
  const { versions: _, ...definition } = yaml.value as Readonly<Record<string, unknown>>;
  if (others.length > 0 && all.version === undefined) {
    faults.add('CAT_VERSION', yaml.keyPlace, {
      subject,
      rule: 'lists `versions`, so that it must state its own `version`',
    });
    return null;
  }
  const current = buildVersion(all, { type, yaml, definition, subject }, options);
  const versions = [current, ...others];
  if (versions.some((version) => version === null)) return null;
  const ordered = orderVersions(versions as readonly MetricVersion[], subject, context);
  return {
    name,
    title: all.title ?? titleOf(name),
    description: all.description ?? null,
    owner: all.owner ?? null,
    tags: all.tags ?? [],
    deprecated: all.deprecated ?? null,
    versions: ordered,
  };
}

function readType(yaml: Located, subject: string, { faults }: LoadContext): MetricType | null {
  if (!isMap(yaml.value)) {
    faults.add('CAT_TYPE', yaml.place, { subject, rule: 'must be a map of fields', got: show(yaml.value) });
    return null;
  }
  const word = yaml.value.type;
  const type = metricTypeOf(word);
  if (type !== null) return type;
  const words = METRIC_TYPES.map(camelCase);
  const place = yaml.child('type')?.place ?? yaml.keyPlace;
  const named = `${subject}: \`type\``;
  if (word === undefined)
    faults.add('CAT_VALUE', place, { subject: named, rule: `is missing; it is one of ${list(words)}` });
  else if (isNotOffered(['type'], word)) faults.add('CAT_NOT_SUPPORTED', place, { subject: named, what: show(word)! });
  else {
    const suggestion = typeof word === 'string' ? faults.suggest(word, words) : null;
    faults.add('CAT_VALUE', place, {
      subject: named,
      rule: `must be one of ${list(words)}`,
      got: show(word),
      suggestion,
    });
  }
  return null;
}

function list(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}

/** An entry of `versions`; type, goodWhen and format are those of the metric where it does not state them. */
function buildListedVersion(
  yaml: Located,
  inherited: {
    readonly type: MetricType;
    readonly goodWhen: GoodWhen | undefined;
    readonly format: ValueFormat | undefined;
  },
  options: MetricOptions,
): MetricVersion | null {
  const subject = `Metric \`${options.name}\`, version ${isMap(yaml.value) ? (show(yaml.value.version) ?? '?') : '?'}`;
  const type =
    isMap(yaml.value) && yaml.value.type !== undefined ? readType(yaml, subject, options.context) : inherited.type;
  if (type === null) return null;
  const { all } = parseFields(versionFieldsOf(type), yaml, { subject, faults: options.context.faults });
  if (all === null) return null;
  const values = { ...all, goodWhen: all.goodWhen ?? inherited.goodWhen, format: all.format ?? inherited.format };
  // It was parsed as a map.
  const definition = yaml.value as Readonly<Record<string, unknown>>;
  return buildVersion(values, { type, yaml, definition, subject }, options);
}

interface VersionSource {
  readonly type: MetricType;
  readonly yaml: Located;
  readonly definition: Readonly<Record<string, unknown>>;
  readonly subject: string;
}

type VersionValues = Partial<Pick<MetricVersion, 'goodWhen' | 'format'>> & {
  readonly version?: number | undefined;
  readonly validFrom?: string | undefined;
  readonly changelog?: string | undefined;
};

function buildVersion(
  values: { readonly [Key in keyof VersionValues]: VersionValues[Key] | undefined },
  { type, yaml, definition, subject }: VersionSource,
  { name, sources, context }: MetricOptions,
): MetricVersion {
  const { faults } = context;
  // `values` were parsed by the fields of the kind, among others.
  const shape = kindOf(type).shape(values as Readonly<Record<string, unknown>>, {
    expression: (text, path) => toExpression(text, { owner: yaml, path, subject, faults }),
    fault: (code, rule, path: YamlPath) =>
      // Kinds report only codes whose sentence is an offender and a predicate.
      faults.add(code as RuleCode, yaml.nearest(path).keyPlace, { subject: `${subject}: \`${path.join('.')}\``, rule }),
  });
  const version: MetricVersion = {
    ...shape,
    metric: name,
    number: values.version ?? 1,
    type,
    goodWhen: values.goodWhen ?? 'UP',
    format: values.format ?? 'NUMBER',
    definition,
    hash: hashOf({ type, shape }),
    validFrom: values.validFrom ?? null,
    changelog: values.changelog ?? null,
    place: yaml.keyPlace,
  };
  checkSources(version, { yaml, subject, sources, context });
  return version;
}
