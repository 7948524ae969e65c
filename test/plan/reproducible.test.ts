import { describe, expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/load.ts';
import type { MomentsQuestion, Question } from '../../src/plan/question.ts';
import { isReproducible, sourcesRead } from '../../src/plan/reproducible.ts';
import { folderWith } from '../support/service.ts';
import { WORLD_CATALOG } from './world/catalog.ts';
import type { MetricName } from './world/metrics.ts';

const loaded = loadCatalog(folderWith(WORLD_CATALOG), { env: {} });
if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
const { catalog } = loaded;

const population = (assignments: string) => ({
  experiment: { ...catalog.experiments.get('checkout')!, assignments },
  where: null,
  asOf: '2026-06-01T00:00:00.000000Z',
});
const moments = (metric: MetricName, assignments = 'assignments'): MomentsQuestion => ({
  kind: 'moments',
  population: population(assignments),
  metric: catalog.metrics.get(metric)!.versions[0]!,
  maturity: 'REQUIRED',
  sliceBy: [],
  slices: [],
  needs: [],
  pivots: null,
});

describe('what is read, and whether asOf holds it fast', () => {
  test.each<[string, Question, readonly string[], boolean]>([
    ['assignments', { kind: 'assignments', population: population('assignments') }, ['assignments'], false],
    ['assignments that arrived', { kind: 'assignments', population: population('late') }, ['late'], true],
    ['a metric', moments('revenue'), ['assignments', 'events'], false],
    ['a metric of what had arrived', moments('arrived_revenue', 'late'), ['arrived', 'late'], true],
    ['one of the two', moments('arrived_revenue'), ['arrived', 'assignments'], false],
    ['a metric among units with a row', moments('orders_of_visitors', 'late'), ['events', 'late', 'sent'], false],
    [
      'a metric after an activation',
      {
        ...moments('arrived_revenue', 'late'),
        population: {
          ...population('late'),
          experiment: {
            ...population('late').experiment,
            activation: {
              measure: catalog.metrics.get('visits')!.versions[0]!.variables[0]!.measures[0]!,
              within: null,
            },
          },
        },
      },
      ['arrived', 'late', 'visits'],
      false,
    ],
    [
      'the freshness of a source',
      { kind: 'freshness', source: catalog.sources.get('arrived')!, asOf: '2026-06-01T00:00:00.000000Z' },
      ['arrived'],
      true,
    ],
  ])('%s', (_, question, sources, reproducible) => {
    expect(sourcesRead(question)).toEqual(sources);
    expect(isReproducible(catalog, sources)).toBe(reproducible);
  });

  test('a source that is not known is not', () => {
    expect(isReproducible(catalog, ['nothing'])).toBe(false);
  });
});
