import type { DuckDBConnection } from '@duckdb/node-api';

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
        `create view memory.files.${quote(file.name)} as select * from ${await readerOf(connection, file)}`,
      );
    } catch (error) {
      failures.set(file.name, error instanceof Error ? error.message : String(error));
    }
  }
  return failures;
}

async function readerOf(connection: DuckDBConnection, file: SourceFile): Promise<string> {
  const name = file.path.toLowerCase();
  if (/\.(duckdb|db)$/.test(name)) {
    const alias = quote(`file_${file.name}`);
    await connection.run(`attach ${literal(file.path)} as ${alias} (read_only)`);
    return [alias, ...(file.table ?? []).map(quote)].join('.');
  }
  if (/\.(csv|tsv|txt)(\.(gz|zst))?$/.test(name)) {
    const sniffed = await connection.runAndReadAll(
      `describe select * from read_csv(${literal(file.path)}, sample_size = -1)`,
    );
    const types = sniffed
      .getRowObjects()
      .map((row) => `${literal(String(row.column_name))}: ${literal(String(row.column_type))}`);
    return `read_csv(${literal(file.path)}, types = {${types.join(', ')}})`;
  }
  if (/\.(json|ndjson|jsonl)(\.(gz|zst))?$/.test(name)) return `read_json(${literal(file.path)}, sample_size = -1)`;
  if (/\.parquet$/.test(name)) return `read_parquet(${literal(file.path)})`;
  throw new Error('Only .parquet, .csv, .tsv, .json, .ndjson (also .gz) and .duckdb files can be read.');
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
