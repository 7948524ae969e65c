import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { formatFault } from '../../src/catalog/fault.ts';
import { type LoadedCatalog, loadCatalog } from '../../src/catalog/load.ts';

/** Files of a catalog by name; plain text is one file `catalog.yaml`. */
export type Files = string | Readonly<Record<string, string | Uint8Array>>;

const made: string[] = [];
afterAll(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** Writes a catalog into a new folder, removed after the tests of the file. */
export function folderOf(files: Files): string {
  const directory = mkdtempSync(join(tmpdir(), 'catalog-'));
  made.push(directory);
  for (const [name, text] of Object.entries(typeof files === 'string' ? { 'catalog.yaml': files } : files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

export function load(files: Files, env: Readonly<Record<string, string>> = {}): LoadedCatalog {
  return loadCatalog(folderOf(files), { env });
}

/** The catalog; fails with its faults. */
export function good(files: Files, env: Readonly<Record<string, string>> = {}): Catalog {
  const loaded = load(files, env);
  if (!loaded.ok) throw new Error(loaded.faults.map((fault) => `${fault.code} ${formatFault(fault)}`).join('\n'));
  return loaded.catalog;
}

/** `CODE file:line:column` of every fault; empty for a good catalog. */
export function faultsOf(files: Files, env: Readonly<Record<string, string>> = {}): readonly string[] {
  return placesOf(load(files, env));
}

export function placesOf(loaded: LoadedCatalog): readonly string[] {
  if (loaded.ok) return [];
  return loaded.faults.map(({ code, place }) => `${code} ${place.file}:${place.line}:${place.column}`);
}

/** Takes the marks `▸` out of files and tells where they stood, as `file:line:column`. */
export function unmark(files: Files): { readonly files: Files; readonly marks: readonly string[] } {
  const marks: string[] = [];
  const entries = Object.entries(typeof files === 'string' ? { 'catalog.yaml': files } : files).map(([name, text]) => {
    if (typeof text !== 'string') return [name, text] as const;
    text.split('\n').forEach((line, i) => {
      const pieces = line.split('▸').slice(0, -1);
      pieces.reduce((column, piece) => {
        marks.push(`${name}:${i + 1}:${column + piece.length}`);
        return column + piece.length;
      }, 1);
    });
    return [name, text.replaceAll('▸', '')] as const;
  });
  return { files: Object.fromEntries(entries), marks };
}

/** `CODE file:line:column: message` of every fault. */
export function messagesOf(loaded: LoadedCatalog): readonly string[] {
  return loaded.ok ? [] : loaded.faults.map((fault) => `${fault.code} ${formatFault(fault)}`);
}

/** An assignment and a fact source; what is written after it starts at line 10. */
export const SOURCES = `sources:
  assignments:
    kind: assignments
    table: raw.assignments
    unit: user_id
    experiment: experiment_id
    variant: variant
    timestamp: assigned_at
  events: { kind: facts, table: raw.events, unit: user_id, timestamp: event_at }
`;
