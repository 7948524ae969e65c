/** Words of a plot. Title and description are what a screen reader says of it. */
export interface PlotWords {
  readonly title: string;
  readonly description: string;
  readonly x: string;
  readonly y: string;
}

/** Size of the picture and the part of it that the values have, in pixels. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Maps a value to its pixel. */
export type Axis = (value: number) => number;

/** Colours for light and, where the reader's system asks for it, dark. */
const STYLE = `<style>
.plot text{font:12px system-ui,sans-serif;fill:#1f2328}
.plot .title{font-size:14px;font-weight:600}
.plot .axis{stroke:#59636e;fill:none}
.plot .grid{stroke:#d1d9e0;fill:none}
.plot .target{fill:#59636e;fill-opacity:.16}
.plot .expected{stroke:#59636e;fill:none;stroke-dasharray:2 3;stroke-width:1.5}
.plot .bar{fill:#0969da;fill-opacity:.75}
.plot .line{fill:none;stroke-width:2}
.plot .s0{stroke:#bc4c00}.plot .s1{stroke:#0969da}.plot .s2{stroke:#1a7f37}.plot .s3{stroke:#8250df}
.plot .dot{fill:#0969da}.plot .range{stroke:#0969da;stroke-width:2}
.plot .out.dot{fill:#cf222e}.plot .out.range{stroke:#cf222e}
@media (prefers-color-scheme:dark){
.plot text{fill:#f0f6fc}
.plot .axis,.plot .expected{stroke:#9198a1}
.plot .grid{stroke:#3d444d}
.plot .target{fill:#9198a1;fill-opacity:.3}
.plot .bar,.plot .dot{fill:#58a6ff}.plot .range{stroke:#58a6ff}
.plot .s0{stroke:#f0883e}.plot .s1{stroke:#58a6ff}.plot .s2{stroke:#3fb950}.plot .s3{stroke:#bc8cff}
.plot .out.dot{fill:#ff7b72}.plot .out.range{stroke:#ff7b72}
}
</style>`;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand in SVG. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}

/** A coordinate, to the tenth of a pixel. */
export const px = (value: number): string => String(Math.round(value * 10) / 10);

/** A number as a tick shows it: short, and the same everywhere. */
export const tick = (value: number): string => String(Number(value.toPrecision(6)));

/** A text at a place. */
export function label(
  text: string,
  x: number,
  y: number,
  anchor: 'start' | 'middle' | 'end' = 'start',
  extra = '',
): string {
  return `<text x="${px(x)}" y="${px(y)}" text-anchor="${anchor}"${extra}>${escaped(text)}</text>`;
}

/** Round numbers, about five of them, from 0 or `from` up to at most `to`. */
export function ticks(from: number, to: number): number[] {
  const rough = (to - from) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * (1 - 1e-9))!;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** Lines across the plot with their values at the left. */
export function horizontalGrid({ left, right }: Frame, values: readonly number[], y: Axis): string {
  return values
    .map((value) => {
      const at = y(value);
      return `<path class="grid" d="M${px(left)} ${px(at)}H${px(right)}"/>${label(tick(value), left - 6, at + 4, 'end')}`;
    })
    .join('');
}

/** Values below the plot. */
export function bottomTicks({ bottom }: Frame, values: readonly number[], x: Axis): string {
  return values
    .map((value) => {
      const at = x(value);
      return `<path class="axis" d="M${px(at)} ${px(bottom)}v4"/>${label(tick(value), at, bottom + 17, 'middle')}`;
    })
    .join('');
}

/** The picture: words, axis and what is in it. The same input gives the same bytes. */
export function svg(frame: Frame, { title, description, x, y }: PlotWords, content: string): string {
  const { width, height, left, right, bottom } = frame;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    `<desc>${escaped(description)}</desc>`,
    STYLE,
    label(title, left, 20, 'start', ' class="title"'),
    label(y, left, 38),
    content,
    `<path class="axis" d="M${px(left)} ${px(bottom)}H${px(right)}"/>`,
    label(x, (left + right) / 2, height - 6, 'middle'),
    '</svg>\n',
  ].join('\n');
}
