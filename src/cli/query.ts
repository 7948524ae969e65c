import { formatError } from '../graphql/errors.ts';
import { executeDocument } from '../graphql/execute.ts';
import { openService } from '../server/open-service.ts';
import { optionsOfFlags } from '../server/request-options.ts';
import { readBeside, readVariables } from './documents.ts';
import { EXIT, print } from './output.ts';

/** Runs a document in this process and prints the GraphQL answer; exit 1 if it has errors. */
export async function query(
  directory: string,
  file: string,
  options: {
    readonly variables?: string;
    readonly operation?: string;
    readonly user?: string;
    readonly scanBudget?: string;
  },
): Promise<void> {
  const document = readBeside(directory, file);
  const variables = readVariables(directory, options.variables);
  const service = await openService(directory, { env: process.env });
  try {
    const { result } = await executeDocument(
      service,
      { document, variables, operationName: options.operation },
      optionsOfFlags(options, service.catalog().engine),
    );
    const errors = result.errors?.map((error) =>
      formatError(error.toJSON(), error, (id, cause) =>
        process.stderr.write(`${id}: ${cause instanceof Error ? cause.stack : String(cause)}\n`),
      ),
    );
    print(
      JSON.stringify(
        { ...(errors === undefined ? {} : { errors }), ...(result.data === undefined ? {} : { data: result.data }) },
        null,
        2,
      ),
    );
    if (errors !== undefined) process.exitCode = EXIT.failed;
  } finally {
    await service.close();
  }
}
