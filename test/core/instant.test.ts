import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareInstants, readInstant, shortInstant } from '../../src/core/instant.ts';

describe('readInstant', () => {
  test.each([
    ['2026-03-20T00:00:00Z', '2026-03-20T00:00:00Z'],
    ['2026-03-20 00:30:00.123456+01:00', '2026-03-19T23:30:00.123456Z'],
    ['2024-02-29t12:00:00z', '2024-02-29T12:00:00Z'],
    ['0050-01-01T00:00:00Z', '0050-01-01T00:00:00Z'],
  ])('reads %s', (text, instant) => {
    const read = readInstant(text);
    expect(read.ok && shortInstant(read.instant)).toBe(instant);
  });

  test.each([
    ['2024-02-30T00:00:00Z', /exist in the calendar/],
    ['2026-03-20T24:00:00Z', /exist in the calendar/],
    ['2026-03-20', /offset/],
    ['2026-03-20T00:00:00', /offset/],
    ['yesterday', /RFC 3339/],
    ['2026-03-20T00:00:00+99:00', /offset between/],
    ['0001-01-01T00:00:00+01:00', /years/],
  ])('refuses %s', (text, reason) => {
    expect(readInstant(text)).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
  });

  test('reads any date back, and orders as time does', () => {
    const date = fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true });
    fc.assert(
      fc.property(date, date, (a, b) => {
        const [x, y] = [a, b].map((value) => readInstant(value.toISOString()));
        if (!x?.ok || !y?.ok) throw new Error('not read');
        expect(new Date(x.instant)).toEqual(a);
        expect(Math.sign(compareInstants(x.instant, y.instant))).toBe(Math.sign(a.getTime() - b.getTime()));
      }),
    );
  });

  test('trailing zeros do not count', () => {
    expect(compareInstants('2026-01-01T00:00:00.500Z', '2026-01-01T00:00:00.5Z')).toBe(0);
    expect(compareInstants('2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000Z')).toBe(0);
    expect(compareInstants('2026-01-01T00:00:10Z', '2026-01-01T00:00:01Z')).toBe(1);
  });
});
