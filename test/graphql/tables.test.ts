import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { ask, type Data, type TestService } from '../support/service.ts';
import { unsound } from './support.ts';
import { world } from './world.ts';

let service: TestService;
beforeAll(async () => {
  service = await world();
});

const contract = readFileSync(new URL('contract.graphql', import.meta.url), 'utf8');

/** The columns that the contract's description of experimentResults lists. */
function promisedColumns(dimensions: readonly string[]): readonly string[] {
  const [, listed] = /columns as in the warehouse table experiment_results: ([^"]+?)\s*"""/s.exec(contract)!;
  return listed!.split(/,\s*(?![^(]*\))/).flatMap((name) => {
    const [, base, suffixes] = /^(\w+)\((.*)\)$/.exec(name.trim()) ?? [];
    if (base !== undefined) return [base, ...suffixes!.split(',').map((suffix) => `${base}${suffix}`)];
    return name.trim() === 'slice_<dimension>' ? dimensions.map((dimension) => `slice_${dimension}`) : [name.trim()];
  });
}

const RESULTS = `query Tabled($filter: ResultFilter, $analysis: AnalysisInput) {
  experimentResults(experiments: ["main"], filter: $filter, analysis: $analysis) { columns { name title type role format } rows records totalCount pageInfo { hasNextPage } }
  experiment(key: "main") { results(filter: $filter, analysis: $analysis, first: 500) { nodes {
    metric { name } metricVersion { number } role slice { dimension value isOther } analysis { asOf control { key } }
    control { units mean } treatment { variant { key } units mean } difference { value interval { lower upper } unknown } lift { value interval { lower upper } unknown }
    pValue adjustedPValue outcome flags } } } }`;

/** A node of the graph as the table should have it. */
const recordOf = (node: Data): Data => ({
  experiment: 'main',
  metric: node.metric.name,
  metric_version: node.metricVersion.number,
  role: node.role,
  control: node.analysis.control.key,
  treatment: node.treatment.variant.key,
  ...Object.fromEntries(
    node.slice.map(({ dimension, value, isOther }: Data) => [`slice_${dimension}`, isOther ? '(other)' : value]),
  ),
  control_units: node.control.units,
  treatment_units: node.treatment.units,
  control_mean: node.control.mean,
  treatment_mean: node.treatment.mean,
  difference: node.difference.value,
  difference_lower: node.difference.interval?.lower ?? null,
  difference_upper: node.difference.interval?.upper ?? null,
  lift: node.lift.value,
  lift_lower: node.lift.interval?.lower ?? null,
  lift_upper: node.lift.interval?.upper ?? null,
  p_value: node.pValue,
  adjusted_p_value: node.adjustedPValue,
  outcome: node.outcome,
  unknown: node.difference.unknown ?? node.lift.unknown,
  flags: node.flags,
  as_of: node.analysis.asOf,
});

describe('experimentResults', () => {
  test.each<[string, Data, Data, readonly string[]]>([
    ['the whole scorecard', null, null, []],
    ['slices', { sliceBy: ['country'] }, null, ['country']],
    ['a cross product of slices', { sliceBy: ['vip', 'country'], metrics: ['revenue'] }, null, ['vip', 'country']],
    ['a filter', { where: { test: { dimension: 'age', operator: 'GTE', values: ['40'] } }, roles: ['GOAL'] }, null, []],
    [
      'another analysis',
      { treatments: ['a'] },
      {
        alpha: 0.1,
        lift: 'LOG',
        control: 'b',
        maturity: 'ALL',
        asOf: '2026-03-12T00:00:00Z',
        sequential: 'ASYMPTOTIC',
      },
      [],
    ],
    ['another version', null, { metricVersions: [{ metric: 'revenue', version: 1 }] }, []],
  ])("has the contract's columns and the graph's numbers: %s", async (_, filter, analysis, dimensions) => {
    const { experimentResults: table, experiment } = await ask(service, RESULTS, { filter, analysis });
    const names = table.columns.map(({ name }: Data) => name);
    expect(names).toEqual(promisedColumns(dimensions));
    expect(table.records).toEqual(experiment.results.nodes.map(recordOf));
    expect(table.rows).toEqual(table.records.map((record: Data) => names.map((name: string) => record[name])));
    expect([table.totalCount, table.pageInfo.hasNextPage]).toEqual([table.rows.length, false]);
    expect(unsound(table)).toEqual([]);
  });

  test('cells are of the type that their column says', async () => {
    const { experimentResults: table } = await ask(service, RESULTS, { filter: { sliceBy: ['country'] } });
    const typed: Record<string, (cell: unknown) => boolean> = {
      STRING: (cell) => typeof cell === 'string' || Array.isArray(cell),
      INTEGER: Number.isSafeInteger,
      FLOAT: Number.isFinite,
      DATETIME: (cell) => !Number.isNaN(Date.parse(String(cell))),
    };
    table.columns.forEach(({ name, type }: Data, i: number) => {
      const wrong = table.rows
        .map((row: Data) => row[i])
        .filter((cell: unknown) => cell !== null && !typed[type]!(cell));
      expect([name, wrong]).toEqual([name, []]);
    });
  });

  test('several experiments follow one another as asked, each once', async () => {
    const { experimentResults } = await ask(
      service,
      '{ experimentResults(experiments: ["plain", "main", "plain"], filter: { roles: [GOAL] }) { records totalCount } }',
    );
    expect(
      experimentResults.records.map(({ experiment, metric, treatment }: Data) => [experiment, metric, treatment]),
    ).toEqual([
      ['plain', 'orders', 'treatment'],
      ['main', 'revenue', 'a'],
      ['main', 'revenue', 'b'],
      ['main', 'orders', 'a'],
      ['main', 'orders', 'b'],
    ]);
  });
});

describe('experimentSummaries', () => {
  test("says what the graph's summaries say, one row an experiment and treatment", async () => {
    const { experimentSummaries: table, experiment } = await ask(
      service,
      `{ experimentSummaries(filter: { keys: ["main"] }) { columns { name type } records totalCount }
         experiment(key: "main") { name status assignments { units } sampleRatioMismatch { pValue } metrics { role }
           summary { analysis { asOf control { key } } treatments { variant { key } verdict recommendedAction harmSuspected reasons { code } rules { rule inputs } goals { outcome } guardrails { nonInferiority { holds } } } } } }`,
    );
    const count = (role: string) => experiment.metrics.filter((member: Data) => member.role === role).length;
    const expected = experiment.summary.treatments.map((treatment: Data) => ({
      experiment: 'main',
      name: experiment.name,
      owner: null,
      status: experiment.status,
      control: experiment.summary.analysis.control.key,
      treatment: treatment.variant.key,
      verdict: treatment.verdict,
      recommended_action: treatment.recommendedAction,
      harm_suspected: treatment.harmSuspected,
      reasons: treatment.reasons.map(({ code }: Data) => code),
      units: experiment.assignments.units,
      srm_p_value: experiment.sampleRatioMismatch.pValue,
      goals: count('GOAL'),
      goals_better: treatment.rules
        .find(({ rule }: Data) => rule === 'SHIP')
        .inputs.goals.filter(({ better }: Data) => better).length,
      guardrails: count('GUARDRAIL'),
      guardrails_safe: treatment.guardrails.filter(({ nonInferiority }: Data) => nonInferiority?.holds).length,
      plan_met: treatment.rules.find(({ rule }: Data) => rule === 'SHIP').inputs.planMet,
      as_of: experiment.summary.analysis.asOf,
    }));
    expect(table.records).toEqual(expected);
    expect(table.columns.map(({ name }: Data) => name)).toEqual(Object.keys(expected[0]));
    expect([table.totalCount, expected.length]).toEqual([2, 2]);
  });

  test('holds every experiment, those without data too', async () => {
    const { experimentSummaries: table } = await ask(service, '{ experimentSummaries { records totalCount } }');
    expect(table.totalCount).toBe(2 + 1 + 10);
    expect(
      table.records.filter(({ experiment }: Data) => experiment.startsWith('c00')).map(({ verdict }: Data) => verdict),
    ).not.toContain('SHIP');
    expect(unsound(table)).toEqual([]);
  });
});
