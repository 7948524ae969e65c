import { type Axis, bottomTicks, type Frame, horizontalGrid, label, type PlotWords, px, svg, ticks } from './frame.ts';

/** One line: its name stands at its end. */
export interface Series {
  readonly name: string;
  /** In the order of x. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LinesOptions extends PlotWords {
  /** A logarithmic x needs x above 0; LINEAR by default. */
  readonly xScale?: 'LINEAR' | 'LOG';
  /** A dotted line across, with its name. */
  readonly reference?: { readonly y: number; readonly name: string };
}

const FRAME: Frame = { width: 640, height: 320, left: 52, right: 470, top: 52, bottom: 274 };
/** Lines are told apart by their dashes too, not by colour alone. */
const DASHES = ['', '7 4', '2 3', '9 3 2 3'] as const;
const LINE_HEIGHT = 14;

/** Powers of ten, and twice and five times them. */
function logTicks(from: number, to: number): number[] {
  const first = Math.floor(Math.log10(from));
  const powers = Array.from({ length: Math.ceil(Math.log10(to)) - first + 1 }, (_, i) => 10 ** (first + i));
  return powers.flatMap((power) => [1, 2, 5].map((factor) => factor * power)).filter((x) => x >= from && x <= to);
}

/** Heights of the names, moved apart where lines end together. */
function spread(heights: readonly number[]): number[] {
  const order = heights.map((_, i) => i).toSorted((a, b) => heights[a]! - heights[b]!);
  const placed = [...heights];
  for (const [rank, i] of order.entries()) {
    const above = order[rank - 1];
    if (above !== undefined) placed[i] = Math.max(placed[i]!, placed[above]! + LINE_HEIGHT);
  }
  return placed;
}

/** Up to four lines over x as an SVG text, y from 0. */
export function linesSvg(series: readonly Series[], options: LinesOptions): string {
  if (series.length === 0 || series.length > DASHES.length || series.some(({ points }) => points.length === 0)) {
    throw new RangeError(`A plot has 1 to ${DASHES.length} lines, each with points.`);
  }
  const { xScale = 'LINEAR', reference } = options;
  const xs = series.flatMap(({ points }) => points.map(([at]) => at));
  const ys = series.flatMap(({ points }) => points.map(([, value]) => value));
  const [from, to] = [Math.min(...xs), Math.max(...xs)];
  const highest = Math.max(reference?.y ?? 0, ...ys) * 1.08 || 1;
  const { left, right, top, bottom } = FRAME;
  const measure: Axis = xScale === 'LOG' ? Math.log : (value) => value;
  const x: Axis = (value) =>
    left + ((measure(value) - measure(from)) / (measure(to) - measure(from) || 1)) * (right - left);
  const y: Axis = (value) => bottom - (value / highest) * (bottom - top);
  const ends = spread(series.map(({ points }) => y(points.at(-1)![1])));
  const lines = series.map(({ name, points }, i) => {
    const path = points.map(([px_, py], k) => `${k === 0 ? 'M' : 'L'}${px(x(px_))} ${px(y(py))}`).join('');
    const dash = DASHES[i] === '' ? '' : ` stroke-dasharray="${DASHES[i]}"`;
    return `<path class="line s${i}" d="${path}"${dash}/>${label(name, right + 8, ends[i]! + 4)}`;
  });
  const across =
    reference === undefined
      ? ''
      : `<path class="expected" d="M${px(left)} ${px(y(reference.y))}H${px(right)}"/>${label(reference.name, right - 4, y(reference.y) - 5, 'end')}`;
  const xTicks = xScale === 'LOG' ? logTicks(from, to) : ticks(from, to);
  const content = [horizontalGrid(FRAME, ticks(0, highest), y), across, ...lines, bottomTicks(FRAME, xTicks, x)];
  return svg(FRAME, options, content.join('\n'));
}
