import { ident, Sql, sql, trusted } from '../../sql/sql.ts';
import { as, list, type Step } from '../../sql/statement.ts';

/** A named intermediate value of each row. */
export interface Definition {
  readonly name: string;
  readonly value: Sql;
  /** What it belongs to, for the comment of its step. */
  readonly about: string;
  /** A column of its own, and all in it are: an integral writes its inputs once for each node, and windows do not nest. */
  readonly apart?: boolean;
}

/** Columns by name, with the definitions that lead to them from the columns of the rows. */
export interface Formula<Name extends string> {
  readonly definitions: readonly Definition[];
  readonly columns: Readonly<Record<Name, Sql>>;
}

/** Collects the definitions of a formula; `define` gives the new column, its name behind the prefix. */
export interface Draft {
  define(name: string, value: Sql): Sql;
  /** As `define`, for an integral or a window. */
  defineApart(name: string, value: Sql): Sql;
  /** Takes over another formula's definitions and gives its columns. */
  include<Name extends string>(formula: Formula<Name>): Readonly<Record<Name, Sql>>;
  formula<Name extends string>(columns: Readonly<Record<Name, Sql>>): Formula<Name>;
}

/** Starts a formula. Prefixes tell formulas of one statement apart; a prefix is used for one formula only. */
export function draft(prefix: string, about: string): Draft {
  const definitions: Definition[] = [];
  const add = (name: string, value: Sql, apart: boolean) => {
    definitions.push({ name: `${prefix}_${name}`, value, about, apart });
    return ident(`${prefix}_${name}`);
  };
  return {
    define: (name, value) => add(name, value, false),
    defineApart: (name, value) => add(name, value, true),
    include: (formula) => {
      definitions.push(...formula.definitions);
      return formula.columns;
    },
    formula: (columns) => ({ definitions: [...definitions], columns }),
  };
}

/**
 * The definitions as steps, each over the rows of the one before and read once: a step holds every definition whose own
 * inputs are there, so that independent formulas go side by side and the chain is as short as the longest of them. A step
 * has the columns that are still needed and no others, as engines plan slowly over many: what is kept in the last, named
 * one, are definitions or columns of the rows. Definitions that nothing kept depends on are left out, and what is used once is
 * written where it is used.
 */
export function formulaSteps(
  name: string,
  from: Sql,
  definitions: readonly Definition[],
  keep: readonly Sql[],
): readonly Step[] {
  const kept = new Set(keep.flatMap(namesIn));
  const levels = levelsOf(merged(needed(definitions, kept), kept));
  // from the last step to the first: what a step must have are the inputs of those behind it
  const live: ReadonlySet<string>[] = [kept];
  for (const level of levels.slice(1).toReversed()) {
    const own = new Set(level.map(quoted));
    const passed = [...live[0]!].filter((column) => !own.has(column));
    live.unshift(new Set([...passed, ...level.flatMap(({ value }) => namesIn(value))]));
  }
  let source = from;
  return levels.map((level, i) => {
    const own = i === levels.length - 1 ? name : `${name}_${i + 1}`;
    const defined = new Set(level.map(quoted));
    const passed = [...live[i]!].filter((column) => !defined.has(column)).sort();
    const columns = level.map((definition) => as(definition.value, definition.name));
    const items = [...(passed.length === 0 ? [] : [trusted(passed.join(', '))]), ...columns];
    const query = sql`select ${list(items)}\nfrom ${source}`;
    source = ident(own);
    const comment = [...new Set(level.map(({ about }) => about))].join('; ');
    return { name: own, comment, query };
  });
}

const quoted = ({ name }: Definition): string => `"${name}"`;

/** The quoted names in a fragment: all of them are columns, as formulas quote nothing else. */
function namesIn({ pieces }: Sql): readonly string[] {
  return pieces.flatMap((piece) => (typeof piece === 'string' ? (piece.match(/"(?:[^"]|"")+"/g) ?? []) : []));
}

/** The definitions that lead to some columns, each once. */
function needed(definitions: readonly Definition[], columns: ReadonlySet<string>): readonly Definition[] {
  const byName = new Map<string, Definition>();
  for (const definition of definitions) {
    const known = byName.get(definition.name);
    if (known === undefined) byName.set(definition.name, definition);
    else if (JSON.stringify(known.value.pieces) !== JSON.stringify(definition.value.pieces))
      throw new Error(`${definition.name} is defined twice, not alike.`);
  }
  const wanted = new Set(columns);
  const reached: Definition[] = [];
  for (const definition of [...byName.values()].reverse()) {
    if (!wanted.has(quoted(definition))) continue;
    reached.unshift(definition);
    for (const column of namesIn(definition.value)) wanted.add(column);
  }
  return reached;
}

/** Writes a definition that is used once into its use: each step and column costs the engine's planner. */
function merged(definitions: readonly Definition[], kept: ReadonlySet<string>): readonly Definition[] {
  const uses = new Map<string, number>();
  for (const column of definitions.flatMap(({ value }) => namesIn(value)))
    uses.set(column, (uses.get(column) ?? 0) + 1);
  const written = new Map<string, Sql>();
  const columns: Definition[] = [];
  const used = new Set(definitions.filter(({ apart }) => apart).flatMap(({ value }) => namesIn(value)));
  for (const definition of definitions) {
    const value = new Sql(
      definition.value.pieces.flatMap((piece) => {
        const inner = typeof piece === 'string' ? written.get(piece) : undefined;
        return inner === undefined ? [piece] : ['(', ...inner.pieces, ')'];
      }),
    );
    const name = quoted(definition);
    const once = uses.get(name) === 1 && !kept.has(name) && !used.has(name) && !definition.apart;
    if (once) written.set(name, value);
    else columns.push({ ...definition, value });
  }
  return columns;
}

/** The definitions by the step in which all their inputs are known. */
function levelsOf(definitions: readonly Definition[]): readonly (readonly Definition[])[] {
  const levelOf = new Map<string, number>();
  const levels: Definition[][] = [];
  for (const definition of definitions) {
    const inputs = namesIn(definition.value).map((column) => (levelOf.get(column) ?? -1) + 1);
    const level = Math.max(0, ...inputs);
    levelOf.set(quoted(definition), level);
    levels[level] = [...(levels[level] ?? []), definition];
  }
  return levels;
}
