import { describe, expect, test } from 'vitest';
import { binCounts, histogramSvg } from '../../src/plot/histogram.ts';
import { linesSvg } from '../../src/plot/lines.ts';
import { rangesSvg } from '../../src/plot/ranges.ts';

const words = { title: 'A & B', description: 'x < y, "quoted"', x: 'units', y: 'share' };
const plots = [
  ['a histogram', histogramSvg([0, 0.04, 0.05, 0.5, 1], { ...words, expected: 1 / 20 })],
  [
    'lines',
    linesSvg(
      [
        {
          name: 'one <',
          points: [
            [50, 0],
            [100, 0.1],
          ],
        },
      ],
      { ...words, xScale: 'LOG', reference: { y: 0.05, name: 'α' } },
    ),
  ],
  [
    'ranges',
    rangesSvg([{ name: 'log', value: 0.95, low: 0.94, high: 0.96, target: { low: 0.93, high: null } }], words),
  ],
] as const;

describe.each(plots)('%s', (_, picture) => {
  test('has a title and a description, escaped, and works in light and dark', () => {
    expect(picture).toContain('<title>A &amp; B</title>');
    expect(picture).toContain('<desc>x &lt; y, &quot;quoted&quot;</desc>');
    expect(picture).toContain('role="img"');
    expect(picture).toContain('prefers-color-scheme:dark');
  });

  test('is small and well-formed: every tag that opens closes, no number is missing', () => {
    expect(picture.length).toBeLessThan(8000);
    expect(picture).not.toMatch(/NaN|Infinity|undefined/u);
    const open: string[] = [];
    for (const [, slash, name, selfClosed] of picture.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/gu)) {
      if (slash) expect(open.pop()).toBe(name);
      else if (!selfClosed) open.push(name!);
    }
    expect(open).toEqual([]);
  });
});

describe('binCounts', () => {
  test('puts a value on an inner border into the upper bin, the last border into the last bin', () => {
    expect(binCounts([0, 0.05, 0.0499, 0.95, 1], 20, 0, 1)).toEqual([2, 1, ...Array.from({ length: 17 }, () => 0), 2]);
  });

  test('leaves out what is outside', () => {
    expect(binCounts([-1, 0.5, 2, Number.NaN], 2, 0, 1)).toEqual([0, 1]);
  });
});

describe('histogramSvg', () => {
  test('draws a bar of each bin, its height in proportion', () => {
    const heights = [
      ...histogramSvg([0.1, 0.2, 0.8], { ...words, bins: 2 }).matchAll(/class="bar"[^>]*height="([\d.]+)"/gu),
    ];
    expect(heights).toHaveLength(2);
    expect(Number(heights[0]![1]) / Number(heights[1]![1])).toBeCloseTo(2, 1);
  });

  test('of no values is an empty frame', () => {
    expect(histogramSvg([], { ...words, expected: 0.05 })).not.toMatch(/NaN|Infinity/u);
  });
});

describe('linesSvg', () => {
  test('moves apart the names of lines that end together', () => {
    const both = linesSvg(
      ['a', 'b'].map((name) => ({
        name,
        points: [
          [1, 1],
          [2, 1],
        ] as const,
      })),
      words,
    );
    const at = ['a', 'b'].map((name) => Number(new RegExp(`y="([\\d.]+)"[^>]*>${name}<`, 'u').exec(both)![1]));
    expect(Math.abs(at[0]! - at[1]!)).toBeGreaterThanOrEqual(12);
  });

  test.each([[[]], [[{ name: 'none', points: [] }]]])('%j is no plot', (series) => {
    expect(() => linesSvg(series, words)).toThrow(RangeError);
  });
});

describe('rangesSvg', () => {
  const row = { name: 'p', low: 0.94, high: 0.96, target: { low: 0.93, high: 0.97 } };

  test('colours a value out of its target', () => {
    expect(rangesSvg([{ ...row, value: 0.95 }], words)).not.toContain('class="out dot"');
    expect(rangesSvg([{ ...row, value: 0.98 }], words)).toContain('class="out dot"');
  });

  test('no rows are no plot', () => {
    expect(() => rangesSvg([], words)).toThrow(RangeError);
  });
});
