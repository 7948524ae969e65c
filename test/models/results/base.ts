import { writeFileSync } from 'node:fs';
import { withHorizon } from '../../../src/models/as-of.ts';
import type { ModelName } from '../../../src/models/model.ts';
import { MODELS } from '../../../src/models/registry.ts';
import { DIALECTS } from '../../../src/sql/dialects/index.ts';
import { bind, compile, sql } from '../../../src/sql/sql.ts';
import { folderWith, type TestService } from '../../support/service.ts';

const BASE = ['experiment_assignments', 'experiment_exclusions', 'source_freshness', 'metric_calculations'] as const;
const TYPES = {
  STRING: 'VARCHAR',
  INTEGER: 'BIGINT',
  FLOAT: 'DOUBLE',
  BOOLEAN: 'BOOLEAN',
  DATE: 'DATE',
  DATETIME: 'TIMESTAMP',
} as const;

/** What results are made from, as a service over DuckDB has it, as statements of DuckDB over files. */
export async function baseSelects(service: TestService, asOf: string): Promise<Partial<Record<ModelName, string>>> {
  const catalog = service.catalog();
  const directory = folderWith({});
  const dialect = withHorizon(DIALECTS.DUCKDB, sql`cast(${bind(asOf)} as timestamp)`);
  const selects: Partial<Record<ModelName, string>> = {};
  for (const name of BASE) {
    const model = MODELS.find((one) => one.name === name)!;
    const ref = (other: string) => {
      throw new Error(`${name} reads ${other}.`);
    };
    const { rows } = await service.engine.query(compile(model.select({ catalog, dialect, ref }), dialect.placeholder));
    const columns = model.columns(catalog).map((column) => `'${column.name}': '${TYPES[column.type]}'`);
    writeFileSync(`${directory}/${name}.json`, rows.map((row) => JSON.stringify(row)).join('\n'));
    const read = `read_json('${directory}/${name}.json', format = 'newline_delimited', columns = {${columns.join(', ')}})`;
    selects[name] = `select * from ${read}`;
  }
  return selects;
}
