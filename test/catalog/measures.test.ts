import { describe, expect, test } from 'vitest';
import { faultsOf, good, load, messagesOf, SOURCES, unmark } from './catalog-folder.ts';

/** More sources: clicks with times; a profile without; days. */
const ALL = `${SOURCES}  clicks: { kind: facts, table: raw.clicks, unit: user_id, timestamp: clicked_at }
  profiles: { kind: facts, table: raw.profiles, unit: user_id }
  daily: { kind: facts, table: raw.daily, unit: user_id, timestamp: { column: ds, grain: day } }
`;
const of = (fields: string) => `${ALL}metrics:\n  m: { ${fields} }\n`;
const mean = (value: string, more = '') => of(`type: mean, source: events, value: { ${value} }${more}`);
const share = (value: string, more = '') => of(`type: proportion, source: events, value: { ${value} }${more}`);
const ratio = (numerator: string, denominator = 'aggregate: count', more = '') =>
  of(`type: ratio, source: events, numerator: { ${numerator} }, denominator: { ${denominator} }${more}`);
const funnel = (steps: string, more = '') => of(`type: funnel, source: events, steps: ${steps}${more}`);
const WEEK = ', window: { length: 7d }';
const DAY = 86_400;

const versionOf = (yaml: string) => good(yaml).metrics.get('m')!.versions[0]!;
const measureOf = (yaml: string) => versionOf(yaml).variables[0]!.measures[0]!;

/** Marks stand where the fault is told. */
function refused(cases: readonly (readonly [name: string, yaml: string, code: string])[]) {
  test.each(cases)('is refused: %s', (_, yaml, code) => {
    const { files, marks } = unmark(yaml);
    expect(marks.length).toBeGreaterThan(0);
    expect(faultsOf(files)).toEqual(marks.map((place) => `${code} ${place}`));
  });
}

function saying(cases: readonly (readonly [yaml: string, sentence: string])[]) {
  test.each(cases)('%#: says what to do', (yaml, sentence) => {
    const [message] = messagesOf(load(unmark(yaml).files));
    expect(message?.replace(/^\S+ \S+ /, '')).toBe(sentence);
  });
}

describe('the value of the first or last row', () => {
  test('is a measure', () => {
    expect(measureOf(mean('column: a, aggregate: first, whenMissing: exclude'))).toMatchObject({
      aggregate: 'first',
      whenMissing: 'exclude',
    });
  });

  refused([
    ['without whenMissing', of('type: mean, source: events, ▸value: { column: a, aggregate: last }'), 'CAT_VALUE'],
    ['of nothing', mean('aggregate: ▸first, whenMissing: zero'), 'CAT_VALUE'],
    [
      'of a source without times',
      of('type: mean, source: profiles, value: { column: a, ▸aggregate: last, whenMissing: zero }'),
      'CAT_NO_TIMESTAMP',
    ],
  ]);
});

describe('the time to the first row', () => {
  test.each([
    ['missing: window_end', 3600, 'window_end'],
    ['missing: exclude, in: seconds', 1, 'exclude'],
    ['missing: exclude, in: minutes', 60, 'exclude'],
    ['missing: exclude, in: days', DAY, 'exclude'],
  ])('%s', (rest, timeUnit, whenMissing) => {
    expect(measureOf(mean(`aggregate: time_to_first, ${rest}`, WEEK))).toMatchObject({
      aggregate: 'time_to_first',
      timeUnit,
      whenMissing,
      column: null,
    });
  });

  refused([
    ['without missing', of(`type: mean, source: events, ▸value: { aggregate: time_to_first }${WEEK}`), 'CAT_VALUE'],
    ['the end of no window', mean('aggregate: time_to_first, ▸missing: window_end'), 'CAT_WINDOW'],
    [
      'the end of an open window',
      mean('aggregate: time_to_first, ▸missing: window_end', ', window: { delay: 1d }'),
      'CAT_WINDOW',
    ],
    ['whenMissing', mean('aggregate: time_to_first, missing: exclude, whenMissing: ▸zero'), 'CAT_VALUE'],
    ['a column', mean('aggregate: time_to_first, missing: exclude, column: ▸a'), 'CAT_VALUE'],
    ['a least value', mean('aggregate: time_to_first, missing: exclude, min: ▸0'), 'CAT_VALUE'],
    ['a unit that is none', mean('aggregate: time_to_first, missing: exclude, in: ▸weeks'), 'CAT_VALUE'],
    ['missing of a sum', mean('column: a, missing: ▸exclude'), 'CAT_VALUE'],
    ['a unit of a sum', mean('column: a, in: ▸hours'), 'CAT_VALUE'],
    ['in a ratio', ratio('aggregate: ▸time_to_first'), 'CAT_VALUE'],
    [
      'of a source without times',
      of('type: mean, source: profiles, value: { ▸aggregate: time_to_first, missing: exclude }'),
      'CAT_NO_TIMESTAMP',
    ],
    ['of days', of('type: mean, source: daily, value: { ▸aggregate: time_to_first, missing: exclude }'), 'CAT_VALUE'],
    [
      'of assignments without times',
      `${mean('aggregate: time_to_first, missing: exclude').replace('    timestamp: assigned_at\n', '')}experiments:\n  e: { variants: { control: {}, b: {} }, goals: [▸m] }\n`,
      'CAT_NO_TIMESTAMP',
    ],
  ]);

  saying([
    [
      mean('aggregate: time_to_first, missing: window_end'),
      'Metric `m`: `value.missing` is `window_end`, but the window has no end; state `window: { length: … }`, or say `exclude`.',
    ],
  ]);
});

