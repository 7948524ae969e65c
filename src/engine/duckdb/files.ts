import type { DuckDBConnection } from '@duckdb/node-api';
import { isCsv, readerOf } from './file-reader.ts';

/** A source that is a file of the user's, to be read in place under `"memory"."files"."<name>"`. */
export interface SourceFile {
  readonly name: string;
  readonly path: string;
  /** Table inside a .duckdb file. */
  readonly table: readonly string[] | null;
}

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/**
 * Makes each file readable as a view, so that statements name the source and never a path. The types of a CSV's columns are
 * taken from the whole file, once: a sample would let a late value fail a query, and one bad value must not go unseen.
 * Returns why a file cannot be read, by source name.
 */
export async function mountFiles(
  connection: DuckDBConnection,
  files: readonly SourceFile[],
): Promise<ReadonlyMap<string, string>> {
  const failures = new Map<string, string>();
  if (files.length > 0) await connection.run('create schema if not exists memory.files');
  for (const file of files) {
    try {
      await connection.run(
        `create view memory.files.${quote(file.name)} as select * from ${await relationOf(connection, file)}`,
      );
    } catch (error) {
      failures.set(file.name, error instanceof Error ? error.message : String(error));
    }
  }
  return failures;
}

async function relationOf(connection: DuckDBConnection, file: SourceFile): Promise<string> {
  const name = file.path.toLowerCase();
  if (/\.(duckdb|db)$/.test(name)) {
    const alias = quote(`file_${file.name}`);
    await connection.run(`attach ${literal(file.path)} as ${alias} (read_only)`);
    return [alias, ...(file.table ?? []).map(quote)].join('.');
  }
  return readerOf(file.path, isCsv(file.path) ? await typesOf(connection, file.path) : []);
}

/** Names and types of a CSV's columns, from the whole of it. */
async function typesOf(connection: DuckDBConnection, path: string): Promise<readonly (readonly [string, string])[]> {
  const sniffed = await connection.runAndReadAll(`describe select * from read_csv(${literal(path)}, sample_size = -1)`);
  return sniffed.getRowObjects().map((row) => [String(row.column_name), String(row.column_type)] as const);
}

/** What the lock-down of an engine still lets through: the files themselves, and the folders of globs. */
export function allowances(files: readonly SourceFile[]): {
  readonly paths: readonly string[];
  readonly directories: readonly string[];
} {
  const isGlob = (path: string) => /[*?[]/.test(path);
  return {
    paths: files.filter((file) => !isGlob(file.path)).map((file) => file.path),
    directories: files.filter((file) => isGlob(file.path)).map((file) => `${file.path.replace(/[^/]*[*?[].*$/, '')}`),
  };
}
