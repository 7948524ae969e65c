import { resolve } from 'node:path';
import { z } from 'zod';
import { buildTrino } from './build-trino.ts';
import type { EngineConfig } from './catalog.ts';
import type { LoadContext } from './load-context.ts';
import { isMap, type Located } from './located.ts';
import { parseFields } from './parse-fields.ts';
import { SettingReader } from './setting-reader.ts';
import { ENGINE_FIELDS } from './settings-schema.ts';
import { show } from './show.ts';

const IN_MEMORY: EngineConfig = { kind: 'duckdb', path: null, threads: null, memoryLimit: null };
const SUBJECT = 'The engine';

/** The engine that a catalog asks for; DuckDB in memory when it does not say. */
export function buildEngine(yaml: Located | null, context: LoadContext): EngineConfig {
  if (yaml === null) return IN_MEMORY;
  const { faults } = context;
  const kind = isMap(yaml.value) ? yaml.value.kind : undefined;
  if (kind === 'trino') return buildTrino(yaml, SUBJECT, context) ?? IN_MEMORY;
  if (kind !== 'duckdb' && isMap(yaml.value)) {
    const place = yaml.nearest(['kind']).place;
    faults.add('CAT_VALUE', place, {
      subject: `${SUBJECT}: \`kind\``,
      rule: 'must be `duckdb` or `trino`',
      got: show(kind),
    });
    return IN_MEMORY;
  }
  const { all } = parseFields(ENGINE_FIELDS.duckdb, yaml, { subject: SUBJECT, faults });
  if (all === null) return IN_MEMORY;
  const read = new SettingReader(yaml, SUBJECT, context);
  const path = read.text(['path'], all.path);
  return {
    kind: 'duckdb',
    path: path === null || path === '' || path === ':memory:' ? null : resolve(context.directory, path),
    threads: read.value(['threads'], all.threads, {
      parse: (text) => z.coerce.number().int().min(1).safeParse(text).data ?? null,
      rule: 'must be a whole number, 1 or more',
      fallback: null as number | null,
    }),
    memoryLimit: read.text(['memoryLimit'], all.memoryLimit),
  };
}
