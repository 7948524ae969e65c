import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/load.ts';
import { type Files, faultsOf, folderOf, good, load, messagesOf, placesOf, SOURCES, unmark } from './catalog-folder.ts';

/** A mean over events with fields of its own. */
const metric = (rest: string) => `${SOURCES}metrics:\n  revenue: { type: mean, source: events, ${rest} }\n`;
const metrics = (lines: string) => `${SOURCES}metrics:\n${lines.replace(/^/gm, '  ')}\n`;
const ratio = (sides: string) => metrics(`r: { type: ratio, source: events, ${sides} }`);
const VARIANTS = 'variants: { control: {}, treatment: {} }';
const experiments = (lines: string) => `${SOURCES}experiments:\n${lines.replace(/^/gm, '  ')}\n`;
/** An experiment with fields of its own, and a metric `revenue`. */
const experiment = (fields: string, rest = 'value: { column: amount }') =>
  `${metric(rest)}experiments:\n  checkout:\n${fields.replace(/^/gm, '    ')}\n`;

interface BadInput {
  /** Number in the list of bad inputs. */
  readonly number: number;
  readonly name: string;
  /** With a mark `▸` in front of each offender. */
  readonly files: Files;
  /** Codes in the order of the marks. */
  readonly codes: readonly string[];
}

const row = (number: number, name: string, files: Files, ...codes: readonly string[]): BadInput => ({
  number,
  name,
  files,
  codes,
});

