import { expect, test } from 'vitest';
import { parseDuration } from '../../src/metric-types/duration.ts';

test.each([
  ['45s', 45],
  ['30m', 1_800],
  ['168h', 604_800],
  ['7d', 604_800],
  ['2w', 1_209_600],
  ['0s', 0],
  ['seven', null],
  ['-7d', null],
  ['7', null],
  ['1.5h', null],
  ['7D', null],
  ['', null],
  ['99999999w', null],
])('a duration of %s is %s seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});
