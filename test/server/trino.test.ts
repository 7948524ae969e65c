import { expect, test } from 'vitest';
import { CatalogError, openService } from '../../src/server/open-service.ts';
import { describeOn } from '../support/engines.ts';
import { answer, ask, type Data, folderWith, serveFiles } from '../support/service.ts';
import { runOnTrino, TRINO_URL } from '../support/trino.ts';
import { overHttp } from './support.ts';

const NOW = '1999-01-01T00:00:00Z';

/** Customers in two arms and their orders, as Trino makes them up: 1,500 and 15,000 rows, the same every time. */
const catalogOf = (settings = '', events = 'orders') => `
engine: { kind: trino, server: "${TRINO_URL}", catalog: tpch, schema: tiny${settings === '' ? '' : `, ${settings}`} }
sources:
  assignments:
    kind: assignments
    sql: |
      select custkey, if(mod(custkey, 2) = 0, 'control', 'treatment') as variant,
        timestamp '1995-01-01 00:00:00' as seen_at, mktsegment as segment
      from customer
    unit: custkey
    variant: variant
    timestamp: seen_at
    dimensions: { segment: {} }
  orders: { kind: facts, table: ${events}, unit: custkey, timestamp: orderdate }
  flags:
    kind: experiments
    sql: select 'parity' as "Key", 'Odd customers' as name, date '1995-02-01' as ends, '{"control":0.5,"treatment":0.5}' as variants
    columns: { key: key, name: name, end: ends, variants: variants }
metrics:
  revenue: { type: mean, source: orders, value: { column: totalprice, where: "orderstatus <> 'P'" }, window: { length: 365d } }
  ordered: { type: proportion, source: orders, value: { where: "true" }, window: { length: 365d } }
experiments:
  parity: { start: 1995-01-01T00:00:00Z, goals: [revenue], guardrails: { ordered: { margin: 5% } } }
`;

const SCORECARD = `{ experiment(key: "parity") { name endAt
  results(filter: { metrics: ["revenue"] }) { nodes { control { units mean } treatment { units mean }
    provenance { statements { purpose engineQueryId elapsedMs rows scannedRows scannedBytes } } } } } }`;
const SLICED = `{ experiment(key: "parity") { results(filter: { metrics: ["ordered"], sliceBy: ["segment"] }) { nodes { control { units } } } } }`;
const PLAN =
  'query Plan($document: String!) { explain(document: $document) { statements { purpose } estimatedRows estimatedBytes } }';

/** What Trino remembers of a query. */
const queryOf = async (id: string) =>
  (await runOnTrino(`select "user", source from system.runtime.queries where query_id = '${id}'`))[0];

