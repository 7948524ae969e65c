import { describe, expect, test } from 'vitest';
import type { Cell } from '../../../src/engine/engine.ts';
import { columnTypeOf, decoderOf } from '../../../src/engine/trino/cells.ts';

describe('decoderOf', () => {
  test.each<[string, unknown, Cell]>([
    ['tinyint', -1, -1],
    ['bigint', 9007199254740991, 9007199254740991],
    ['bigint', '9007199254740993', '9007199254740993'],
    ['decimal(38,10)', '1.5000000000', 1.5],
    ['decimal(3,0)', '-12', -12],
    ['real', 1.1, 1.1],
    ['double', 1e300, 1e300],
    ['double', 'NaN', Number.NaN],
    ['double', 'Infinity', Number.POSITIVE_INFINITY],
    ['double', '-Infinity', Number.NEGATIVE_INFINITY],
    ['double', '12345678901234567890', 12345678901234567000],
    ['boolean', false, false],
    ['date', '2026-03-29', '2026-03-29'],
    ['date', '+12026-03-29', '12026-03-29'],
    ['timestamp(0)', '2026-03-29 01:02:03', '2026-03-29T01:02:03Z'],
    ['timestamp(3)', '2026-03-29 01:02:03.120', '2026-03-29T01:02:03.12Z'],
    ['timestamp(6)', '2026-03-29 01:02:03.123456', '2026-03-29T01:02:03.123456Z'],
    ['timestamp(6)', '2026-03-20 00:00:00.000000', '2026-03-20T00:00:00Z'],
    ['timestamp(12)', '2026-03-29 01:02:03.123456789012', '2026-03-29T01:02:03.123456789012Z'],
    ['timestamp', '1969-12-31 23:59:59.999', '1969-12-31T23:59:59.999Z'],
    ['timestamp(6) with time zone', '2026-01-01 00:00:00.000000 UTC', '2026-01-01T00:00:00Z'],
    ['timestamp(6) with time zone', '2026-01-01 00:00:00.000001 +05:30', '2025-12-31T18:30:00.000001Z'],
    ['timestamp(3) with time zone', '2026-01-01 00:00:00.000 -00:30', '2026-01-01T00:30:00Z'],
    ['timestamp(3) with time zone', '2026-01-15 12:00:00.000 Europe/Berlin', '2026-01-15T11:00:00Z'],
    ['timestamp(3) with time zone', '2026-07-15 12:00:00.000 Europe/Berlin', '2026-07-15T10:00:00Z'],
    ['timestamp(3) with time zone', '2026-03-29 01:59:59.000 Europe/Berlin', '2026-03-29T00:59:59Z'],
    ['timestamp(3) with time zone', '2026-03-29 03:00:00.000 Europe/Berlin', '2026-03-29T01:00:00Z'],
    ['timestamp(3) with time zone', '2026-10-25 02:30:00.000 Europe/Berlin', '2026-10-25T00:30:00Z'],
    ['timestamp(3) with time zone', '2026-10-25 03:00:00.000 Europe/Berlin', '2026-10-25T02:00:00Z'],
    ['timestamp(0) with time zone', '0044-01-01 00:00:00 America/New_York', '0044-01-01T04:56:02Z'],
    ['timestamp(0) with time zone', '+12026-01-01 00:00:00 Asia/Kathmandu', '12025-12-31T18:15:00Z'],
    ['varchar', '', ''],
    ['varchar(3)', "Ü'x", "Ü'x"],
    ['char(5)', 'ab   ', 'ab   '],
    ['json', '{"a":9007199254740993}', '{"a":9007199254740993}'],
    ['varbinary', 'AP8=', 'AP8='],
    ['uuid', '12151fd2-7586-11e9-8f9e-2a86e4085a59', '12151fd2-7586-11e9-8f9e-2a86e4085a59'],
    ['time(3)', '01:02:03.123', '01:02:03.123'],
    ['array(bigint)', [1, '9007199254740993'], '[1,"9007199254740993"]'],
    ['row(a bigint, b timestamp(3))', [1, '2026-01-01 00:00:00.000'], '[1,"2026-01-01 00:00:00.000"]'],
    ['map(varchar, double)', { x: 1 }, '{"x":1}'],
    ['something new', 12, '12'],
  ])('%s %j', (type, value, expected) => {
    expect(decoderOf(type)(value)).toStrictEqual(expected);
  });

  test.each([
    'bigint',
    'decimal(3,1)',
    'double',
    'boolean',
    'date',
    'timestamp(6)',
    'varchar',
    'unknown',
    'array(date)',
  ])('null is null in a column of type %s', (type) => {
    expect(decoderOf(type)(null)).toBeNull();
  });

  test.each<[string, unknown]>([
    ['bigint', 1.5],
    ['bigint', 'x'],
    ['bigint', true],
    ['double', 'x'],
    ['double', ''],
    ['decimal(3,1)', '1.'],
    ['boolean', 'true'],
    ['date', 20260101],
    ['timestamp(6)', '2026-01-01'],
    ['timestamp(6)', 1],
    ['timestamp(6) with time zone', '2026-01-01 00:00:00.000000'],
    ['timestamp(6) with time zone', '2026-01-01 00:00:00.000000 Nowhere/None'],
  ])('%s: %j is no such value', (type, value) => {
    expect(decoderOf(type)(value)).toBeUndefined();
  });
});

describe('columnTypeOf', () => {
  test.each<[string, string]>([
    ['tinyint', 'INTEGER'],
    ['bigint', 'INTEGER'],
    ['decimal(38,2)', 'FLOAT'],
    ['double', 'FLOAT'],
    ['real', 'FLOAT'],
    ['boolean', 'BOOLEAN'],
    ['date', 'DATE'],
    ['timestamp(6)', 'DATETIME'],
    ['timestamp(6) with time zone', 'DATETIME'],
    ['varchar', 'STRING'],
    ['varchar(10)', 'STRING'],
    ['time(3)', 'STRING'],
    ['array(bigint)', 'STRING'],
    ['row(date date)', 'STRING'],
    ['unknown', 'STRING'],
  ])('%s is %s', (type, expected) => {
    expect(columnTypeOf(type)).toBe(expected);
  });
});
