import { describe, expect, test } from 'vitest';
import type { FactSource } from '../../src/catalog/catalog.ts';
import { faultsOf, good, load, messagesOf, SOURCES, unmark } from './catalog-folder.ts';

/** A metric of 7 days; `more` comes after it. */
const metric = (more: string, type = 'type: mean, source: events') => `${SOURCES}metrics:\n  m: { ${type}, ${more} }\n`;
const RATIO = 'type: ratio, source: events, numerator: { column: a }, denominator: { aggregate: count }';
const SHARE = 'type: proportion, source: events, value: { where: "a > 1" }';
const QUANTILE = 'type: quantile, source: events, quantile: 0.5, over: units, value: { column: a }';
const WEEK = 'window: { length: 7d }';
const DAILY = SOURCES.replace('timestamp: event_at', 'timestamp: { column: ds, grain: day }');
const daily = (more: string) => `${DAILY}metrics:\n  m: { type: mean, source: events, ${more} }\n`;
const combined = (combine: string, more = '') =>
  metric(`combine: ${combine}, parts: { paid: { column: a }, refunded: { column: b, whenMissing: exclude } }${more}`);

const versionOf = (yaml: string) => good(yaml).metrics.get('m')!.versions[0]!;
const DAY = 86_400;

describe('a covariate', () => {
  test.each([
    [metric('covariate: { lookback: 14d }'), 'zero'],
    [metric('covariate: { lookback: 14d, missing: indicator }'), 'indicator'],
    [metric('value: { column: a, aggregate: max, whenMissing: exclude }, covariate: { lookback: 14d }'), 'indicator'],
    [metric('value: { column: a, whenMissing: exclude }, covariate: { lookback: 14d, missing: zero }'), 'zero'],
    [metric('covariate: { lookback: 14d }', RATIO), 'zero'],
    [metric('covariate: { lookback: 14d }', SHARE), 'zero'],
    [combined('paid - refunded', ', covariate: { lookback: 14d }'), 'indicator'],
  ] as const)('%#: what stands for units without rows', (yaml, missing) => {
    expect(versionOf(yaml).covariate).toEqual({ lookback: 14 * DAY, missing });
  });

  test('changes what a version means', () => {
    const hashes = ['', 'covariate: { lookback: 14d }', 'covariate: { lookback: 7d }'].map(
      (more) => versionOf(metric(`${WEEK}${more === '' ? '' : `, ${more}`}`)).hash,
    );
    expect(new Set(hashes).size).toBe(3);
  });

  test.each([
    ['a quantile', metric('covariate: ▸{ lookback: 14d }', QUANTILE), 'CAT_VALUE'],
    ['no lookback', metric('▸covariate: {}'), 'CAT_VALUE'],
    ['a lookback of nothing', metric('covariate: { lookback: ▸0d }'), 'CAT_WINDOW'],
    ['an indicator in a ratio', metric('covariate: { lookback: 1d, ▸missing: indicator }', RATIO), 'CAT_VALUE'],
    ['an indicator of a share', metric('covariate: { lookback: 1d, ▸missing: indicator }', SHARE), 'CAT_VALUE'],
    [
      'a time to first',
      metric(`value: { aggregate: time_to_first, missing: window_end }, ${WEEK}, ▸covariate: { lookback: 1d }`),
      'CAT_VALUE',
    ],
    [
      'facts without times',
      metric('▸covariate: { lookback: 14d }').replace(', timestamp: event_at', ''),
      'CAT_NO_TIMESTAMP',
    ],
    ['hours of days', daily('covariate: { lookback: ▸36h }'), 'CAT_WINDOW'],
  ])('is refused for %s', (_, text, code) => {
    const { files, marks } = unmark(text);
    expect(faultsOf(files)).toEqual(marks.map((place) => `${code} ${place}`));
  });
});

describe('a window that settles', () => {
  test('has its values final later', () => {
    expect(versionOf(metric('window: { length: 7d, settle: 14d }')).window).toEqual({
      delay: 0,
      length: 7 * DAY,
      settle: 14 * DAY,
    });
  });

  test('needs an end', () => {
    const { files, marks } = unmark(metric('window: { delay: 1d, settle: ▸14d }'));
    expect(faultsOf(files)).toEqual([`CAT_WINDOW ${marks[0]}`]);
  });
});

