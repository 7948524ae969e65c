import { resolve } from 'node:path';
import { duration } from '../metric-types/duration.ts';
import type { EngineConfig, ModelsConfig } from './catalog.ts';
import type { LoadContext } from './load-context.ts';
import type { Located } from './located.ts';
import { parseFields } from './parse-fields.ts';
import { textSchema } from './scalar-schemas.ts';
import { SettingReader } from './setting-reader.ts';

const DAY = 86_400;
const SUBJECT = 'The models';

/** YAML of where the seven models are built. */
export const modelsFields = {
  path: textSchema.optional().meta({
    description: 'DuckDB: the database file that they are built in, relative to the catalog; left out: models.duckdb.',
  }),
  catalog: textSchema.optional().meta({ description: "Trino: the catalog; left out: the engine's." }),
  schema: textSchema.optional().meta({ description: 'Left out: liftql.' }),
  lookback: duration('zero').optional().meta({
    description: 'How far back a build looks for rows that came late, where a source does not tell; left out: 2d.',
  }),
  maxAge: duration('zero').optional().meta({
    description: 'How old built tables may be to answer requests that name no asOf; left out: they must be of now.',
  }),
};

/** Where the models are built; null: the catalog does not say, and they are not. */
export function buildModels(yaml: Located | null, engine: EngineConfig, context: LoadContext): ModelsConfig | null {
  if (yaml === null) return null;
  const { faults } = context;
  const { all } = parseFields(modelsFields, yaml, { subject: SUBJECT, faults });
  if (all === null) return null;
  const foreign = engine.kind === 'trino' ? 'path' : 'catalog';
  if (all[foreign] !== undefined) {
    const rule = engine.kind === 'trino' ? 'is for DuckDB; name `catalog` and `schema`' : 'is for Trino; name `path`';
    faults.add('CAT_VALUE', yaml.child(foreign)!.keyPlace, { subject: `${SUBJECT}: \`${foreign}\``, rule });
    return null;
  }
  const read = new SettingReader(yaml, SUBJECT, context);
  const named = <Fallback>(field: 'path' | 'catalog' | 'schema', rule: string, fallback: Fallback) =>
    read.value<string | Fallback>([field], all[field], {
      parse: (text) => (text === '' ? null : text),
      rule,
      fallback,
    });
  return {
    path:
      engine.kind === 'trino' ? null : resolve(context.directory, named('path', 'must name a file', 'models.duckdb')),
    catalog: engine.kind === 'trino' ? named('catalog', 'must name a catalog', engine.catalog) : null,
    schema: named('schema', 'must name a schema', 'liftql'),
    lookback: all.lookback ?? 2 * DAY,
    maxAge: all.maxAge ?? 0,
  };
}
