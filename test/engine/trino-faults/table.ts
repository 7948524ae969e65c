import type { Cell, Row } from '../../../src/engine/engine.ts';
import type { Prng } from './prng.ts';

/** A cell as the wire carries it, in JSON text, and as the engine must hand it out. */
export interface TableCell {
  readonly wire: string;
  readonly truth: Cell;
}

export interface Table {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly TableCell[])[];
}

export function truthOf(table: Table): Row[] {
  return table.rows.map((row) => Object.fromEntries(row.map((cell, i) => [table.columns[i]!.name, cell.truth])));
}

const NULL: TableCell = { wire: 'null', truth: null };
const same = (value: Cell): TableCell => ({ wire: JSON.stringify(value), truth: value });
const two = (value: number) => String(value).padStart(2, '0');
const day = (chance: Prng) =>
  `20${two(chance.between(0, 99))}-${two(chance.between(1, 12))}-${two(chance.between(1, 28))}`;
const clock = (chance: Prng) => [23, 59, 59].map((most) => two(chance.between(0, most))).join(':');

/** Fractions end in a digit other than 0, so that their width is not in question. */
const fraction = (chance: Prng, digits: number) =>
  Array.from({ length: digits }, (_, i) => chance.between(i === digits - 1 ? 1 : 0, 9)).join('');

const TEXTS = [
  '',
  'Ü',
  'it\'s "quoted"',
  'back\\slash',
  '👩‍🔬',
  'line\nbreak',
  '{"error":null}',
  '\u2028',
  '零',
  ' ',
  'null',
];

/** Values that JSON, text decoding and number types get wrong first. */
const CELLS: Readonly<Record<string, (chance: Prng) => TableCell>> = {
  bigint: (chance) =>
    chance.chance(0.2)
      ? { wire: '9007199254740993', truth: '9007199254740993' }
      : same(chance.between(-1_000_000, 1_000_000)),
  integer: (chance) => same(chance.between(-2147483648, 2147483647)),
  double: (chance) =>
    chance.pick<TableCell>([
      { wire: '"NaN"', truth: Number.NaN },
      { wire: '"-Infinity"', truth: Number.NEGATIVE_INFINITY },
      { wire: '1.0E300', truth: 1e300 },
      same(chance.next()),
      same(-chance.next() * 1e6),
    ]),
  varchar: (chance) => same(chance.pick(TEXTS) + chance.pick(TEXTS)),
  boolean: (chance) => same(chance.chance(0.5)),
  date: (chance) => same(day(chance)),
  'timestamp(6)': (chance) => {
    const [date, time] = [day(chance), `${clock(chance)}.${fraction(chance, 6)}`];
    return { wire: `"${date} ${time}"`, truth: `${date}T${time}Z` };
  },
  'timestamp(3) with time zone': (chance) => {
    const [date, time] = [day(chance), `${clock(chance)}.${fraction(chance, 3)}`];
    return { wire: `"${date} ${time} UTC"`, truth: `${date}T${time}Z` };
  },
  'decimal(18,3)': (chance) => {
    const text = `${chance.between(-1_000_000, 1_000_000)}.${fraction(chance, 3)}`;
    return { wire: `"${text}"`, truth: Number(text) };
  },
};

/** Columns of random types; the first counts the rows, so that a lost, repeated or misplaced row is seen. */
export function randomTable(chance: Prng, rows: number, width: number): Table {
  const types = Array.from({ length: width }, () => chance.pick(Object.keys(CELLS)));
  return {
    columns: [{ name: 'n', type: 'bigint' }, ...types.map((type, i) => ({ name: `c${i}`, type }))],
    rows: Array.from({ length: rows }, (_, n) => [
      same(n),
      ...types.map((type) => (chance.chance(0.1) ? NULL : CELLS[type]!(chance))),
    ]),
  };
}

/** One column of each type. */
export function tableOfAllTypes(chance: Prng, rows: number): Table {
  const types = Object.keys(CELLS);
  return {
    columns: [{ name: 'n', type: 'bigint' }, ...types.map((type, i) => ({ name: `c${i}`, type }))],
    rows: Array.from({ length: rows }, (_, n) => [same(n), ...types.map((type) => CELLS[type]!(chance))]),
  };
}

/** Only what every client reads alike: small whole numbers and text. */
export function plainTable(rows: number): Table {
  return {
    columns: [
      { name: 'n', type: 'bigint' },
      { name: 'text', type: 'varchar' },
    ],
    rows: Array.from({ length: rows }, (_, n) => [same(n), same(`row ${n} Ü`)]),
  };
}
