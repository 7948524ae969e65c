import { relative } from 'node:path';
import type { Catalog, EngineConfig } from '../../catalog/catalog.ts';
import { DEFAULT_ANALYSIS } from '../../catalog/settings-schema.ts';
import { analysisFields } from './experiment-fields.ts';
import { type Field, field, fieldsOf, showSeconds } from './fields.ts';

/** What a catalog says once for all, by the setting's name. How the engine is spoken to, and by which proof, is never shown. */
export function settingFields(catalog: Catalog): ReadonlyMap<string, readonly Field[]> {
  const { clock, analysis, models, directory } = catalog;
  const path = (absolute: string | null | undefined) => (absolute == null ? null : relative(directory, absolute));
  return new Map([
    ['clock', field('clock', clock, 'NUMBERS')],
    ['engine', engineFields(catalog.engine, path)],
    ['analysis', analysisFields(analysis ?? DEFAULT_ANALYSIS, '')],
    [
      'models',
      [
        ...field('path', path(models?.path), 'WORDS'),
        ...field('catalog', models?.catalog, 'WORDS'),
        ...field('schema', models?.schema, 'WORDS'),
        ...field('lookback', showSeconds(models?.lookback), 'WORDS'),
        ...field('maxAge', showSeconds(models?.maxAge), 'WORDS'),
      ],
    ],
  ]);
}

function engineFields(engine: EngineConfig, path: (absolute: string | null) => string | null): readonly Field[] {
  if (engine.kind === 'duckdb')
    return [
      ...field('kind', engine.kind, 'NUMBERS'),
      ...field('path', path(engine.path), 'NUMBERS'),
      ...field('threads', engine.threads, 'WORDS'),
      ...field('memoryLimit', engine.memoryLimit, 'WORDS'),
    ];
  return [
    ...field('kind', engine.kind, 'NUMBERS'),
    ...field('server', engine.server, 'NUMBERS'),
    ...field('catalog', engine.catalog, 'NUMBERS'),
    ...field('schema', engine.schema, 'NUMBERS'),
    ...field('user', engine.user, 'NUMBERS'),
    ...fieldsOf(engine.session, 'NUMBERS', 'session'),
  ];
}