describe('participation', () => {
  test('counts days', () => {
    expect(versionOf(of(`type: participation, source: events, value: { where: "a > 1" }${WEEK}`))).toMatchObject({
      variables: [{ transform: 'identity', measures: [{ aggregate: 'distinct_days', whenMissing: 'zero' }] }],
      window: { length: 7 * DAY },
    });
  });

  refused([
    ['a column', of('type: participation, source: events, value: { ▸column: a }'), 'CAT_UNKNOWN_FIELD'],
    [
      'a source without times',
      of('type: participation, ▸source: profiles').replace('▸', '').replace('  m:', '  ▸m:'),
      'CAT_NO_TIMESTAMP',
    ],
    ['days of a column', mean('aggregate: distinct_days, column: ▸a'), 'CAT_VALUE'],
  ]);
});

describe('a threshold', () => {
  test.each([
    ['column: amount, aggregate: sum, where: "a > 1", atLeast: 100', 'sum', 'atLeast', 100],
    ['column: amount, above: -1.5', 'sum', 'above', -1.5],
    ['where: "a > 1", atMost: 0', 'count', 'atMost', 0],
    ['column: a, aggregate: max, whenMissing: exclude, below: 7', 'max', 'below', 7],
  ])('{ %s }', (value, aggregate, operator, threshold) => {
    expect(versionOf(share(value)).variables).toMatchObject([
      { transform: { kind: 'threshold', operator, value: threshold }, measures: [{ aggregate }] },
    ]);
  });

  refused([
    ['two of them', share('column: a, atLeast: 1, below: ▸5'), 'CAT_VALUE'],
    ['no number', share('column: a, atLeast: ▸many'), 'CAT_VALUE'],
    ['an aggregate without one', share('where: "a > 1", aggregate: ▸count'), 'CAT_VALUE'],
    ['whenMissing without one', share('where: "a > 1", whenMissing: ▸exclude'), 'CAT_VALUE'],
    ['a count of at least 0', share('where: "a > 1", ▸atLeast: 0'), 'CAT_VALUE'],
    ['a count above -1', share('where: "a > 1", ▸above: -1'), 'CAT_VALUE'],
    ['a count below 0', share('where: "a > 1", ▸below: 0'), 'CAT_VALUE'],
    ['a count of at most -1', share('where: "a > 1", ▸atMost: -1'), 'CAT_VALUE'],
    ['different things of at least 0', share('column: a, aggregate: count_distinct, ▸atLeast: 0'), 'CAT_VALUE'],
    ['more days than there are', share('aggregate: distinct_days, ▸atLeast: 8', WEEK), 'CAT_VALUE'],
    ['longer than the window', share('aggregate: time_to_first, missing: window_end, ▸above: 168', WEEK), 'CAT_VALUE'],
    [
      'max without whenMissing',
      of('type: proportion, source: events, ▸value: { column: a, aggregate: max, above: 1 }'),
      'CAT_VALUE',
    ],
  ]);

  test.each([
    share('aggregate: distinct_days, atLeast: 7', WEEK),
    share('aggregate: distinct_days, atLeast: 8'),
    share('aggregate: time_to_first, missing: window_end, below: 168', WEEK),
    share('column: a, atLeast: 0'),
  ])('%#: one that can hold and fail', (yaml) => {
    expect(versionOf(yaml).variables).toHaveLength(1);
  });

  saying([
    [
      share('where: "a > 1", atLeast: 0'),
      'Metric `m`: `value.atLeast` holds for every unit: `count` is 0 or more whatever the data; state a number in between.',
    ],
    [
      share('where: "a > 1", aggregate: count'),
      'Metric `m`: `value.aggregate` needs a number to compare with: one of `atLeast`, `above`, `atMost`, `below`; without one, a matching row is enough.',
    ],
  ]);
});