const BAD_INPUTS: readonly BadInput[] = [
  row(1, 'a misspelt field', metric('value: { ▸agregation: sum, column: amount }'), 'CAT_UNKNOWN_FIELD'),
  row(1, 'a misspelt section', `${SOURCES}▸metric: {}\n`, 'CAT_UNKNOWN_FIELD'),
  row(
    1,
    'faults of several files at once',
    { 'a.yaml': metric('▸formt: number'), 'b.yaml': '▸metric: {}\n' },
    'CAT_UNKNOWN_FIELD',
    'CAT_UNKNOWN_FIELD',
  ),
  row(
    2,
    'one metric in two files',
    { 'a.yaml': metric(''), 'b.yaml': 'metrics:\n  ▸revenue: { type: mean, source: events }\n' },
    'CAT_DUPLICATE',
  ),
  row(
    2,
    'one clock in two files',
    { 'a.yaml': `clock: 2026-01-01T00:00:00Z\n${SOURCES}`, 'b.yaml': '▸clock: 2026-01-01T00:00:00Z\n' },
    'CAT_DUPLICATE',
  ),
  row(3, 'a key given twice', metric('format: number, ▸format: currency'), 'CAT_DUPLICATE_KEY'),
  row(4, 'names that differ by case', experiments(`Checkout: { ${VARIANTS} }\n▸checkout: { ${VARIANTS} }`), 'CAT_NAME'),
  row(
    4,
    'names that differ by Unicode form',
    experiments(`caf\u00e9: { ${VARIANTS} }\n▸cafe\u0301: { ${VARIANTS} }`),
    'CAT_NAME',
  ),
  row(4, 'variants that differ by case', experiment('variants: { control: {}, ▸Control: {} }'), 'CAT_NAME'),
  row(11, 'two statements', metric('value: { column: "amount▸; drop table x" }'), 'CAT_EXPRESSION'),
  row(14, 'a comment that eats the tail', metric('value: { column: amount, where: "a = 1 ▸-- " }'), 'CAT_EXPRESSION'),
  row(
    14,
    'a comment in a block scalar',
    metrics('m:\n  type: mean\n  source: events\n  value:\n    where: |\n      a = 1\n      and ▸/* b */ c'),
    'CAT_EXPRESSION',
  ),
  row(
    14,
    'a comment in a folded scalar, told at its start',
    metrics('m:\n  type: mean\n  source: events\n  value:\n    where: ▸>\n      a = 1\n      and -- c'),
    'CAT_EXPRESSION',
  ),
  row(15, 'a window that is no map', metric('window: ▸seven'), 'CAT_WINDOW'),
  row(15, 'a length that is no duration', metric('window: { length: ▸seven }'), 'CAT_WINDOW'),
  row(15, 'a length that is a number', metric('window: { length: ▸7 }'), 'CAT_WINDOW'),
  row(16, 'a window of no length', metric('window: { length: ▸0d }'), 'CAT_WINDOW'),
  row(16, 'a negative length and delay', metric('window: { length: ▸-7d, delay: ▸-1h }'), 'CAT_WINDOW', 'CAT_WINDOW'),
  row(
    17,
    'an end before the start',
    experiment(`${VARIANTS}\nstart: 2026-03-20T00:00:00Z\nend: ▸2026-03-20T00:30:00+01:00`),
    'CAT_PERIOD',
  ),
  row(18, 'versions of one number', metric('version: 1, versions: [▸{ version: 1, source: events }]'), 'CAT_VERSION'),
  row(
    18,
    'versions that start in the wrong order',
    metrics(
      '▸m: { type: mean, source: events, version: 2, validFrom: 2026-01-01T00:00:00Z, versions: [{ version: 1, source: events, validFrom: 2026-01-01T00:00:00.0Z }] }',
    ),
    'CAT_VERSION',
  ),
  row(
    20,
    'a pinned version that does not exist',
    experiment(`${VARIANTS}\ngoals: { revenue: { version: ▸3 } }`),
    'CAT_VERSION',
  ),
  row(
    21,
    'a ratio of a thing to itself',
    ratio('numerator: { column: a }, ▸denominator: { aggregate: sum, column: "a" }'),
    'CAT_VALUE',
  ),
  row(21, 'a ratio to the constant 0', ratio('numerator: { column: a }, denominator: { ▸column: "0" }'), 'CAT_VALUE'),
  row(22, 'percentile 101', metric('cap: { upper: { percentile: ▸101 } }'), 'CAT_CAP'),
  row(22, 'percentile 0', metric('cap: { upper: { percentile: ▸0 } }'), 'CAT_CAP'),
  row(22, 'percentile p50', metric('cap: { lower: { percentile: ▸"p50" } }'), 'CAT_CAP'),
  row(23, 'a lower cap above the upper', metric('cap: { lower: ▸10, upper: { value: 5 } }'), 'CAT_CAP'),
  row(
    23,
    'a lower percentile above the upper',
    ratio(
      'numerator: {}, denominator: { column: a }, cap: { lower: ▸{ percentile: 0.9 }, upper: { percentile: 0.5 } }',
    ),
    'CAT_CAP',
  ),
  row(25, 'a name with a quote', metrics(`▸'a"b': { type: mean, source: events }`), 'CAT_NAME'),
  row(25, 'a name with a space', metrics('▸a b: { type: mean, source: events }'), 'CAT_NAME'),
  row(25, 'a name of emoji', metrics('▸🚀: { type: mean, source: events }'), 'CAT_NAME'),
  row(25, 'a control character in a key', experiments(`▸"a\\tb": { ${VARIANTS} }`), 'CAT_NAME'),
  row(26, 'a name of 300 characters', metrics(`▸${'a'.repeat(300)}: { type: mean, source: events }`), 'CAT_NAME'),
  row(26, 'an experiment key of 300 characters', experiments(`▸${'a'.repeat(300)}: { ${VARIANTS} }`), 'CAT_NAME'),
  row(
    27,
    'names that every object has',
    metrics('▸__proto__: {}\n▸constructor: {}\n▸toString: {}'),
    'CAT_NAME',
    'CAT_NAME',
    'CAT_NAME',
  ),
  row(27, 'a field that every object has', metric('▸hasOwnProperty: 1'), 'CAT_NAME'),
  row(30, 'a tab for indentation', 'metrics:\n▸\tx: 1\n', 'CAT_YAML'),
  row(30, 'a flow map that never ends', 'metrics: { a: 1\n▸', 'CAT_YAML'),
  row(30, 'a YAML 1.1 file', '▸%YAML 1.1\n---\nmetrics: {}\n', 'CAT_YAML'),
  row(31, 'bytes that are not UTF-8', { 'a.yaml': SOURCES, 'b.yaml': Buffer.from([0x61, 0xff, 0xfe]) }, 'CAT_ENCODING'),
  row(33, 'a tag of another language', metric('description: ▸!!js/function "function () {}"'), 'CAT_YAML'),
  row(33, 'a tag on a map', 'metrics: ▸!custom { }\n', 'CAT_YAML'),
  row(
    34,
    '`no` and `on`, which are text',
    experiment('variants: { a: { control: ▸no }, b: { control: ▸on } }'),
    'CAT_TYPE',
    'CAT_TYPE',
  ),
  row(34, 'a bare day, which is text and no instant', experiment(`${VARIANTS}\nstart: ▸2026-03-20`), 'CAT_VALUE'),
  row(41, 'a template left in an expression', metric(`value: { where: "day = '▸{{ ds }}'" }`), 'CAT_EXPRESSION'),
  row(
    41,
    'an environment variable left in a column',
    SOURCES.replace('unit: user_id\n', 'unit: ▸$' + '{UNIT}\n'),
    'CAT_EXPRESSION',
  ),
  row(41, 'a template left in a key', experiments(`▸"{{ key }}": { ${VARIANTS} }`), 'CAT_EXPRESSION'),
  row(
    44,
    'a guardrail without a direction',
    experiment(`${VARIANTS}\nguardrails: [▸revenue]`, 'goodWhen: neither'),
    'CAT_ROLE',
  ),
  row(
    44,
    'a goal without a direction',
    experiment(`${VARIANTS}\ngoals: { ▸revenue: {} }`, 'goodWhen: neither'),
    'CAT_ROLE',
  ),
  row(45, 'one variant', experiment('▸variants: { control: {} }'), 'CAT_VARIANTS'),
  row(
    45,
    'weights that do not sum to 1',
    experiment('▸variants: { control: { weight: 0.5 }, b: { weight: 0.6 } }'),
    'CAT_WEIGHTS',
  ),
  row(
    45,
    'a negative weight',
    experiment('variants: { control: { weight: 1.5 }, b: { weight: ▸-0.5 } }'),
    'CAT_WEIGHTS',
  ),
  row(
    45,
    'a weight that is not finite',
    experiment('variants: { control: { weight: 0.5 }, b: { weight: ▸.inf } }'),
    'CAT_WEIGHTS',
  ),
  row(45, 'a weight that only one states', experiment('variants: { control: { weight: 0.5 }, ▸b: {} }'), 'CAT_WEIGHTS'),
  row(45, 'no control', experiment('▸variants: { a: {}, b: {} }'), 'CAT_CONTROL'),
  row(45, 'two controls', experiment('variants: { a: { control: true }, ▸b: { control: true } }'), 'CAT_CONTROL'),
  row(45, 'a variant twice', experiment('variants: { control: {}, b: {}, ▸b: {} }'), 'CAT_DUPLICATE_KEY'),
];

