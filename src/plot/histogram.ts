import { bottomTicks, type Frame, horizontalGrid, type PlotWords, px, svg, ticks } from './frame.ts';

export interface HistogramOptions extends PlotWords {
  /** Bins of equal width; 20 by default. */
  readonly bins?: number;
  /** Where the first bin begins and the last one ends; 0 and 1 by default. Values outside are left out. */
  readonly from?: number;
  readonly to?: number;
  /** Share of the values that a bin is expected to have: a dotted line. */
  readonly expected?: number;
}

/** Values in each bin; one on an inner border is in the upper bin. */
export function binCounts(values: readonly number[], bins: number, from: number, to: number): number[] {
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of values) {
    if (!(value >= from && value <= to)) continue;
    const bin = Math.min(bins - 1, Math.floor(((value - from) / (to - from)) * bins));
    counts[bin] = counts[bin]! + 1;
  }
  return counts;
}

const FRAME: Frame = { width: 480, height: 260, left: 52, right: 464, top: 52, bottom: 214 };

/** Histogram as an SVG text; p-values of A/A tests are the common use, with `expected` 1/bins. */
export function histogramSvg(values: readonly number[], options: HistogramOptions): string {
  const { bins = 20, from = 0, to = 1, expected } = options;
  const counts = binCounts(values, bins, from, to);
  const expectedCount = expected === undefined ? 0 : expected * values.length;
  const highest = Math.max(1, expectedCount, ...counts) * 1.1;
  const { left, right, top, bottom } = FRAME;
  const x = (value: number) => left + ((value - from) / (to - from)) * (right - left);
  const y = (count: number) => bottom - (count / highest) * (bottom - top);
  const width = (right - left) / bins;
  const bars = counts.map((count, i) => {
    return `<rect class="bar" x="${px(left + i * width + 0.5)}" y="${px(y(count))}" width="${px(width - 1)}" height="${px(bottom - y(count))}"/>`;
  });
  const line =
    expected === undefined ? '' : `<path class="expected" d="M${px(left)} ${px(y(expectedCount))}H${px(right)}"/>`;
  const content = [horizontalGrid(FRAME, ticks(0, highest), y), ...bars, line, bottomTicks(FRAME, ticks(from, to), x)];
  return svg(FRAME, options, content.join('\n'));
}
