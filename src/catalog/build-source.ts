import { resolve } from 'node:path';
import type { AssignmentSource, ExperimentsSource, FactSource, Relation, Source, SourceDimension } from './catalog.ts';
import { expand } from './environment.ts';
import { type LoadContext, toExpression } from './load-context.ts';
import { isMap, type Located } from './located.ts';
import { identifierFault, namedMembers, titleOf } from './names.ts';
import { parseFields } from './parse-fields.ts';
import { show } from './show.ts';
import { SOURCE_FIELDS } from './source-schema.ts';

const KINDS = Object.keys(SOURCE_FIELDS);

/** The source that YAML means; null when a fault was reported that leaves nothing to build. */
export function buildSource(name: string, yaml: Located, context: LoadContext): Source | null {
  const { faults } = context;
  const subject = `Source \`${name}\``;
  const kind = isMap(yaml.value) ? yaml.value.kind : undefined;
  switch (kind) {
    case 'assignments': {
      const { values, all } = parseFields(SOURCE_FIELDS.assignments, yaml, { subject, faults });
      const relation = buildRelation(values, { yaml, subject, context });
      const dimensions = buildDimensions(values.dimensions, { yaml, subject, context });
      const exclude =
        values.exclude === undefined
          ? null
          : toExpression(values.exclude, { owner: yaml, path: ['exclude'], subject, faults });
      if (all === null || relation === null) return null;
      const { unit, experiment = null, variant, timestamp = null, loadedAt, cluster } = all;
      return {
        ...base(name, yaml, relation),
        kind,
        unit,
        experiment,
        variant,
        timestamp,
        dimensions,
        exclude,
        ...(cluster === undefined ? {} : { cluster }),
        ...(loadedAt === undefined ? {} : { loadedAt }),
      } satisfies AssignmentSource;
    }
    case 'facts': {
      const { values, all } = parseFields(SOURCE_FIELDS.facts, yaml, { subject, faults });
      const relation = buildRelation(values, { yaml, subject, context });
      if (all === null || relation === null) return null;
      const { unit, id = null, loadedAt } = all;
      const { column: timestamp = null, grain } = all.timestamp ?? {};
      if (id !== null && timestamp === null) {
        const rule = 'needs a `timestamp`, because the earliest of the rows with one id is kept';
        faults.add('CAT_NO_TIMESTAMP', yaml.nearest(['id']).keyPlace, { subject: `${subject}: \`id\``, rule });
      }
      return {
        ...base(name, yaml, relation),
        kind,
        unit,
        timestamp,
        id,
        ...(grain === undefined ? {} : { grain }),
        ...(loadedAt === undefined ? {} : { loadedAt }),
      } satisfies FactSource;
    }
    case 'experiments': {
      const { values, all } = parseFields(SOURCE_FIELDS.experiments, yaml, { subject, faults });
      const relation = buildRelation(values, { yaml, subject, context });
      if (all === null || relation === null) return null;
      // Object.entries of a checked map: its keys are the fields, its values are column names.
      const fields = new Map(
        Object.entries(all.columns).filter(([, column]) => column !== undefined),
      ) as ExperimentsSource['fields'];
      return { ...base(name, yaml, relation), kind, fields };
    }
    default: {
      const found = yaml.child('kind');
      const suggestion = typeof kind === 'string' ? faults.suggest(kind, KINDS) : null;
      const rule =
        kind === undefined
          ? 'is missing; it is one of `assignments`, `facts`, `experiments`'
          : 'must be one of `assignments`, `facts`, `experiments`';
      faults.add('CAT_VALUE', found?.place ?? yaml.keyPlace, {
        subject: `${subject}: \`kind\``,
        rule,
        got: show(kind),
        suggestion,
      });
      return null;
    }
  }
}

