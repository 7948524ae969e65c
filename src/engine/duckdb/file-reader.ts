/**
 * DuckDB's call that reads a file, by what the file's name ends with. The types of a CSV's columns are stated, by name and as
 * DuckDB writes them: a sample would let a late value fail a query. Throws for what cannot be read.
 */
export function readerOf(path: string, types: readonly (readonly [name: string, type: string])[]): string {
  const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const name = path.toLowerCase();
  if (CSV.test(name)) {
    const stated = types.map(([column, type]) => `${literal(column)}: ${literal(type)}`);
    return `read_csv(${literal(path)}, types = {${stated.join(', ')}})`;
  }
  if (/\.(json|ndjson|jsonl)(\.(gz|zst))?$/.test(name)) return `read_json(${literal(path)}, sample_size = -1)`;
  if (/\.parquet$/.test(name)) return `read_parquet(${literal(path)})`;
  throw new Error('Only .parquet, .csv, .tsv, .json, .ndjson (also .gz) and .duckdb files can be read.');
}

const CSV = /\.(csv|tsv|txt)(\.(gz|zst))?$/;

/** Whether a file is text whose columns have no types of their own. */
export const isCsv = (path: string): boolean => CSV.test(path.toLowerCase());
