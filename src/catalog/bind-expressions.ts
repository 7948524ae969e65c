import type { DescribedColumn, Engine } from '../engine/engine.ts';
import { placeInside } from '../metric-types/expression.ts';
import { ident, join, type Sql, sql, trusted } from '../sql/sql.ts';
import type { Source } from './catalog.ts';
import type { ExpressionUse } from './expression-uses.ts';
import { wordsOf } from './expression-words.ts';
import type { FaultList } from './fault.ts';
import { describe } from './inspect-source.ts';

const TOGETHER = 50;

interface BindOptions {
  readonly source: Source;
  readonly relation: Sql;
  readonly engine: Engine;
  readonly faults: FaultList;
}

/** Lets the engine bind expressions to the columns of their source, many at once; tells those that it cannot bind. */
export async function bindExpressions(uses: readonly ExpressionUse[], options: BindOptions): Promise<void> {
  const groups = new Map<string, ExpressionUse[]>();
  for (const use of uses) {
    const key = `${use.wanted} ${use.expression.text}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [use]);
    else group.push(use);
  }
  const all = [...groups.values()];
  for (let start = 0; start < all.length; start += TOGETHER) {
    const chunk = all.slice(start, start + TOGETHER);
    const described = await bind(
      chunk.map((group) => group[0]!),
      options,
    );
    if ('reason' in described) for (const group of chunk) await bindAlone(group, options);
    else for (const [i, group] of chunk.entries()) checkType(group, described[i]!, options);
  }
}

async function bind(uses: readonly ExpressionUse[], { engine, relation }: BindOptions) {
  const columns = uses.map(({ expression }, i) => sql`(${trusted(expression.text)}\n) as ${ident(`x${i}`)}`);
  const described = await describe(engine, sql`select ${join(columns, ', ')} from ${relation} as s where 1 = 0`);
  return 'reason' in described || described.length === uses.length
    ? described
    : { reason: 'It must be one value, not several.' };
}

/** Binds what is written alike at several places, and tells of each of them. */
async function bindAlone(group: readonly ExpressionUse[], options: BindOptions): Promise<void> {
  const described = await bind(group.slice(0, 1), options);
  if ('reason' in described) for (const use of group) refuse(use, described.reason, options);
  else checkType(group, described[0]!, options);
}

function refuse({ expression, subject }: ExpressionUse, reason: string, { faults, source }: BindOptions): void {
  const column = missingColumn(reason);
  if (column !== null && !source.columns.has(column)) {
    const offset = wordsOf(expression.text).find(({ text }) => text === column.toLowerCase())?.offset ?? 0;
    const suggestion = faults.suggest(column, source.columns.keys());
    faults.add('CAT_NO_COLUMN', placeInside(expression, offset), { subject, column, suggestion });
  } else {
    const rule = `is refused by the engine: ${reason.replace(/^[A-Z][a-z]+ Error: /, '').replace(/[.!]$/, '')}`;
    faults.add('CAT_EXPRESSION', expression.place, { subject, rule });
  }
}

/** The column that an engine's sentence says does not exist. */
function missingColumn(reason: string): string | null {
  const match =
    /(?:Referenced column "([^"]+)" not found|Column '([^']+)' cannot be resolved|column named "([^"]+)")/.exec(reason);
  return match === null ? null : (match[1] ?? match[2] ?? match[3] ?? null);
}

function checkType(
  group: readonly ExpressionUse[],
  { type, engineType }: DescribedColumn,
  { faults }: BindOptions,
): void {
  for (const { expression, wanted, subject } of group) {
    if (wanted === 'condition' && type !== 'BOOLEAN') {
      const rule = `must be true or false for a row, but is of type ${engineType}; compare it, such as \`${short(expression.text)} = 1\``;
      faults.add('CAT_TYPE', expression.place, { subject, rule });
    } else if (wanted === 'number' && (type === 'DATE' || type === 'DATETIME')) {
      faults.add('CAT_TYPE', expression.place, { subject, rule: `must be a number, but is of type ${engineType}` });
    }
  }
}

function short(text: string): string {
  return text.length > 30 ? `(…)` : text.trim();
}
