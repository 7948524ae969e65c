import type { Engine } from '../engine/engine.ts';
import type { Sql } from '../sql/sql.ts';
import { bindExpressions } from './bind-expressions.ts';
import type { Catalog, Source } from './catalog.ts';
import { type ExpressionUse, expressionUses } from './expression-uses.ts';
import { FaultList } from './fault.ts';
import { inspectExpression } from './inspect-expression.ts';
import { inspectSource } from './inspect-source.ts';
import type { LoadedCatalog } from './load.ts';

/**
 * Compares a catalog with its warehouse: every table, column and expression. Answers with the catalog that knows its columns,
 * or with all faults. Nothing is run: the engine parses, binds and describes. An engine that cannot be reached is thrown.
 * `relationSql` gives what stands after `from`: a qualified name, or a query in parentheses.
 */
export async function inspectWarehouse(
  catalog: Catalog,
  engine: Engine,
  relationSql: (source: Source) => Sql,
): Promise<LoadedCatalog> {
  const faults = new FaultList();
  const inspected = await Promise.all(
    [...catalog.sources.values()].map((source) =>
      inspectSource(source, { engine, relation: relationSql(source), faults }),
    ),
  );
  const readable = inspected.filter((found) => found !== null);
  const sources = new Map(readable.map(({ source }) => [source.name, source]));
  for (const [name, uses] of bySource(expressionUses(catalog))) {
    const source = sources.get(name);
    const sound = await soundUses(uses, engine, faults);
    if (source !== undefined) await bindExpressions(sound, { source, relation: relationSql(source), engine, faults });
  }
  if (!faults.isEmpty) return { ok: false, faults: faults.sorted() };
  const warnings = [...catalog.warnings, ...readable.flatMap((found) => found.warnings)];
  return { ok: true, catalog: { ...catalog, sources, warnings } };
}

function bySource(uses: readonly ExpressionUse[]): ReadonlyMap<string, readonly ExpressionUse[]> {
  const groups = new Map<string, ExpressionUse[]>();
  for (const use of uses) {
    const group = groups.get(use.source);
    if (group === undefined) groups.set(use.source, [use]);
    else group.push(use);
  }
  return groups;
}

/** The expressions that are fit to be bound. */
async function soundUses(
  uses: readonly ExpressionUse[],
  engine: Engine,
  faults: FaultList,
): Promise<readonly ExpressionUse[]> {
  const known = new Set<string>();
  const sound: ExpressionUse[] = [];
  for (const use of uses) {
    const { expression, subject } = use;
    if (!known.has(expression.text) && !(await inspectExpression(expression, { engine, subject, faults }))) continue;
    known.add(expression.text);
    sound.push(use);
  }
  return sound;
}
