import { formatBytes } from '../catalog/byte-size.ts';
import type { ScanEstimate } from '../engine/engine.ts';
import type { StatementRecord } from '../evaluate/trace.ts';
import { createContext } from '../graphql/context.ts';
import { explainDocument } from '../graphql/explain.ts';
import { openService } from '../server/open-service.ts';
import { optionsOfFlags } from '../server/request-options.ts';
import { readBeside, readVariables } from './documents.ts';
import { print } from './output.ts';

/** Prints the SQL that a document would run, its parameters and what it would read, and runs none of it. */
export async function explain(
  directory: string,
  file: string,
  options: {
    readonly variables?: string;
    readonly operation?: string;
    readonly json?: boolean;
    readonly user?: string;
  },
): Promise<void> {
  const document = readBeside(directory, file);
  const variables = readVariables(directory, options.variables);
  const service = await openService(directory, { env: process.env });
  try {
    const asked = optionsOfFlags({ user: options.user }, service.catalog().engine);
    const request = { document, variables, operationName: options.operation };
    const statements = await explainDocument(service, request, asked);
    const estimate = await createContext(service, asked).session.evaluator.estimate(statements);
    print(options.json ? jsonOf(statements, estimate) : textOf(statements, estimate));
  } finally {
    await service.close();
  }
}

function jsonOf(statements: readonly StatementRecord[], { rows, bytes }: ScanEstimate): string {
  const shown = statements.map(({ sql, parameters, purpose, template }) => ({ purpose, template, sql, parameters }));
  return JSON.stringify({ statements: shown, estimatedRows: rows, estimatedBytes: bytes }, null, 2);
}

function textOf(statements: readonly StatementRecord[], estimate: ScanEstimate): string {
  if (statements.length === 0) return '-- nothing would run';
  const parts = statements.map(({ sql, parameters, purpose, template, dialect }, i) => {
    const title = `-- statement ${i + 1} of ${statements.length}: ${purpose}${template ? ' (template: its values depend on data)' : ''}`;
    const sign = dialect === 'DUCKDB' ? '$' : '?';
    return `${title}\n${sql}\n${parameters.map((value, n) => `-- ${sign}${n + 1} = ${JSON.stringify(value)}`).join('\n')}`;
  });
  return [...parts, `-- ${sentenceOf(estimate)}`].join('\n\n');
}

function sentenceOf({ rows, bytes }: ScanEstimate): string {
  if (rows === null && bytes === null) return 'what this would read is not known';
  const amounts = [
    bytes === null ? [] : [formatBytes(bytes)],
    rows === null ? [] : [`${rows.toLocaleString('en-US')} rows`],
  ];
  return `this would read about ${amounts.flat().join(', ')}`;
}