describe('a funnel', () => {
  test('has steps', () => {
    expect(measureOf(funnel('[{ where: "a" }, { where: "b", within: 2h }]', WEEK))).toMatchObject({
      aggregate: 'funnel',
      where: null,
      steps: [
        { where: { text: 'a' }, within: null },
        { where: { text: 'b' }, within: 7200 },
      ],
    });
  });

  refused([
    ['one step', funnel('▸[{ where: "a" }]'), 'CAT_VALUE'],
    ['no list', funnel('▸{ where: "a" }'), 'CAT_VALUE'],
    ['a step of nothing', funnel('[{ where: "a" }, ▸{ within: 1h }]'), 'CAT_VALUE'],
    ['a first step within', funnel('[{ where: "a", ▸within: 1h }, { where: "b" }]'), 'CAT_WINDOW'],
    ['within as long as the window', funnel('[{ where: "a" }, { where: "b", ▸within: 7d }]', WEEK), 'CAT_WINDOW'],
    ['within nothing', funnel('[{ where: "a" }, { where: "b", within: ▸0h }]'), 'CAT_WINDOW'],
    ['a step twice in a row', funnel('[{ where: "a" }, { ▸where: " a" }]'), 'CAT_VALUE'],
    ['a step that is no expression', funnel('[{ where: "a" }, { where: "▸(b" }]'), 'CAT_EXPRESSION'],
    [
      'of a source without times',
      of('type: funnel, source: profiles, ▸steps: [{ where: "a" }, { where: "b" }]'),
      'CAT_NO_TIMESTAMP',
    ],
    [
      'hours of days',
      of('type: funnel, source: daily, steps: [{ where: "a" }, { where: "b", ▸within: 36h }]'),
      'CAT_WINDOW',
    ],
  ]);
});

describe('retention', () => {
  test.each([
    ['day: 7', { delay: 7 * DAY, length: DAY }],
    ['week: 4', { delay: 28 * DAY, length: 7 * DAY }],
    ['window: { delay: 168h, length: 24h }', { delay: 7 * DAY, length: DAY }],
    ['window: { delay: 3d }', { delay: 3 * DAY, length: null }],
  ])('%s', (when, window) => {
    const version = versionOf(of(`type: retention, source: events, ${when}`));
    expect(version.window).toEqual(window);
    expect(version.variables).toMatchObject([{ transform: 'indicator', measures: [{ aggregate: 'count' }] }]);
  });

  test('the sugar means the same', () => {
    const hashes = ['day: 7', 'window: { delay: 7d, length: 1d }'].map(
      (when) => versionOf(of(`type: retention, source: events, ${when}`)).hash,
    );
    expect(new Set(hashes).size).toBe(1);
  });

  refused([
    ['at no time', of('type: retention, source: events').replace('  m:', '  ▸m:'), 'CAT_WINDOW'],
    ['at once', of('type: retention, source: events, window: ▸{ length: 7d }'), 'CAT_WINDOW'],
    ['day 0', of('type: retention, source: events, day: ▸0'), 'CAT_WINDOW'],
    ['half a week', of('type: retention, source: events, week: ▸0.5'), 'CAT_WINDOW'],
    ['a day and a week', of('type: retention, source: events, day: 7, ▸week: 1'), 'CAT_WINDOW'],
    ['a day and a window', of(`type: retention, source: events, ▸day: 7, window: { delay: 1d }`), 'CAT_WINDOW'],
  ]);
});

