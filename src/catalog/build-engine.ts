import { resolve } from 'node:path';
import { z } from 'zod';
import type { EngineConfig } from './catalog.ts';
import { expand } from './environment.ts';
import type { LoadContext } from './load-context.ts';
import { isMap, type Located } from './located.ts';
import { parseFields } from './parse-fields.ts';
import { ENGINE_FIELDS } from './settings-schema.ts';
import { show } from './show.ts';

const IN_MEMORY: EngineConfig = { kind: 'duckdb', path: null, threads: null, memoryLimit: null };

/** The engine that a catalog asks for; DuckDB in memory when it does not say. */
export function buildEngine(yaml: Located | null, context: LoadContext): EngineConfig {
  if (yaml === null) return IN_MEMORY;
  const { faults } = context;
  const subject = 'The engine';
  const text = (field: string, value: string | undefined): string | null =>
    value === undefined
      ? null
      : expand(value, yaml.nearest([field]), { env: context.env, subject: `${subject}: \`${field}\``, faults });
  const kind = isMap(yaml.value) ? yaml.value.kind : undefined;
  if (kind === 'trino') {
    const { all } = parseFields(ENGINE_FIELDS.trino, yaml, { subject, faults });
    if (all === null) return IN_MEMORY;
    const server = text('server', all.server)!;
    if (server !== '' && !(/^https?:\/\//i.test(server) && URL.canParse(server))) {
      faults.add('CAT_VALUE', yaml.nearest(['server']).place, {
        subject: `${subject}: \`server\``,
        rule: 'must be an http or https URL',
        got: show(server),
      });
    }
    return { kind, server, catalog: text('catalog', all.catalog), schema: text('schema', all.schema) };
  }
  if (kind !== 'duckdb' && isMap(yaml.value)) {
    const place = yaml.nearest(['kind']).place;
    faults.add('CAT_VALUE', place, {
      subject: `${subject}: \`kind\``,
      rule: 'must be `duckdb` or `trino`',
      got: show(kind),
    });
    return IN_MEMORY;
  }
  const { all } = parseFields(ENGINE_FIELDS.duckdb, yaml, { subject, faults });
  if (all === null) return IN_MEMORY;
  const path = text('path', all.path);
  return {
    kind: 'duckdb',
    path: path === null || path === '' || path === ':memory:' ? null : resolve(context.directory, path),
    threads: all.threads === undefined ? null : threadsOf(text('threads', String(all.threads))!, yaml, context),
    memoryLimit: text('memoryLimit', all.memoryLimit),
  };
}

function threadsOf(text: string, yaml: Located, { faults }: LoadContext): number | null {
  const parsed = z.coerce.number().int().min(1).safeParse(text);
  if (parsed.success) return parsed.data;
  const subject = 'The engine: `threads`';
  faults.add('CAT_VALUE', yaml.nearest(['threads']).place, {
    subject,
    rule: 'must be a whole number, 1 or more',
    got: show(text),
  });
  return null;
}
