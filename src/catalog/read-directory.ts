import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultList } from './fault.ts';

/** A file's text, its byte-order mark taken off. */
export interface CatalogFile {
  /** Relative to the catalog's folder. */
  readonly name: string;
  readonly text: string;
}

const MEGABYTE = 1024 * 1024;
const LARGEST_FILE = 16 * MEGABYTE;
const LARGEST_CATALOG = 48 * MEGABYTE;

/** Every `*.yaml` and `*.yml` of one folder, by name; what cannot be read becomes a fault. */
export function readDirectory(directory: string, faults: FaultList): readonly CatalogFile[] {
  const start = { file: directory, line: 1, column: 1 };
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    faults.add('CAT_READ', start, { path: directory, reason: reasonOf(error) });
    return [];
  }
  const files: CatalogFile[] = [];
  let total = 0;
  for (const name of names.filter((name) => /\.ya?ml$/.test(name)).sort()) {
    const place = { file: name, line: 1, column: 1 };
    try {
      const stats = statSync(join(directory, name));
      if (stats.isDirectory()) continue;
      total += stats.size;
      if (!stats.isFile()) faults.add('CAT_READ', place, { path: name, reason: 'it is not a regular file' });
      else if (stats.size > LARGEST_FILE || total > LARGEST_CATALOG) {
        const rule = `makes the catalog too large: a file may have ${LARGEST_FILE / MEGABYTE} MB and all files ${LARGEST_CATALOG / MEGABYTE} MB`;
        faults.add('CAT_LIMIT', place, { subject: `\`${name}\``, rule });
      } else {
        const text = decodeUtf8(readFileSync(join(directory, name)));
        if (typeof text === 'string') files.push({ name, text });
        else faults.add('CAT_ENCODING', place, text);
      }
    } catch (error) {
      faults.add('CAT_READ', place, { path: name, reason: reasonOf(error) });
    }
  }
  if (files.length === 0 && faults.isEmpty) {
    faults.add('CAT_READ', start, { path: directory, reason: 'the folder holds no `*.yaml` or `*.yml` file' });
  }
  return files;
}

/** The text, or the offset of the first byte that is not UTF-8. */
function decodeUtf8(bytes: Buffer): string | { readonly offset: number } {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    let [good, bad] = [0, bytes.length];
    while (good < bad) {
      const middle = (good + bad + 1) >> 1;
      if (isUtf8Prefix(bytes.subarray(0, middle))) good = middle;
      else bad = middle - 1;
    }
    return { offset: good };
  }
}

function isUtf8Prefix(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it is not a folder',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  ELOOP: 'it is a circle of symbolic links',
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return REASONS[code] ?? code;
}
