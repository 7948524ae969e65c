import { bottomTicks, type Frame, label, type PlotWords, px, svg, ticks } from './frame.ts';

/** One row: a value with its range, and the band where it should be. */
export interface RangeRow {
  readonly name: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** null: nothing is asked of it. A null end is open. */
  readonly target: { readonly low: number | null; readonly high: number | null } | null;
}

const ROW = 22;

/** Values with their ranges, one below the other, each over its target band: an SVG text. Those out of their band are coloured. */
export function rangesSvg(rows: readonly RangeRow[], options: Omit<PlotWords, 'y'>): string {
  if (rows.length === 0) throw new RangeError('A plot of ranges has at least one row.');
  const known = rows.flatMap(({ low, high, target }) => [low, high, target?.low ?? low, target?.high ?? high]);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const margin = (most - least) * 0.05 || 1;
  const [from, to] = [least - margin, most + margin];
  const top = 40;
  const bottom = top + ROW * rows.length;
  const frame: Frame = { width: 760, height: bottom + 46, left: 380, right: 740, top, bottom };
  const x = (value: number) => frame.left + ((value - from) / (to - from)) * (frame.right - frame.left);
  const marks = rows.map(({ name, value, low, high, target }, i) => {
    const middle = top + ROW * (i + 0.5);
    const [left, right] = [x(target?.low ?? from), x(target?.high ?? to)];
    const band =
      target === null
        ? ''
        : `<rect class="target" x="${px(left)}" y="${px(middle - 9)}" width="${px(right - left)}" height="18"/>`;
    const isOut = target !== null && (value < (target.low ?? value) || value > (target.high ?? value));
    const out = isOut ? 'out ' : '';
    return [
      band,
      label(name, frame.left - 8, middle + 4, 'end'),
      `<path class="${out}range" d="M${px(x(low))} ${px(middle)}H${px(x(high))}"/>`,
      `<circle class="${out}dot" cx="${px(x(value))}" cy="${px(middle)}" r="3.5"/>`,
    ].join('');
  });
  // the names need the room above the values
  const content = [...marks, bottomTicks(frame, ticks(from, to), x)].join('\n');
  return svg({ ...frame, left: 8 }, { ...options, y: '' }, content);
}
