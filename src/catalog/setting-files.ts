import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SettingReader } from './setting-reader.ts';

/** The text of a PEM file that holds something of this kind; null: not stated, or faulty. */
export function pemFile(
  path: readonly string[],
  value: string | undefined,
  kind: 'CERTIFICATE' | 'PRIVATE KEY',
  read: SettingReader,
): string | null {
  const name = read.text(path, value);
  const text = name === null ? null : readSettingFile(path, name, read);
  if (text === null) return null;
  if (new RegExp(`-----BEGIN [A-Z ]*${kind}-----`).test(text)) return text;
  read.fault(path, `names a file without a ${kind.toLowerCase()} in PEM`);
  return null;
}

/** The text of a file that a setting names; null: it cannot be read, which has been reported. */
export function readSettingFile(path: readonly string[], name: string, read: SettingReader): string | null {
  if (name === '') {
    read.fault(path, 'is empty');
    return null;
  }
  try {
    return readFileSync(resolve(read.directory, name), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'it does not exist',
      EACCES: 'it may not be read',
      EISDIR: 'it is a folder',
    };
    read.unreadable(path, name, reasons[code] ?? (code || String(error)));
    return null;
  }
}