describeOn('Trino', () => {
  test('a catalog is served from end to end, and its numbers are those of plain SQL', async () => {
    const service = await serveFiles(catalogOf('source: liftql-served'), NOW);
    const { experiment } = await ask(service, SCORECARD);
    const [{ control, treatment, provenance }] = experiment.results.nodes;
    const plain = await runOnTrino(`
      select mod(c.custkey, 2), count(*), avg(coalesce(o.total, 0e0)) from tpch.tiny.customer c left join (
        select custkey, sum(totalprice) as total from tpch.tiny.orders
        where orderstatus <> 'P' and orderdate >= date '1995-01-01' and orderdate < date '1996-01-01' group by custkey
      ) o on o.custkey = c.custkey group by 1 order by 1`);
    for (const [i, arm] of [control, treatment].entries()) {
      expect(arm.units).toBe(plain[i]![1]);
      expect(arm.mean / Number(plain[i]![2])).toBeCloseTo(1, 9);
    }
    expect([experiment.name, experiment.endAt]).toEqual(['Odd customers', '1995-02-01T00:00:00Z']);
    const [statement] = provenance.statements;
    expect(statement).toMatchObject({ purpose: 'moments', rows: 2, elapsedMs: expect.any(Number) });
    expect(statement.scannedRows).toBeGreaterThan(1500);
    expect(await queryOf(statement.engineQueryId)).toEqual(['liftql', 'liftql-served']);
    const { nodes } = (await ask(service, SLICED)).experiment.results;
    expect(nodes.reduce((sum: number, { control: { units } }: Data) => sum + units, 0)).toBe(control.units);
  });

  test('explain says what would be read, of templates too', async () => {
    const service = await serveFiles(catalogOf(), NOW);
    for (const document of [SCORECARD, SLICED]) {
      const { estimatedRows, estimatedBytes } = (await ask(service, PLAN, { document })).explain;
      expect(estimatedRows).toBeGreaterThan(1500);
      expect(estimatedBytes).toBeGreaterThan(1500);
    }
  });

  test('a budget refuses what would read more, and lets through what reads less', async () => {
    const small = await serveFiles(catalogOf('scanBudget: { bytes: 100kB }'), NOW);
    const { errors } = await answer(small, SCORECARD);
    expect(errors.map(({ extensions }) => extensions?.code)).toContain('SCAN_BUDGET_EXCEEDED');
    const large = await serveFiles(catalogOf('scanBudget: { bytes: 1GB }'), NOW);
    expect((await answer(large, SCORECARD)).errors).toEqual([]);
    expect((await answer(large, SCORECARD, null, { scanBudgetBytes: 1000 })).errors).not.toEqual([]);
  });

  test('an engine that impersonates runs queries as the user that the proxy names, and its own as itself', async () => {
    const service = await serveFiles(catalogOf('impersonate: { header: x-user }, user: service'), NOW);
    const http = await overHttp(service);
    const post = (headers: Readonly<Record<string, string>>) =>
      http.send('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query: SCORECARD }),
      });
    expect((await http.send('/readyz')).status).toBe(200);
    expect((await post({})).status).toBe(401);
    const { json } = await post({ 'x-user': 'ann@example.com' });
    const [{ provenance }] = json.data.experiment.results.nodes;
    expect(await queryOf(provenance.statements[0].engineQueryId)).toEqual(['ann@example.com', 'liftql']);
    expect(await service.refresh()).toBe(1);
  });

  test('a client that goes away takes its query along', async () => {
    const source = `liftql-left-${process.pid}`;
    const orders = `sql: "select o.* from tpch.sf10.orders as o cross join unnest(sequence(1, 20)) as t (i)"`;
    const slow = catalogOf(`source: ${source}, timeout: 10m`).replace('table: orders', orders);
    const http = await overHttp(await serveFiles(slow, NOW));
    const ended = async () =>
      (await runOnTrino(`select query_id, state in ('FINISHED', 'FAILED'), to_unixtime("end") * 1000
        from system.runtime.queries where source = '${source}'`)) as readonly [string, boolean, number | null][];
    const known = new Set((await ended()).map(([id]) => id));
    let ran = 0;
    for (const wait of [0, 30, 100, 250, 500, 900, 1500, 60, 350, 700]) {
      const left = new AbortController();
      const asked = fetch(`${http.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: SCORECARD }),
        signal: left.signal,
      }).then(
        () => 'answered',
        () => 'left',
      );
      await new Promise((resolve) => setTimeout(resolve, wait));
      left.abort();
      const leftAt = Date.now();
      expect(await asked).toBe('left');
      await expect
        .poll(async () => (await ended()).every(([, over]) => over), { timeout: 5_000, interval: 50 })
        .toBe(true);
      const own = (await ended()).filter(([id]) => !known.has(id));
      for (const [id, , end] of own) {
        known.add(id);
        expect(end! - leftAt).toBeLessThan(1_000);
      }
      ran += own.length;
    }
    expect(ran).toBeGreaterThan(4);
  });

  test('a catalog that does not fit its warehouse is told so, with the places', async () => {
    const directory = folderWith(catalogOf('', 'ordres').replace('column: totalprice', 'column: price'));
    const open = openService(directory, { env: {} });
    await expect(open).rejects.toThrow(CatalogError);
    await expect(open).rejects.toThrow(/catalog\.yaml:14:\d+: Source `orders` cannot be read: .*ordres/);
    const column = folderWith(catalogOf().replace('column: totalprice', 'column: totalprize'));
    await expect(openService(column, { env: {} })).rejects.toThrow(
      /catalog\.yaml:20:\d+: .*names the column `totalprize`.* Did you mean `totalprice`/,
    );
  });
});

test('a Trino that cannot be reached is told with what to look at', async () => {
  const directory = folderWith(catalogOf().replace(/server: "[^"]*"/, 'server: "http://127.0.0.1:9"'));
  await expect(openService(directory, { env: {} })).rejects.toThrow(
    /http:\/\/127\.0\.0\.1:9 .*Check `engine\.server` and `engine\.ca`/,
  );
});
