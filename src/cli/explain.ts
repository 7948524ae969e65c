import { explainDocument } from '../graphql/explain.ts';
import { openService } from '../server/open-service.ts';
import { readBeside, readVariables } from './documents.ts';
import { print } from './output.ts';

/** Prints the SQL that a document would run and its parameters, and runs none of it. */
export async function explain(
  directory: string,
  file: string,
  options: { readonly variables?: string; readonly operation?: string; readonly json?: boolean },
): Promise<void> {
  const document = readBeside(directory, file);
  const variables = readVariables(directory, options.variables);
  const service = await openService(directory, { env: process.env });
  try {
    const statements = await explainDocument(service, { document, variables, operationName: options.operation });
    if (options.json)
      print(
        JSON.stringify(
          statements.map(({ sql, parameters, purpose, template }) => ({ purpose, template, sql, parameters })),
          null,
          2,
        ),
      );
    else
      print(
        statements
          .map(
            ({ sql, parameters, purpose, template }, i) =>
              `-- statement ${i + 1} of ${statements.length}: ${purpose}${template ? ' (template: its values depend on data)' : ''}\n${sql}\n${parameters.map((value, n) => `-- $${n + 1} = ${JSON.stringify(value)}`).join('\n')}`,
          )
          .join('\n\n') || '-- nothing would run',
      );
  } finally {
    await service.close();
  }
}
