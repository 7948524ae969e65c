import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/load.ts';
import { faultsOf, folderOf, good, load, messagesOf, SOURCES, unmark } from './catalog-folder.ts';

const GOOD = `clock: 2026-06-01T02:00:00.250+02:00
engine: { kind: duckdb, path: demo.duckdb }
sources:
  assignments:
    kind: assignments
    table: raw.experiment_assignments
    unit: user_id
    experiment: experiment_id
    variant: variant
    timestamp: assigned_at
    dimensions: { country: {}, platform: { column: platform_name } }
    exclude: "is_bot"
  events:
    kind: facts
    table: [raw, user.events]
    unit: user_id
    timestamp: { column: event_at }
    id: { column: event_id, within: 24h }
  flags:
    kind: experiments
    sql: |
      select * from raw.experiments
      where kind = 'ab'
    columns: { key: key, name: name, start: start_at, end: end_at, status: status, variants: variants_json }
metrics:
  revenue_per_user:
    type: mean
    source: events
    value: { column: amount, aggregate: sum, where: "event_name = 'purchase'", min: 0 }
    window: { length: 7d }
    cap: { upper: { percentile: 0.99 } }
    version: 2
    goodWhen: up
    format: currency
    owner: growth@example.com
    tags: [revenue]
    description: Purchase amount per exposed user.
    versions: [{ version: 1, source: events, value: { column: amount }, changelog: first }]
  converted_24h: { type: proportion, source: events, value: { where: "event_name = 'purchase'" }, window: { delay: 1h, length: 24h } }
  retained: { type: proportion, source: events, value: { column: retained } }
  latency: { type: mean, source: events, value: { column: ms, aggregate: max, whenMissing: exclude }, goodWhen: down }
  visits: { type: mean, source: events, goodWhen: neither }
  aov:
    type: ratio
    numerator: { source: events, column: amount, aggregate: sum, where: "event_name = 'purchase'" }
    denominator: { source: events, aggregate: count, where: "event_name = 'purchase'" }
    cap: { upper: 5000, sides: numerator, zeros: include }
analysis: { lift: log, correction: benjaminiHochberg }
experiments:
  checkout_button:
    unit: user
    assignments: assignments
    timezone: Europe/Berlin
    start: 2026-03-20T00:00:00Z
    end: 2026-04-10T00:00:00Z
    variants: { 1: { weight: 0.9, control: true }, 0: { weight: 0.1, name: New button } }
    goals: { revenue_per_user: { mde: 2.1% } }
    guardrails: { latency: { margin: 0.02, version: 1 }, converted_24h: }
    diagnostics: [aov, visits]
    plan: { end: 2026-04-10T00:00:00Z, unitsPerVariant: 40000, minRuntime: 7d }
    monitoring: continuous
    multiExposure: first
    intent: do_no_harm
    analysis: { alpha: 0.1, correction: holm, cuped: false }
`;

