import type { DuckDBConnection } from '@duckdb/node-api';
import { MetricLayerError } from '../../core/errors.ts';
import type { ParsedExpression } from '../engine.ts';

const PREFIX = 'select (';

/** Parses an expression through DuckDB's own parser (nothing is bound or run) and lists what it calls. */
export async function parseDuckDbExpression(connection: DuckDBConnection, text: string): Promise<ParsedExpression> {
  const prepared = await connection.prepare('select json_serialize_sql(cast($1 as varchar)) as ast');
  prepared.bind([`${PREFIX}${text}\n) as x`]);
  const rows = (await prepared.runAndReadAll()).getRowObjects();
  const ast = JSON.parse(String(rows[0]!.ast)) as {
    error: boolean;
    error_message?: string;
    position?: string;
    statements?: unknown[];
  };
  if (ast.error || ast.statements?.length !== 1) {
    const reason = ast.error ? (ast.error_message ?? 'syntax error') : 'it is more than one statement';
    const offset = Math.max(0, Math.min(Number(ast.position ?? PREFIX.length) - PREFIX.length, text.length));
    throw new MetricLayerError('ENGINE_FAILED', `The expression does not parse: ${reason}.`, {
      details: { reason, offset },
    });
  }
  const found = { functions: new Set<string>(), hasSubquery: false, hasWindow: false, hasAggregate: false };
  collect((ast.statements[0] as { node: { select_list: unknown } }).node.select_list, found);
  const aggregates = await aggregateNames(connection);
  return {
    functions: [...found.functions].sort(),
    hasSubquery: found.hasSubquery,
    hasWindow: found.hasWindow,
    hasAggregate: [...found.functions].some((name) => aggregates.has(name)),
  };
}

interface Found {
  readonly functions: Set<string>;
  hasSubquery: boolean;
  hasWindow: boolean;
}

function collect(node: unknown, found: Found): void {
  if (Array.isArray(node)) for (const child of node) collect(child, found);
  else if (node !== null && typeof node === 'object') {
    const { class: kind, function_name: name } = node as { class?: string; function_name?: string };
    if (kind === 'SUBQUERY') found.hasSubquery = true;
    if (kind === 'WINDOW') found.hasWindow = true;
    if ((kind === 'FUNCTION' || kind === 'WINDOW') && name !== undefined) found.functions.add(name.toLowerCase());
    for (const child of Object.values(node)) collect(child, found);
  }
}

async function aggregateNames(connection: DuckDBConnection): Promise<ReadonlySet<string>> {
  const rows = (
    await connection.runAndReadAll(
      "select distinct function_name as f from duckdb_functions() where function_type = 'aggregate'",
    )
  ).getRowObjects();
  return new Set(rows.map((row) => String(row.f)));
}
