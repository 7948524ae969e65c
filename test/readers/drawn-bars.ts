import type { Page } from 'playwright-core';

/** Where a horizontal bar ends on the screen, in pixels. */
export interface Bar {
  readonly left: number;
  readonly right: number;
}

/** Superset's first colour. */
const COLOUR = [31, 168, 201];
/** A bar grows until it is drawn: it is when it stays as it is for so many frames. */
const STILL_FRAMES = 60;
/** Pixels at each end of a bar that may be of a colour between its own and the ground's. */
const BLUR = 2;

/** The bars of the page's chart from top to bottom, when all `count` of them are there and have grown to their end. */
export async function drawnBars(page: Page, count: number): Promise<readonly Bar[]> {
  const drawn = await page.waitForFunction(stillBars, { colour: COLOUR, count, frames: STILL_FRAMES });
  const bars = await drawn.jsonValue();
  if (bars === null) throw new Error('The bars were drawn and are gone.');
  return bars;
}

/**
 * The bars whose end is not where their number belongs: all on one scale, above 0 to the right of where all begin, below to the left.
 * `numbers`: of the bars from top to bottom, with one above 0 among them.
 */
export function wrongBars(bars: readonly Bar[], numbers: readonly number[]): readonly string[] {
  const largest = numbers.indexOf(Math.max(...numbers));
  const zero = bars[largest]!.left;
  const scale = (bars[largest]!.right - zero) / numbers[largest]!;
  return bars.flatMap(({ left, right }, i) => {
    const number = numbers[i]!;
    const [begin, end] = number > 0 ? [left, right] : [right, left];
    const wanted = zero + scale * number;
    const isRight = Math.abs(begin - zero) <= BLUR && Math.abs(end - wanted) <= BLUR;
    return isRight ? [] : [`bar ${i} of ${number}: from ${begin} to ${end}, not from ${zero} to ${wanted}`];
  });
}

/** Runs in the page, once a frame. */
function stillBars(wanted: { colour: readonly number[]; count: number; frames: number }): Bar[] | null {
  const canvas = document.querySelector('canvas');
  if (canvas === null || canvas.width === 0) return null;
  const { data, width, height } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  const bars: { left: number; right: number }[] = [];
  let above = false;
  for (let y = 0; y < height; y += 1) {
    let left = -1;
    let right = -1;
    for (let x = 0; x < width; x += 1) {
      if (!wanted.colour.every((value, part) => data[(y * width + x) * 4 + part] === value)) continue;
      if (left < 0) left = x;
      right = x;
    }
    const last = bars.at(-1);
    if (left >= 0 && above && last !== undefined) {
      last.left = Math.min(last.left, left);
      last.right = Math.max(last.right, right);
    } else if (left >= 0) bars.push({ left, right });
    above = left >= 0;
  }
  const seen = JSON.stringify(bars);
  const before = canvas.dataset.bars === seen ? Number(canvas.dataset.frames) : 0;
  canvas.dataset.bars = seen;
  canvas.dataset.frames = String(before + 1);
  return bars.length === wanted.count && before >= wanted.frames ? bars : null;
}