describe('a row of another source', () => {
  const searches = (exists: string, more = '') => ratio(`exists: { ${exists} }`, 'aggregate: count', more);

  test('may have the same column', () => {
    expect(measureOf(searches('source: clicks, on: search_id, within: 30m, where: "rank < 3"'))).toMatchObject({
      aggregate: 'count',
      exists: {
        source: 'clicks',
        on: { own: { text: 'search_id' }, other: { text: 'search_id' } },
        where: { text: 'rank < 3' },
        within: 1800,
      },
    });
  });

  test('or one of another name', () => {
    expect(measureOf(searches('source: profiles, on: { user_id: person }')).exists).toMatchObject({
      on: { own: { text: 'user_id' }, other: { text: 'person' } },
      where: null,
      within: null,
    });
  });

  test('puts off maturity, which its denominator has as well', () => {
    const version = versionOf(searches('source: clicks, on: search_id, within: 30m', WEEK));
    expect(version.variables.map(({ measures }) => measures[0]!.exists !== undefined)).toEqual([true, false]);
  });

  refused([
    ['of no source', searches('source: ▸klicks, on: a'), 'CAT_UNKNOWN_NAME'],
    ['of assignments', searches('source: ▸assignments, on: a'), 'CAT_VALUE'],
    ['on nothing', mean('▸exists: { source: clicks }'), 'CAT_VALUE'],
    ['on two columns', searches('source: clicks, on: ▸{ a: b, c: d }'), 'CAT_VALUE'],
    ['on a number', searches('source: clicks, on: ▸7'), 'CAT_VALUE'],
    ['within nothing', searches('source: clicks, on: a, within: ▸0m'), 'CAT_WINDOW'],
    ['within, of a source without times', searches('source: profiles, on: a, ▸within: 1h'), 'CAT_NO_TIMESTAMP'],
    ['within, of days', searches('source: daily, on: a, ▸within: 1h'), 'CAT_WINDOW'],
    [
      'without a time, beside a covariate',
      mean('▸exists: { source: clicks, on: a }', ', covariate: { lookback: 7d }'),
      'CAT_VALUE',
    ],
    ['a condition that is none', searches('source: clicks, on: a, where: "▸"'), 'CAT_EXPRESSION'],
    ['an unknown field', searches('source: clicks, on: a, ▸before: 1h'), 'CAT_UNKNOWN_FIELD'],
  ]);
});

describe('a cap of rows', () => {
  test('is in the measures that it cuts', () => {
    const { cap, variables } = versionOf(
      ratio('column: a', 'aggregate: count', ', cap: { upper: { value: 5000 }, per: event, sides: numerator }'),
    );
    expect(cap).toEqual({
      lower: null,
      upper: { kind: 'value', value: 5000 },
      zeros: 'exclude',
      sides: 'numerator',
      per: 'event',
    });
    expect(variables.map(({ measures }) => measures[0]!.rowCap)).toEqual([{ lower: null, upper: 5000 }, undefined]);
  });

  test('`per: unit` is what a cap is without it', () => {
    const hashes = ['', ', per: unit'].map((per) => versionOf(mean('column: a', `, cap: { upper: 9${per} }`)).hash);
    expect(new Set(hashes).size).toBe(1);
  });

  refused([
    ['at a percentile', mean('column: a', ', cap: { upper: ▸{ percentile: 0.9 }, per: event }'), 'CAT_CAP'],
    ['with zeros', mean('column: a', ', cap: { upper: 9, per: event, zeros: ▸include }'), 'CAT_CAP'],
    ['of a count', mean('where: "a"', ', cap: { upper: 9, ▸per: event }'), 'CAT_CAP'],
    [
      'of a denominator that counts',
      ratio('column: a', 'aggregate: count', ', cap: { upper: 9, ▸per: event }'),
      'CAT_CAP',
    ],
    [
      'of numbers combined',
      of(
        'type: mean, source: events, combine: a - b, parts: { a: { column: x }, b: { column: y } }, cap: { upper: 9, ▸per: event }',
      ),
      'CAT_CAP',
    ],
    ['per day', mean('column: a', ', cap: { upper: 9, per: ▸day }'), 'CAT_VALUE'],
  ]);

  saying([
    [
      mean('column: a', ', cap: { upper: { percentile: 0.9 }, per: event }'),
      "Metric `m`: `cap.upper` is a percentile, which `per: event` cannot have: state a `value`, or leave `per` out to limit the units' totals.",
    ],
    [
      ratio('column: a', 'aggregate: count', ', cap: { upper: 9, per: event }'),
      'Metric `m`: `cap.per` is `event`, but the denominator is `aggregate: count`, of which no row has a value that could be limited; say `sides: numerator`.',
    ],
  ]);
});
