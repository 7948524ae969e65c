import { describe, expect, test } from 'vitest';
import { formatFault } from '../../src/catalog/fault.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import { folderWith } from '../support/service.ts';

/** A catalog whose experiment, on the ninth line, says these things beside its period. */
const catalog = (experiment: string, source = '') => `
engine: { kind: duckdb }
sources:
  people: { kind: assignments, table: people, unit: id, variant: variant, ${source || 'timestamp: at, dimensions: { country: {} }'} }
  events: { kind: facts, table: events, unit: id, timestamp: at }
  days: { kind: facts, table: days, unit: id, timestamp: { column: day, grain: day } }
  profiles: { kind: facts, table: profiles, unit: id }
experiments:
  x: { assignments: people, start: 2026-03-01T00:00:00Z, end: 2026-03-15T00:00:00Z, ${experiment} }
`;
const load = (experiment: string, source?: string) => loadCatalog(folderWith(catalog(experiment, source)), { env: {} });
const faultsOf = (experiment: string, source?: string) => {
  const loaded = load(experiment, source);
  return loaded.ok ? [] : loaded.faults.map((fault) => `${fault.code} ${formatFault(fault)}`);
};

const TWO = 'variants: { control: {}, treatment: {} }';
const START = '{ from: 2026-03-01T00:00:00Z, weights: { control: 0.9, treatment: 0.1 } }';
const THEN = '{ from: 2026-03-05T00:00:00Z, weights: { control: 0.5, treatment: 0.5 } }';

describe('phases', () => {
  test('the weights of the variants are those of the last', () => {
    const loaded = load(`${TWO}, phases: [${START}, ${THEN.replace('0.5, treatment: 0.5', '0.4, treatment: 0.6')}]`);
    if (!loaded.ok) throw new Error(loaded.faults.map(formatFault).join('\n'));
    const { variants, phases } = loaded.catalog.experiments.get('x')!;
    expect(variants.map(({ weight }) => weight)).toEqual([0.4, 0.6]);
    expect(phases!.map(({ weights }) => [...weights.values()])).toEqual([
      [0.9, 0.1],
      [0.4, 0.6],
    ]);
  });

  test.each([
    [`${TWO}, phases: []`, 'CAT_VALUE', 'must hold one or more'],
    [`${TWO}, phases: [${THEN}]`, 'CAT_PERIOD', 'must be the start of the experiment'],
    [`${TWO}, phases: [${START}, ${THEN}, ${THEN}]`, 'CAT_PERIOD', 'not after the phase before it'],
    [`${TWO}, phases: [${START}, ${THEN.replace('03-05', '03-20')}]`, 'CAT_PERIOD', 'not before the end'],
    [
      `${TWO}, phases: [${START.replace('treatment', 'tretment')}, ${THEN}]`,
      'CAT_UNKNOWN_NAME',
      'Did you mean `treatment`?',
    ],
    [
      `${TWO}, phases: [${START.replace('0.9', '0').replace('0.1', '0')}, ${THEN}]`,
      'CAT_WEIGHTS',
      'nobody could be assigned',
    ],
    [`${TWO}, phases: [${START.replace('0.9', '0.7')}, ${THEN}]`, 'CAT_WEIGHTS', 'must sum to 1, but they sum to 0.8'],
    [`${TWO}, phases: [${START.replace('0.1', '-0.1')}, ${THEN}]`, 'CAT_WEIGHTS', 'must be 0 or more'],
    [
      `variants: { control: { weight: 0.9 }, treatment: { weight: 0.1 } }, phases: [${START}, ${THEN}]`,
      'CAT_WEIGHTS',
      'is 0.9, but 0.5 in the last of the `phases`',
    ],
  ])('%s', (experiment, code, words) => {
    const faults = faultsOf(experiment);
    expect(faults[0]).toContain(`${code} catalog.yaml:9:`);
    expect(faults.join('\n')).toContain(words);
  });

  test('need times', () => {
    expect(faultsOf(`${TWO}, phases: [${START}, ${THEN}]`, 'dimensions: {}')[0]).toContain('CAT_NO_TIMESTAMP');
  });
});

describe('activation', () => {
  test.each([
    ['{ source: evnts }', 'CAT_UNKNOWN_NAME', 'Did you mean `events`?'],
    ['{ source: people }', 'CAT_VALUE', 'must be a source of kind `facts`'],
    ['{ source: profiles }', 'CAT_NO_TIMESTAMP', 'needs times'],
    ['{ source: days }', 'CAT_VALUE', 'holds a day'],
    ['{ source: events, within: 7 }', 'CAT_WINDOW', 'must be a duration'],
    ['{ source: events, where: "a; b" }', 'CAT_EXPRESSION', 'activation.where'],
  ])('%s', (activation, code, words) => {
    const faults = faultsOf(`${TWO}, activation: ${activation}`).join('\n');
    expect(faults).toContain(`${code} catalog.yaml:9:`);
    expect(faults).toContain(words);
  });

  test('is read', () => {
    const loaded = load(`${TWO}, activation: { source: events, where: "name = 'open'", within: 7d }`);
    const activation = loaded.ok ? loaded.catalog.experiments.get('x')!.activation : null;
    expect([activation?.measure.where?.text, activation?.within]).toEqual(["name = 'open'", 604_800]);
  });
});

describe('clusters', () => {
  const source = 'timestamp: at, cluster: account, dimensions: { country: {} }';
  test.each([
    [`phases: [${START}, ${THEN}]`, 'phases'],
    ['multiExposure: first', 'multiExposure'],
    ['analysis: { stratifyBy: [country] }', 'analysis'],
  ])('cannot be had with %s', (more, key) => {
    expect(faultsOf(`${TWO}, ${more}`, source)[0]).toMatch(
      new RegExp(`^CAT_VALUE .*\`${key}\` cannot be had where source`),
    );
  });

  test('are read', () => {
    const loaded = load(TWO, source);
    expect(loaded.ok && loaded.catalog.sources.get('people')).toMatchObject({ cluster: 'account' });
  });
});
