import { expect, test } from 'vitest';
import { formatBytes, parseBytes } from '../../src/catalog/byte-size.ts';

test.each([
  ['1', 1],
  ['50GB', 50e9],
  ['50 gb', 50e9],
  ['1.5TB', 1.5e12],
  ['64GiB', 64 * 2 ** 30],
  ['2kB', 2000],
  [' 3 MiB ', 3 * 2 ** 20],
  ['7B', 7],
])('%j has %d bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each(['', '0', '0GB', '-1GB', '1e9', 'GB', '1,5GB', '5 GB GB', '5XB', '9999999PB', 'constructor', '1 toString'])(
  '%j is no size',
  (text) => {
    expect(parseBytes(text)).toBeNull();
  },
);

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [61_234_567_890, '61.2 GB'],
  [50e9, '50 GB'],
  [3e18, '3000 PB'],
])('%d is shown as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