describe('bad inputs to a catalog', () => {
  test.each(BAD_INPUTS)('$number: $name', ({ files, codes }) => {
    const marked = unmark(files);
    // Bytes hold no marks; their fault is told at the start of the file.
    const places = marked.marks.length === 0 ? ['b.yaml:1:1'] : marked.marks;
    expect(faultsOf(marked.files)).toEqual(codes.map((code, i) => `${code} ${places[i]}`));
  });

  test('1: suggests the field that was meant', () => {
    expect(messagesOf(load(metric('value: { agregate: sum, column: amount }')))).toEqual([
      'CAT_UNKNOWN_FIELD catalog.yaml:11:51: Metric `revenue`: `value` has no field `agregate`. Did you mean `aggregate`?',
    ]);
  });

  test('2: names both places', () => {
    const [message] = messagesOf(load({ 'a.yaml': metric(''), 'b.yaml': 'metrics:\n  revenue: {}\n' }));
    expect(message).toBe(
      'CAT_DUPLICATE b.yaml:2:3: Metric `revenue` is defined twice; it was first defined at a.yaml:11:3. Remove or rename one.',
    );
  });

  test('28, 29: a file that is empty or holds only comments is an empty part', () => {
    expect(good({ 'a.yaml': metric(''), 'b.yaml': '', 'c.yml': '# nothing\n---\n# yet\n' }).metrics.size).toBe(1);
  });

  test.each([{ files: {} }, { files: { 'a.yaml': '# nothing\n' } }, { files: { 'a.txt': 'metrics: {}' } }])(
    '28, 29: a folder that defines nothing is a fault ($files)',
    ({ files }) => {
      const directory = folderOf(files);
      const loaded = loadCatalog(directory, { env: {} });
      expect(placesOf(loaded)).toEqual([expect.stringContaining(`${directory}:1:1`)]);
    },
  );

  test('31: a byte-order mark and CRLF are accepted, and places are right', () => {
    const text = `\uFEFF${metric('')}`.replaceAll('\n', '\r\n');
    expect(good(text).metrics.get('revenue')?.versions[0]?.place).toEqual({
      file: 'catalog.yaml',
      line: 11,
      column: 3,
    });
    expect(faultsOf(`\uFEFF${metric('formt: number')}`.replaceAll('\n', '\r\n'))).toEqual([
      'CAT_UNKNOWN_FIELD catalog.yaml:11:42',
    ]);
  });

  test('32: a bomb of aliases is refused at once', () => {
    const levels = Array.from(
      { length: 30 },
      (_, i) => `  a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`,
    );
    const started = performance.now();
    expect(faultsOf(`metrics:\n  a0: &a0 [x, x]\n${levels.join('\n')}\n`)).toContainEqual(
      expect.stringMatching(/^CAT_LIMIT catalog\.yaml:7:/),
    );
    expect(performance.now() - started).toBeLessThan(100);
  });

  test('34: `1e3` is a number and `0o17` is 15, as YAML 1.2 has them', () => {
    expect(good(metric('cap: { upper: 1e3, lower: 0o17 }')).metrics.get('revenue')?.versions[0]?.cap).toMatchObject({
      upper: { value: 1000 },
      lower: { value: 15 },
    });
  });

  /** Processor time, in microseconds: the wall clock would tell of the machine's other work. */
  function costOf(work: () => void): number {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  }

  test('35: 10 MB with 10,000 metrics load, at a cost that grows with their number', () => {
    const text = (count: number) =>
      `${SOURCES}metrics:\n${Array.from(
        { length: count },
        (_, i) =>
          `  metric_${i}:\n    type: mean\n    source: events\n    value: { column: amount, where: "name = 'purchase'" }\n    window: { length: 7d }\n    description: ${'long '.repeat(180)}\n`,
      ).join('')}`;
    expect(text(10_000).length).toBeGreaterThan(10_000_000);
    const tenth = costOf(() => expect(good(text(1_000)).metrics.size).toBe(1_000));
    const all = costOf(() => expect(good(text(10_000)).metrics.size).toBe(10_000));
    expect(all / tenth).toBeLessThan(40);
  });

  test('35: 10,000 faults are told, at a cost that grows with their number', () => {
    const text = (count: number) =>
      `${SOURCES}metrics:\n${Array.from({ length: count }, (_, i) => `  metric_${i}: { type: mean, source: evnts_${i}, agregate: 1 }\n`).join('')}`;
    const tenth = costOf(() => expect(faultsOf(text(1_000))).toHaveLength(2_000));
    const all = costOf(() => expect(faultsOf(text(10_000))).toHaveLength(20_000));
    expect(all / tenth).toBeLessThan(40);
  });

  test('35: a file above the limit is refused unread', () => {
    expect(faultsOf({ 'a.yaml': Buffer.alloc(17 * 1024 * 1024, 0x23) })).toEqual(['CAT_LIMIT a.yaml:1:1']);
  });

  test('36: files of sources may lie outside of the folder; linked YAML is read', () => {
    const outside = folderOf({ 'shared.yaml': 'metrics:\n  linked: { type: mean, source: events }\n' });
    const directory = folderOf(SOURCES.replace('table: raw.events', 'file: ../data/events.csv'));
    symlinkSync(join(outside, 'shared.yaml'), join(directory, 'linked.yaml'));
    const loaded = loadCatalog(directory, { env: {} });
    expect(placesOf(loaded)).toEqual([]);
    expect(loaded.ok && loaded.catalog.metrics.has('linked')).toBe(true);
    expect(loaded.ok && loaded.catalog.sources.get('events')?.relation).toEqual({
      kind: 'file',
      path: join(directory, '../data/events.csv'),
      table: null,
    });
  });

  test('36: a link that leads nowhere is a fault', () => {
    const directory = folderOf(SOURCES);
    symlinkSync(join(directory, 'gone'), join(directory, 'link.yaml'));
    expect(placesOf(loadCatalog(directory, { env: {} }))).toEqual(['CAT_READ link.yaml:1:1']);
  });

  test.skipIf(process.getuid?.() === 0)('37: a file that must not be read is a fault', () => {
    const directory = folderOf({ 'a.yaml': SOURCES, 'b.yaml': '' });
    chmodSync(join(directory, 'b.yaml'), 0);
    expect(placesOf(loadCatalog(directory, { env: {} }))).toEqual(['CAT_READ b.yaml:1:1']);
  });

  test('a folder that does not exist is a fault', () => {
    expect(messagesOf(loadCatalog('/no/such/folder', { env: {} }))).toEqual([
      'CAT_READ /no/such/folder:1:1: `/no/such/folder` cannot be read: it does not exist.',
    ]);
  });

  test('deep nesting is refused, not crashed on', () => {
    expect(faultsOf(`metrics: ${'['.repeat(20_000)}\n`)).not.toEqual([]);
    expect(faultsOf(`metrics: ${'['.repeat(200)}${']'.repeat(200)}\n`)).toContainEqual(
      expect.stringContaining('CAT_LIMIT'),
    );
  });
});