function base(name: string, yaml: Located, relation: Relation) {
  const fields = ['unit', 'experiment', 'cluster', 'variant', 'timestamp', 'loadedAt', 'table', 'file'].map(
    (field) => [field, yaml.child(field)] as const,
  );
  const inner = ['id', 'dimensions', 'columns'].flatMap((field) =>
    yaml
      .nearest([field])
      .members.map(([key, member]) => [`${field}.${key}`, member.child('column') ?? member] as const),
  );
  const stated = [...fields, ...inner].flatMap(([field, at]) => (at === null ? [] : [[field, at] as const]));
  const fieldPlaces = new Map(
    stated.map(([field, at]) => [field, at.value === null || typeof at.value === 'object' ? at.keyPlace : at.place]),
  );
  return { name, place: yaml.keyPlace, relation, fieldPlaces, columns: new Map() };
}

interface BuildOptions {
  readonly yaml: Located;
  readonly subject: string;
  readonly context: LoadContext;
}

function buildRelation(
  values: {
    readonly table?: readonly string[] | undefined;
    readonly file?: string | undefined;
    readonly sql?: string | undefined;
  },
  { yaml, subject, context }: BuildOptions,
): Relation | null {
  const { faults } = context;
  const stated = (['table', 'file', 'sql'] as const).filter((key) => yaml.child(key) !== null);
  const { table, file, sql } = values;
  const isDatabase = file !== undefined && /\.(duckdb|db)$/i.test(file);
  if (file !== undefined && isDatabase && sql === undefined) {
    if (table !== undefined) return { kind: 'file', path: filePath(file, { yaml, subject, context }), table };
    const rule = 'is a database, so that `table` must say which of its tables is meant';
    faults.add('CAT_VALUE', yaml.nearest(['file']).place, { subject: `${subject}: \`file\``, rule });
    return null;
  }
  if (stated.length !== 1) {
    const rule = `must state exactly one of \`table\`, \`file\` and \`sql\`${stated.length === 0 ? '' : `, but states ${stated.map((key) => `\`${key}\``).join(' and ')}`}`;
    faults.add('CAT_VALUE', yaml.keyPlace, { subject, rule });
    return null;
  }
  if (table !== undefined) return { kind: 'table', name: table };
  if (file !== undefined) return { kind: 'file', path: filePath(file, { yaml, subject, context }), table: null };
  if (sql === undefined) return null;
  const query = toExpression(sql, { owner: yaml, path: ['sql'], subject, faults });
  if (query.text.trim() !== '' && !/^[\s(]*(select|with)\b/i.test(query.text)) {
    faults.add('CAT_EXPRESSION', query.place, {
      subject: `${subject}: \`sql\``,
      rule: 'must be one statement that starts with `select` or `with`',
    });
  }
  return { kind: 'sql', query };
}

function filePath(file: string, { yaml, subject, context }: BuildOptions): string {
  const located = yaml.nearest(['file']);
  const { env, faults } = context;
  const path = expand(file, located, { env, subject: `${subject}: \`file\``, faults });
  const report = (rule: string) =>
    faults.add('CAT_VALUE', located.place, { subject: `${subject}: \`file\``, rule, got: show(path) });
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) report('must be a path of this machine');
  else if (/\{\{|\$\{/.test(path)) report('must hold no template besides environment variables');
  else if (path.trim() === '' && file.trim() === '') report('must not be empty');
  return resolve(context.directory, path);
}

function buildDimensions(
  dimensions:
    | Readonly<Record<string, { readonly column?: string | undefined; readonly title?: string | undefined } | null>>
    | undefined,
  { yaml, subject, context }: BuildOptions,
): readonly SourceDimension[] {
  if (dimensions === undefined) return [];
  const kind = `dimension (of ${subject.toLowerCase()})`;
  const members = namedMembers(yaml.nearest(['dimensions']).members, {
    kind,
    rule: identifierFault,
    faults: context.faults,
  });
  return members.map(([name]) => ({
    name,
    column: dimensions[name]?.column ?? name,
    title: dimensions[name]?.title ?? titleOf(name),
  }));
}