describe('among', () => {
  test('rows before the exposure leave the treatment no say', () => {
    const { among } = versionOf(
      metric(`${WEEK}, among: { source: events, where: "a = 1", before: exposure, lookback: 31d }`),
    );
    expect(among).toMatchObject({ window: { delay: -31 * DAY, length: 31 * DAY }, postTreatment: false });
    expect(among!.measure).toMatchObject({ source: 'events', aggregate: 'count', where: { text: 'a = 1' } });
  });

  test('rows of the window do', () => {
    expect(versionOf(metric(`${WEEK}, among: { during: window }`)).among).toMatchObject({
      window: { delay: 0, length: 7 * DAY },
      postTreatment: true,
    });
  });

  test.each([
    ['neither', metric('among: ▸{ where: "a = 1" }'), 'CAT_VALUE'],
    ['both', metric('among: ▸{ before: exposure, lookback: 1d, during: window }'), 'CAT_VALUE'],
    ['no lookback', metric('among: { before: ▸exposure }'), 'CAT_VALUE'],
    ['a lookback into the window', metric('among: { during: window, lookback: ▸1d }'), 'CAT_VALUE'],
    ['before anything else', metric('among: { before: ▸activation, lookback: 1d }'), 'CAT_VALUE'],
    ['an unknown source', metric('among: { source: ▸event, before: exposure, lookback: 1d }'), 'CAT_UNKNOWN_NAME'],
    ['assignments', metric('among: { source: ▸assignments, before: exposure, lookback: 1d }'), 'CAT_VALUE'],
    ['hours of days', daily('among: { before: exposure, lookback: ▸30h }'), 'CAT_WINDOW'],
    [
      'facts without times',
      metric('▸among: { before: exposure, lookback: 1d }').replace(', timestamp: event_at', ''),
      'CAT_NO_TIMESTAMP',
    ],
    [
      'assignments without times',
      `${metric('among: { before: exposure, lookback: 1d }')}experiments:\n  e: { variants: { a: { control: true }, b: {} }, goals: [▸m] }\n`.replace(
        '    timestamp: assigned_at\n',
        '',
      ),
      'CAT_NO_TIMESTAMP',
    ],
  ])('is refused with %s', (_, text, code) => {
    const { files, marks } = unmark(text);
    expect(faultsOf(files)).toEqual(marks.map((place) => `${code} ${place}`));
  });
});

describe('measures combined', () => {
  test('are one variable of several parts', () => {
    const [variable] = versionOf(combined('"paid - 2 * refunded"')).variables;
    expect(variable).toMatchObject({
      name: 'value',
      measures: [
        { aggregate: 'sum', column: { text: 'a' } },
        { column: { text: 'b' }, whenMissing: 'exclude' },
      ],
      combine: { kind: 'binary', operator: '-', left: { kind: 'part', index: 0 } },
    });
  });

  test.each(['zero', 'exclude'] as const)('that divide say what a division by zero counts as: %s', (whenMissing) => {
    const [variable] = versionOf(combined('paid / refunded', `, whenMissing: ${whenMissing}`)).variables;
    expect(variable!.whenUndefined).toBe(whenMissing);
  });

  test.each([
    ['an unknown part', combined('paid - refnded').replace('combine', '▸combine')],
    ['a part that is not used', combined('2 * paid').replace('refunded:', '▸refunded:')],
    ['a division that does not say', combined('paid / refunded').replace('combine', '▸combine')],
    ['a division by 0', combined('(paid - refunded) / 0').replace('combine', '▸combine')],
    ['one that says what cannot be', combined('paid - refunded', ', ▸whenMissing: zero')],
    ['parts and a value', combined('paid - refunded', ', ▸value: { column: a }')],
    ['parts alone', metric('▸parts: { a: { column: a } }')],
    ['no parts', metric('▸combine: a')],
    [
      'a part without a source',
      combined('paid - refunded')
        .replace('source: events, ', '')
        .replace('paid:', '▸paid:')
        .replace('column: b', 'column: b, source: events'),
    ],
    ['whenMissing outside of the value', metric('▸whenMissing: zero')],
  ])('are refused for %s', (_, text) => {
    const { files, marks } = unmark(text);
    expect(faultsOf(files)).toEqual(marks.map((place) => `CAT_VALUE ${place}`));
  });

  test('a fault tells the character', () => {
    expect(messagesOf(load(combined('paid - refnded')))).toEqual([
      'CAT_VALUE catalog.yaml:11:36: Metric `m`: `combine` names `refnded`, which is not one of its parts (`paid`, `refunded`) (at character 8).',
    ]);
  });

  test('a mean without either needs its source', () => {
    const { files, marks } = unmark(`${SOURCES}metrics:\n  ▸m: { type: mean }\n`);
    expect(faultsOf(files)).toEqual([`CAT_VALUE ${marks[0]}`]);
  });
});

describe('sources of days and of arrivals', () => {
  const facts = (yaml: string) => good(yaml).sources.get('events') as FactSource;

  test('a day is said where the column is', () => {
    expect(facts(DAILY)).toMatchObject({ timestamp: 'ds', grain: 'day' });
    expect(facts(SOURCES).grain).toBeUndefined();
  });

  test('the time of arrival, of facts and of assignments', () => {
    const yaml = SOURCES.replace('timestamp: event_at', 'timestamp: event_at, loadedAt: loaded_at').replace(
      '    timestamp: assigned_at\n',
      '    timestamp: assigned_at\n    loadedAt: seen_at\n',
    );
    expect(facts(yaml).loadedAt).toBe('loaded_at');
    expect(good(yaml).sources.get('assignments')).toMatchObject({ loadedAt: 'seen_at' });
  });

  test.each([
    ['a window of hours', daily('window: { length: ▸36h }')],
    ['a delay of hours', daily('window: { delay: ▸12h, length: 2d }')],
  ])('days refuse %s', (_, text) => {
    const { files, marks } = unmark(text);
    expect(faultsOf(files)).toEqual(marks.map((place) => `CAT_WINDOW ${place}`));
  });

  test('no other grain, and none for assignments', () => {
    const week = unmark(SOURCES.replace('timestamp: event_at', 'timestamp: { column: ds, grain: ▸week }'));
    expect(faultsOf(week.files)).toEqual([`CAT_VALUE ${week.marks[0]}`]);
    const own = unmark(SOURCES.replace('timestamp: assigned_at', 'timestamp: { column: ds, ▸grain: day }'));
    expect(faultsOf(own.files)).toEqual([`CAT_UNKNOWN_FIELD ${own.marks[0]}`]);
  });
});
