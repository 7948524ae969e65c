import { expect, test } from 'vitest';
import { ask, serveFiles } from '../support/service.ts';

const CATALOG = `
sources:
  assignments: { kind: assignments, file: assignments.csv, unit: unit, variant: variant, timestamp: at }
  events: { kind: facts, file: events.csv, unit: unit, timestamp: at }
metrics:
  wait: { type: mean, source: events, value: { column: ms, aggregate: avg, whenMissing: exclude }, window: { length: 7d } }
  wait_maturity: { type: mean, source: events, value: { column: ms }, window: { length: 7d } }
  wait_numerator: { type: mean, source: events, value: { column: ms, aggregate: max, whenMissing: zero }, window: { length: 7d } }
  wait_uncapped: { type: mean, source: events, window: { length: 7d }, cap: { upper: 1 } }
experiments:
  x:
    start: 2026-01-01T00:00:00Z
    variants: { control: {}, treatment: {} }
    diagnostics: [wait, wait_maturity, wait_numerator, wait_uncapped]
`;
const ASSIGNMENTS = ['1,control,2026-01-02', '2,treatment,2026-01-02', '3,control,2026-01-02', '4,control,2026-01-09'];
const EVENTS = ['1,7,2026-01-03', '1,5,2026-01-03', '2,9,2026-01-03'];
const csv = (header: string, rows: readonly string[]) => [header, ...rows.map((row) => `${row}T00:00:00Z`)].join('\n');

test('metrics whose names look like those of our own columns keep their own numbers', async () => {
  const files = { 'assignments.csv': csv('unit,variant,at', ASSIGNMENTS), 'events.csv': csv('unit,ms,at', EVENTS) };
  const service = await serveFiles({ 'catalog.yaml': CATALOG, ...files }, '2026-01-10T00:00:00Z');
  const { experiment } = await ask(
    service,
    '{ experiment(key: "x") { results { nodes { metric { name } control { units mean } capping { cappedUnits } excluded { reason units } } } } }',
  );
  const immature = [{ reason: 'IMMATURE', units: 1 }];
  expect(experiment.results.nodes).toMatchObject([
    { metric: { name: 'wait' }, control: { units: 1, mean: 6 }, excluded: immature },
    { metric: { name: 'wait_maturity' }, control: { units: 2, mean: 6 }, excluded: immature },
    { metric: { name: 'wait_numerator' }, control: { units: 2, mean: 3.5 }, excluded: immature },
    { metric: { name: 'wait_uncapped' }, control: { units: 2, mean: 0.5 }, capping: { cappedUnits: 1 } },
  ]);
});
