import { describe, expect, test } from 'vitest';
import { ask, type Data, serveFiles } from '../support/service.ts';

const catalog = (loadedAt: string) => `
engine: { kind: duckdb }
sources:
  assignments: { kind: assignments, file: assignments.csv, unit: id, variant: variant, timestamp: at_time${loadedAt} }
  events: { kind: facts, file: events.csv, unit: id, timestamp: at_time${loadedAt} }
metrics:
  revenue: { type: mean, source: events, value: { column: amount }, window: { length: 2d } }
experiments:
  shop: { start: 2026-03-01T00:00:00Z, end: 2026-03-10T00:00:00Z, variants: { control: { control: true }, treatment: {} }, goals: [revenue] }
`;
const FILES = {
  // The last assignment arrived in April.
  'assignments.csv': `id,variant,at_time,loaded
u1,control,2026-03-02T00:00:00Z,2026-03-02T01:00:00Z
u2,control,2026-03-02T00:00:00Z,2026-03-02T01:00:00Z
u3,treatment,2026-03-02T00:00:00Z,2026-03-02T01:00:00Z
u4,treatment,2026-03-02T00:00:00Z,2026-03-02T01:00:00Z
u5,treatment,2026-03-02T00:00:00Z,2026-04-02T01:00:00Z
`,
  // So did the last purchase of u1; when that of u2 did is not known.
  'events.csv': `id,at_time,amount,loaded
u1,2026-03-02T05:00:00Z,10,2026-03-03T00:00:00Z
u1,2026-03-02T06:00:00Z,1000,2026-04-02T00:00:00Z
u2,2026-03-02T07:00:00Z,500,
u3,2026-03-02T05:00:00Z,30,2026-03-03T00:00:00Z
`,
};
const asked = (asOf: string) =>
  `{ experiment(key: "shop") { results(analysis: { asOf: "${asOf}" }) { nodes { control { units sum } treatment { units sum } provenance { reproducible } } } assignments(asOf: "${asOf}") { units provenance { reproducible } } } }`;

describe('what arrives late', () => {
  const read = async (loadedAt: string, asOf: string): Promise<Data> => {
    const service = await serveFiles({ 'catalog.yaml': catalog(loadedAt), ...FILES }, '2026-06-01T00:00:00Z');
    return (await ask(service, asked(asOf))).experiment;
  };

  test.each([
    ['2026-03-20T00:00:00Z', 10, 2],
    ['2026-05-01T00:00:00Z', 1010, 3],
  ])('is not there before it arrived: as of %s', async (asOf, control, treated) => {
    const { results, assignments } = await read(', loadedAt: loaded', asOf);
    expect(results.nodes[0].control).toEqual({ units: 2, sum: control });
    expect(results.nodes[0].treatment).toEqual({ units: treated, sum: 30 });
    expect(results.nodes[0].provenance.reproducible).toBe(true);
    expect(assignments).toEqual({ units: 2 + treated, provenance: { reproducible: true } });
  });

  test('changes the past of sources that do not tell', async () => {
    const { results, assignments } = await read('', '2026-03-20T00:00:00Z');
    expect(results.nodes[0].control.sum).toBe(1510);
    expect(results.nodes[0].provenance.reproducible).toBe(false);
    expect(assignments).toEqual({ units: 5, provenance: { reproducible: false } });
  });
});