describe('a good catalog', () => {
  const directory = folderOf(GOOD);
  const loaded = loadCatalog(directory, { env: {} });
  if (!loaded.ok) throw new Error(messagesOf(loaded).join('\n'));
  const { catalog } = loaded;

  test('has its clock in UTC with all digits, and its engine', () => {
    expect(catalog.clock).toBe('2026-06-01T00:00:00.25Z');
    expect(catalog.engine).toEqual({
      kind: 'duckdb',
      path: join(directory, 'demo.duckdb'),
      threads: null,
      memoryLimit: null,
    });
  });

  test('has sources', () => {
    expect(catalog.sources.get('assignments')).toMatchObject({
      relation: { kind: 'table', name: ['raw', 'experiment_assignments'] },
      dimensions: [
        { name: 'country', column: 'country', title: 'Country' },
        { name: 'platform', column: 'platform_name', title: 'Platform' },
      ],
      exclude: { text: 'is_bot', place: { file: 'catalog.yaml', line: 12, column: 15 } },
    });
    expect(catalog.sources.get('events')).toMatchObject({
      relation: { kind: 'table', name: ['raw', 'user.events'] },
      timestamp: 'event_at',
      id: { column: 'event_id', within: 86_400 },
    });
    expect(catalog.sources.get('flags')).toMatchObject({
      relation: {
        kind: 'sql',
        query: { text: "select * from raw.experiments\nwhere kind = 'ab'", place: { line: 22, column: 7 } },
      },
    });
  });

  test('has metrics with the defaults of their kinds', () => {
    const versionOf = (name: string) => catalog.metrics.get(name)!.versions.at(-1)!;
    expect(catalog.metrics.get('revenue_per_user')).toMatchObject({
      title: 'Revenue per user',
      tags: ['revenue'],
      deprecated: null,
    });
    expect(
      catalog.metrics
        .get('revenue_per_user')!
        .versions.map(({ number, format, changelog }) => [number, format, changelog]),
    ).toEqual([
      [1, 'CURRENCY', 'first'],
      [2, 'CURRENCY', null],
    ]);
    expect(versionOf('revenue_per_user')).toMatchObject({
      window: { delay: 0, length: 604_800 },
      cap: { upper: { kind: 'percentile', percentile: 0.99 }, lower: null, zeros: 'exclude', sides: 'both' },
      variables: [
        { name: 'value', transform: 'identity', measures: [{ aggregate: 'sum', minimum: 0, whenMissing: 'zero' }] },
      ],
    });
    expect(versionOf('converted_24h')).toMatchObject({
      window: { delay: 3_600, length: 86_400 },
      variables: [
        {
          transform: 'indicator',
          measures: [{ aggregate: 'count', column: null, where: { text: "event_name = 'purchase'" } }],
        },
      ],
    });
    expect(versionOf('retained').variables[0]!.measures[0]).toMatchObject({
      column: null,
      where: { text: 'retained' },
    });
    expect(versionOf('visits').variables[0]!.measures[0]).toMatchObject({
      aggregate: 'count',
      column: null,
      where: null,
    });
    expect(versionOf('latency').variables[0]!.measures[0]).toMatchObject({ aggregate: 'max', whenMissing: 'exclude' });
    expect(versionOf('aov')).toMatchObject({
      cap: { upper: { kind: 'value', value: 5000 }, sides: 'numerator', zeros: 'include' },
      window: null,
    });
  });

  test('has experiments; variants keep their order, metrics theirs within a role', () => {
    expect(catalog.experiments.get('checkout_button')).toMatchObject({
      name: 'checkout_button',
      unit: 'user',
      variants: [
        { key: '1', name: '1', weight: 0.9, isControl: true },
        { key: '0', name: 'New button', weight: 0.1, isControl: false },
      ],
      metrics: [
        { metric: 'revenue_per_user', role: 'GOAL', minimumDetectableEffect: 0.021, margin: null, version: null },
        { metric: 'latency', role: 'GUARDRAIL', margin: 0.02, version: 1 },
        { metric: 'converted_24h', role: 'GUARDRAIL', margin: null },
        { metric: 'aov', role: 'DIAGNOSTIC' },
        { metric: 'visits', role: 'DIAGNOSTIC' },
      ],
      plan: { end: '2026-04-10T00:00:00Z', unitsPerVariant: 40_000, minRuntime: 604_800 },
      monitoring: 'CONTINUOUS',
      multiExposure: 'first',
      intent: 'do_no_harm',
      analysis: { alpha: 0.1, correction: 'HOLM', lift: 'LOG', sequential: 'NONE', harmAlpha: 0.05 },
    });
  });

  test('has a hash that files, order and folder do not change, and definitions do', () => {
    const sections = GOOD.split(/^(?=\w)/m);
    expect(good(Object.fromEntries(sections.reverse().map((text, i) => [`${i}.yml`, text]))).hash).toBe(catalog.hash);
    expect(good(GOOD.replace('percentile: 0.99', 'percentile: 0.98')).hash).not.toBe(catalog.hash);
  });

  test('has a hash of each version over what changes the number only', () => {
    const hashOf = (text: string) => good(text).metrics.get('revenue_per_user')!.versions[1]!.hash;
    expect(hashOf(GOOD.replace('growth@example.com', 'someone').replace('goodWhen: up', 'goodWhen: down'))).toBe(
      hashOf(GOOD),
    );
    expect(hashOf(GOOD.replace('length: 7d', 'length: 168h'))).toBe(hashOf(GOOD));
    expect(hashOf(GOOD.replace('length: 7d', 'length: 8d'))).not.toBe(hashOf(GOOD));
  });
});

const metric = (rest: string) => `${SOURCES}metrics:\n  m: { type: mean, source: events, ${rest} }\n`;
const experiment = (fields: string) => `${metric('window: { length: 7d }')}experiments:\n  e: { ${fields} }\n`;
const VARIANTS = 'variants: { control: {}, b: {} }';

