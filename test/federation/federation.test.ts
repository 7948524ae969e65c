import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { differences } from '../support/close.ts';
import { describeOn } from '../support/engines.ts';
import { ask, type Data, serveFiles, type TestService } from '../support/service.ts';
import { runOnTrino, TRINO_URL, trinoSchema } from '../support/trino.ts';

/** The example in examples/federation, its tables in schemas of this run's own. */
const CATALOGS = ['postgres', 'iceberg', 'memory'] as const;
const NOW = '2026-04-01T00:00:00Z';
const example = (name: string) => readFileSync(new URL(`../../examples/federation/${name}`, import.meta.url), 'utf8');

const SCORECARD = /* GraphQL */ `
  {
    experiments { nodes { key name owner status startAt endAt variants { key weight isControl } } }
    experiment(key: "checkout_button") {
      assignments { rows units arms { variant { key } units } excluded { reason units } exposures(grain: DAY) { date units variant { key } } }
      sampleRatioMismatch { pValue chiSquare }
      results { nodes { ...Line } }
      breakdown: results(filter: { sliceBy: ["country"], roles: [GOAL] }) { nodes { slice { value } ...Line } }
      summary { verdict treatments { verdict reasons { code } } }
    }
  }
  fragment Line on MetricResult {
    metric { name }
    control { units mean variance numerator denominator }
    treatment { units mean variance numerator denominator }
    difference { value standardError interval { lower upper } }
    lift { value interval { lower upper } unknown }
    pValue
    outcome
    guardrail
    capping { upper cappedUnits }
  }
`;

const STATEMENTS = /* GraphQL */ `
  { experiment(key: "checkout_button") { results { nodes { metric { name } control { mean } provenance { statements { sql dialect purpose } } } } } }
`;

describeOn('Trino', () => {
  let federated: TestService;
  let alone: TestService;
  let tables: Readonly<Record<string, string>>;

  beforeAll(async () => {
    const schemas = await Promise.all(CATALOGS.map(async (catalog) => [catalog, await trinoSchema(catalog)] as const));
    const placed = (text: string) =>
      schemas.reduce(
        (done, [catalog, schema]) => done.replaceAll(`${catalog}.federation`, `${catalog}.${schema}`),
        text,
      );
    for (const statement of example('tables.sql').split(';'))
      if (statement.trim() !== '') await runOnTrino(placed(statement));
    const catalog = placed(example('catalog.yaml'));
    tables = Object.fromEntries(
      [...catalog.matchAll(/table: ((\w+)\.\w+\.\w+)/g)].map(([, table, of]) => [of!, table!]),
    );
    federated = await serveFiles(catalog.replace(/\$\{TRINO_URL:-[^}]*\}/, TRINO_URL!), NOW);
    alone = await serveFiles(
      {
        'catalog.yaml': catalog
          .replace(/engine: .*/, 'engine: { kind: duckdb }')
          .replaceAll(/table: (\w+)\.\w+\.\w+/g, 'file: $1.csv'),
        ...Object.fromEntries(
          await Promise.all(
            Object.entries(tables).map(async ([of, table]) => [`${of}.csv`, await csvOf(table)] as const),
          ),
        ),
      },
      NOW,
    );
  });

  test('a scorecard over three catalogs has the numbers of the same tables in one DuckDB', async () => {
    const [over, in_] = await Promise.all([ask(federated, SCORECARD), ask(alone, SCORECARD)]);
    expect(over.experiment.assignments.units).toBe(4000);
    expect(over.experiment.results.nodes).toHaveLength(4);
    expect(differences(over, in_, 1e-9)).toEqual([]);
  });

  test('the experiments are those of the third catalog, also the one that no YAML knows', async () => {
    const { experiments } = await ask(federated, SCORECARD);
    expect(experiments.nodes).toMatchObject([
      {
        key: 'checkout_button',
        name: 'A larger button at checkout',
        owner: 'shop team',
        status: 'STOPPED',
        startAt: '2026-03-02T00:00:00Z',
        endAt: '2026-03-09T00:00:00Z',
      },
      { key: 'new_start_page', status: 'DRAFT', variants: [{ key: 'control' }, { key: 'treatment' }] },
    ]);
  });

  test('each result comes from one statement over Postgres and Iceberg', async () => {
    const { experiment } = await ask(federated, STATEMENTS);
    const quoted = (table: string) => `"${table.replaceAll('.', '"."')}"`;
    for (const { provenance } of experiment.results.nodes) {
      const moments = provenance.statements.filter(({ purpose }: Data) => purpose === 'moments');
      expect(moments).toHaveLength(1);
      expect(moments[0].dialect).toBe('TRINO');
      expect(moments[0].sql).toContain(quoted(tables.postgres!));
      expect(moments[0].sql).toContain(quoted(tables.iceberg!));
    }
  });
});

/** A table of Trino as a file that DuckDB reads. */
async function csvOf(table: string): Promise<string> {
  const columns = (await runOnTrino(`show columns from ${table}`)).map(([name]) => `"${name}"`);
  const rows = await runOnTrino(
    `select ${columns.map((column) => `regexp_replace(cast(${column} as varchar), ' UTC$', '+00:00')`).join(', ')} from ${table}`,
  );
  const cell = (value: unknown) => (value === null ? '' : `"${String(value).replaceAll('"', '""')}"`);
  return [columns, ...rows.map((row) => row.map(cell))].map((line) => line.join(',')).join('\n');
}
