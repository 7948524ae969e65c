import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exposuresOf } from '../../src/experiment/exposures.ts';
import { srmTimelineOf } from '../../src/experiment/srm.ts';
import { startOfDay } from '../../src/experiment/timezone.ts';
import { NOW } from './sketch.ts';
import { world } from './world.ts';

describe('the first instant of a date', () => {
  test.each([
    ['UTC', '2026-03-29', '2026-03-29T00:00'],
    ['Europe/Berlin', '2026-03-28', '2026-03-27T23:00'],
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00'],
    ['Europe/Berlin', '2026-03-30', '2026-03-29T22:00'],
    ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00'],
    ['Europe/Berlin', '2026-10-26', '2026-10-25T23:00'],
    ['America/New_York', '2026-03-08', '2026-03-08T05:00'],
    ['America/New_York', '2026-03-09', '2026-03-09T04:00'],
    ['America/New_York', '2026-11-01', '2026-11-01T04:00'],
    ['Asia/Kolkata', '2026-03-01', '2026-02-28T18:30'],
    ['Pacific/Kiritimati', '2026-03-01', '2026-02-28T10:00'],
    ['Pacific/Pago_Pago', '2026-03-01', '2026-03-01T11:00'],
    ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T13:00'],
    // Midnight does not exist: the date begins at 01:00.
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00'],
    ['Asia/Beirut', '2026-03-29', '2026-03-28T22:00'],
    // Clocks go back at midnight: 23:00 comes twice, the date begins after the second.
    ['America/Sao_Paulo', '2018-02-18', '2018-02-18T03:00'],
    // Clocks go back at 01:00: midnight comes twice, the date begins at the first.
    ['America/Havana', '2023-11-05', '2023-11-05T04:00'],
    // The day before does not exist at all.
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00'],
  ])('%s %s', (zone, date, expected) => {
    expect(startOfDay(date, zone)).toBe(`${expected}:00.000000Z`);
  });

  test('is of the date, and a second before is not, on any day in any zone', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/Sao_Paulo',
      'America/Havana',
      'Asia/Beirut',
      'Africa/Cairo',
      'America/Asuncion',
      'Pacific/Chatham',
      'Atlantic/Azores',
      'Asia/Tehran',
      'Africa/Casablanca',
    ];
    const day = fc
      .date({ min: new Date('2005-01-01'), max: new Date('2026-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    fc.assert(
      fc.property(fc.constantFrom(...zones), day, (zone, date) => {
        const start = Date.parse(startOfDay(date, zone));
        const dateAt = (instant: number) =>
          new Intl.DateTimeFormat('en-CA', {
            timeZone: zone,
            year: 'numeric',
            month: '2-digit',
            day: '2-digit',
          }).format(instant);
        return dateAt(start) === date && dateAt(start - 1000) < date;
      }),
      { numRuns: 3000, seed: 42 },
    );
  });
});

describe('exposures over time', () => {
  const counts = [
    { period: '2026-03-28', variant: 'control', units: 3 },
    { period: '2026-03-29', variant: 'control', units: 5 },
    { period: '2026-03-29', variant: 'treatment', units: 4 },
    { period: '2026-03-31', variant: 'treatment', units: 4 },
  ];
  const { session, experiment } = world({}, { exposures: counts, experiment: { timezone: 'Europe/Berlin' } });
  const points = async (cumulative: boolean) =>
    (await exposuresOf(session, experiment, null, NOW, { grain: 'DAY', cumulative })).map(
      ({ at, date, variant, units }) => [at.slice(0, 16), date, variant.key, units],
    );

  test('every variant has a point in every period there is, at the start of the day in the zone', async () => {
    expect(await points(false)).toEqual([
      ['2026-03-27T23:00', '2026-03-28', 'control', 3],
      ['2026-03-27T23:00', '2026-03-28', 'treatment', 0],
      ['2026-03-28T23:00', '2026-03-29', 'control', 5],
      ['2026-03-28T23:00', '2026-03-29', 'treatment', 4],
      ['2026-03-30T22:00', '2026-03-31', 'control', 0],
      ['2026-03-30T22:00', '2026-03-31', 'treatment', 4],
    ]);
  });

  test('cumulative: all exposed up to the end of the period', async () => {
    expect((await points(true)).map(([, , , units]) => units)).toEqual([3, 0, 8, 4, 8, 8]);
  });

  test('the mismatch is tested on the cumulative units', async () => {
    const timeline = await srmTimelineOf(session, experiment, null, NOW, 'DAY');
    expect(timeline.map(({ date }) => date)).toEqual(['2026-03-28', '2026-03-29', '2026-03-31']);
    expect(timeline.at(-1)!.pValue).toBe(1);
    expect(timeline[0]!.pValue).toBeCloseTo(0.0833, 3);
  });
});