describe('what is not offered is named, not dropped', () => {
  test.each([
    metric('value: { aggregate: ▸time_to_last }'),
    SOURCES.replace('timestamp: event_at', 'timestamp: event_at, ▸joins: {}'),
  ])('case %#', (text) => {
    const { files, marks } = unmark(text);
    expect(faultsOf(files)).toEqual(marks.map((place) => `CAT_NOT_SUPPORTED ${place}`));
  });

  test('says which', () => {
    const { files, marks } = unmark(SOURCES.replace('timestamp: event_at', 'timestamp: event_at, ▸joins: {}'));
    expect(messagesOf(load(files))).toEqual([
      `CAT_NOT_SUPPORTED ${marks[0]}: Source \`events\`: \`joins\` is not offered in this version; remove it.`,
    ]);
  });
});

const quantile = (rest: string) => `${SOURCES}metrics:\n  m: { type: quantile, source: events, ${rest} }\n`;

describe('faults between definitions', () => {
  test.each([
    ['a quantile of 1', quantile('quantile: ▸1, over: units, value: { column: a }'), 'CAT_VALUE'],
    [
      'a quantile that does not say of what',
      `${quantile('quantile: 0.5, value: { column: a }').replace('  m: {', '  ▸m: {')}`,
      'CAT_VALUE',
    ],
    [
      'a quantile with a covariate',
      quantile('quantile: 0.5, over: units, value: { column: a }, covariate: ▸{ lookback: 7d }'),
      'CAT_VALUE',
    ],
    [
      'a quantile with a cap',
      quantile('quantile: 0.5, over: units, value: { column: a }, cap: ▸{ upper: 5 }'),
      'CAT_CAP',
    ],
    [
      'an aggregate over events',
      quantile('quantile: 0.5, over: events, value: { column: a, ▸aggregate: max }'),
      'CAT_VALUE',
    ],
    [
      'whenMissing over events',
      quantile('quantile: 0.5, over: events, value: { column: a, ▸whenMissing: zero }'),
      'CAT_VALUE',
    ],
    ['events without a column', quantile('quantile: 0.5, over: events, ▸value: { where: "a = 1" }'), 'CAT_VALUE'],
    [
      'an average of units without whenMissing',
      quantile('quantile: 0.5, over: units, ▸value: { column: a, aggregate: avg }'),
      'CAT_VALUE',
    ],
    [
      'a method that there is not',
      quantile('quantile: 0.5, over: events, value: { column: a }, method: ▸sketch'),
      'CAT_VALUE',
    ],
    ['an unknown metric', experiment(`${VARIANTS}, goals: [▸n]`), 'CAT_UNKNOWN_NAME'],
    ['an unknown source', `${SOURCES}metrics:\n  m: { type: mean, source: ▸event }\n`, 'CAT_UNKNOWN_NAME'],
    ['a metric over assignments', `${SOURCES}metrics:\n  m: { type: mean, source: ▸assignments }\n`, 'CAT_VALUE'],
    ['assignments of facts', experiment(`${VARIANTS}, assignments: ▸events`), 'CAT_VALUE'],
    ['a metric in two roles', experiment(`${VARIANTS}, goals: [m], diagnostics: [▸m]`), 'CAT_ROLE'],
    ['a margin on a goal', experiment(`${VARIANTS}, goals: { m: { ▸margin: 1% } }`), 'CAT_ROLE'],
    ['a margin of nothing', experiment(`${VARIANTS}, guardrails: { m: { margin: ▸0% } }`), 'CAT_VALUE'],
    [
      'a window without assignment times',
      experiment(`${VARIANTS}, goals: [▸m]`).replace('    timestamp: assigned_at\n', ''),
      'CAT_NO_TIMESTAMP',
    ],
    [
      'a window over facts without times',
      metric('▸window: { length: 7d }').replace(', timestamp: event_at', ''),
      'CAT_NO_TIMESTAMP',
    ],
    ['ids without times', SOURCES.replace('timestamp: event_at', '▸id: { column: i, within: 1h }'), 'CAT_NO_TIMESTAMP'],
    ['an unknown time zone', experiment(`${VARIANTS}, timezone: ▸Europe/Bärlin`), 'CAT_VALUE'],
    ['a day that does not exist', experiment(`${VARIANTS}, start: ▸2024-02-30T00:00:00Z`), 'CAT_VALUE'],
    ['an instant without an offset', experiment(`${VARIANTS}, start: ▸2024-02-28T00:00:00`), 'CAT_VALUE'],
    ['an alpha of 1', experiment(`${VARIANTS}, analysis: { alpha: ▸1 }`), 'CAT_VALUE'],
    ['max without whenMissing', metric('▸value: { column: a, aggregate: max }'), 'CAT_VALUE'],
    ['sum of nothing', metric('value: { aggregate: ▸sum }'), 'CAT_VALUE'],
    ['count of a column', metric('value: { aggregate: count, column: ▸a }'), 'CAT_VALUE'],
    [
      'a proportion of nothing',
      `${SOURCES}metrics:\n  m: { type: proportion, source: events, value: ▸{ } }\n`,
      'CAT_VALUE',
    ],
    ['an empty expression', metric('value: { where: "▸" }'), 'CAT_EXPRESSION'],
    [
      'a table and sql',
      SOURCES.replace('  events: { kind: facts, ', '  ▸events: { kind: facts, sql: select 1, '),
      'CAT_VALUE',
    ],
    [
      'no table',
      SOURCES.replace('  events: { kind: facts, table: raw.events, ', '  ▸events: { kind: facts, '),
      'CAT_VALUE',
    ],
    ['sql that is no select', SOURCES.replace('table: raw.events', 'sql: ▸drop table x'), 'CAT_EXPRESSION'],
    ['a database file without a table', SOURCES.replace('table: raw.events', 'file: ▸x.duckdb'), 'CAT_VALUE'],
    [
      'versions without a number of its own',
      `${SOURCES}metrics:\n  ▸m: { type: mean, source: events, versions: [{ version: 1, source: events }] }\n`,
      'CAT_VERSION',
    ],
    [
      'a file on Trino',
      `engine: { kind: trino, server: "http://localhost" }\n${SOURCES.replace('table: raw.events', '▸file: x.csv')}`,
      'CAT_VALUE',
    ],
  ])('%s', (_, text, code) => {
    const { files, marks } = unmark(text);
    expect(faultsOf(files)).toEqual([`${code} ${marks[0]}`]);
  });

  test('an assignment source without an experiment column serves one experiment', () => {
    const { files, marks } = unmark(
      `${SOURCES.replace('    experiment: experiment_id\n', '')}experiments:\n  a: { ${VARIANTS} }\n  ▸b: { ${VARIANTS} }\n`,
    );
    expect(faultsOf(files)).toEqual([`CAT_VALUE ${marks[0]}`]);
  });

  test('a definition with faults is still known: what refers to it is no second fault', () => {
    const { files, marks } = unmark(experiment(`${VARIANTS}, goals: [m]`).replace('type: mean', 'type: ▸maen'));
    expect(messagesOf(load(files))).toEqual([
      `CAT_VALUE ${marks[0]}: Metric \`m\`: \`type\` must be one of \`mean\`, \`proportion\`, \`ratio\`, \`quantile\`, \`retention\`, \`funnel\`, \`participation\`, not \`maen\`. Did you mean \`mean\`?`,
    ]);
  });

  test('faults come sorted by file, line and column, those of every file at once', () => {
    const { files, marks } = unmark({
      'b.yaml': `${SOURCES}metrics:\n  m: { type: mean, source: ▸nothing_like_it, ▸formt: x }\n`,
      'a.yaml': `experiments:\n  e: { ${VARIANTS}, goals: [m, ▸k], assignments: ▸assignmnts }\n`,
    });
    const sorted = [...marks].sort();
    expect(faultsOf(files)).toEqual(
      ['UNKNOWN_NAME', 'UNKNOWN_NAME', 'UNKNOWN_NAME', 'UNKNOWN_FIELD'].map((code, i) => `CAT_${code} ${sorted[i]}`),
    );
  });
});

describe('environment variables', () => {
  const withFile = (file: string) => SOURCES.replace('table: raw.events', `file: "${file}"`);
  const variable = (text: string) => `$${text}`;

  test('fill files and engine settings in', () => {
    const text = `engine: { kind: duckdb, path: "${variable('{DB:-x}')}.duckdb", threads: "${variable('{N}')}" }\n${withFile(`${variable('{DATA}')}/e.csv`)}`;
    const catalog = good(text, { DATA: '/data', N: '3' });
    expect(catalog.engine).toMatchObject({ path: join(catalog.directory, 'x.duckdb'), threads: 3 });
    expect(catalog.sources.get('events')?.relation).toMatchObject({ path: '/data/e.csv' });
  });

  test('that are missing are named', () => {
    const { files, marks } = unmark(withFile(`${variable('{DATA}')}/e.csv`).replace('file: ', 'file: ▸'));
    expect(messagesOf(load(files))).toEqual([
      expect.stringMatching(new RegExp(`^CAT_ENV ${marks[0]}: .*\`DATA\`, which is not set`)),
    ]);
  });

  test('do not see what every object has', () => {
    expect(faultsOf(withFile(variable('{constructor}')))).toEqual([expect.stringContaining('CAT_ENV')]);
  });
});
