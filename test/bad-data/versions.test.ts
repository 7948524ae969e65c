import { beforeAll, describe, expect, test } from 'vitest';
import { answer, ask, serveFiles, type TestService } from '../support/service.ts';

const CATALOG = `
sources:
  assignments: { kind: assignments, file: assignments.csv, unit: unit, variant: variant, timestamp: at }
  events: { kind: facts, file: events.csv, unit: unit, timestamp: at }
metrics:
  spend:
    { type: mean, source: events, value: { column: amount }, version: 3, validFrom: 2026-03-01T00:00:00Z,
      versions: [ { version: 2, source: events, value: { aggregate: count }, validFrom: 2026-02-01T00:00:00Z } ] }
experiments:
  x: { start: 2026-01-01T00:00:00Z, variants: { control: {}, treatment: {} }, goals: [spend] }
`;
const ASSIGNMENTS = 'unit,variant,at\n1,control,2026-01-02T00:00:00Z\n2,treatment,2026-01-02T00:00:00Z\n';
const EVENTS = 'unit,amount,at\n1,7,2026-01-03T00:00:00Z\n2,9,2026-01-03T00:00:00Z\n';

let service: TestService;
beforeAll(async () => {
  service = await serveFiles(
    { 'catalog.yaml': CATALOG, 'assignments.csv': ASSIGNMENTS, 'events.csv': EVENTS },
    '2026-04-01T00:00:00Z',
  );
});

const lines = (asOf: string, more = '') =>
  `{ experiment(key: "x") { results(analysis: { asOf: "${asOf}"${more} }) { nodes { metricVersion { number } control { sum } } } } }`;

describe('19: versions with validity', () => {
  test.each([
    ['2026-03-01T00:00:00Z', 3, 7],
    ['2026-02-28T23:59:59Z', 2, 1],
  ])('a result at %s uses version %i', async (asOf, number, sum) => {
    const { experiment } = await ask(service, lines(asOf));
    expect(experiment.results.nodes).toMatchObject([{ metricVersion: { number }, control: { sum } }]);
  });

  test('an instant before the first is refused by name, and a pinned version answers', async () => {
    const { data, errors } = await answer(service, lines('2026-01-15T00:00:00Z'));
    expect([data.experiment.results, errors[0]?.extensions?.code]).toEqual([null, 'CAT_NO_VERSION_AT']);
    expect(errors[0]?.message).toMatch(/"spend" has no version that is valid at 2026-01-15T00:00:00Z/);
    const pinned = await ask(
      service,
      lines('2026-01-15T00:00:00Z', ', metricVersions: [{ metric: "spend", version: 2 }]'),
    );
    expect(pinned.experiment.results.nodes).toMatchObject([{ metricVersion: { number: 2 } }]);
  });
});
