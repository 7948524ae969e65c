import { describe, expect, test } from 'vitest';
import type { Experiment } from '../../../src/catalog/catalog.ts';
import { groupBy } from '../../../src/core/group-by.ts';
import { sampleRatioMismatchOf, srmBySlice, srmStagesOf, srmTimelineOf } from '../../../src/experiment/srm.ts';
import { sampleRatioMismatch } from '../../../src/models/decision/sample-ratio-mismatch.ts';
import { type MetricSketch, NOW, THREE, TWO, variant } from '../../experiment/sketch.ts';
import { type World, world } from '../../experiment/world.ts';
import { describeOn } from '../../support/engines.ts';
import { type Cell, ENGINES, type Row, relativeError } from '../support.ts';
import { modelRows, tablesOf, unitedCatalog, unitedTables } from './inputs.ts';

/** Units of one day, variant and country, and the phase they were assigned in. */
type Group = readonly [day: number, variant: string, country: string | null, units: number, phase?: number];

interface Case {
  readonly experiment?: Partial<Experiment>;
  readonly groups: readonly Group[];
  readonly several?: number;
}

const phase = (from: string, weights: Readonly<Record<string, number>>) => ({
  from,
  weights: new Map(Object.entries(weights)),
});
const SKEWED = [variant('control', 0.5, true), variant('a', 0.3), variant('b', 0.2)];

const CASES: Readonly<Record<string, Case>> = {
  'as planned': {
    groups: [
      [2, 'control', 'de', 500],
      [2, 'treatment', 'de', 510],
      [3, 'control', null, 300],
      [5, 'treatment', null, 320],
    ],
  },
  'lost in one country': {
    several: 30,
    groups: [
      [2, 'control', 'de', 500],
      [2, 'treatment', 'de', 400],
      [3, 'control', 'fr', 300],
      [4, 'treatment', 'fr', 305],
      [4, 'control', 'it', 1],
    ],
  },
  'three arms of unlike weights': {
    experiment: { variants: SKEWED },
    groups: [
      [2, 'control', 'de', 520],
      [3, 'a', 'de', 290],
      [4, 'b', 'fr', 260],
    ],
  },
  'no units': { groups: [] },
  'phases of two arms': {
    experiment: {
      phases: [
        phase('2026-03-01T00:00:00Z', { control: 0.9, treatment: 0.1 }),
        phase('2026-03-04T00:00:00Z', { control: 0.5, treatment: 0.5 }),
      ],
    },
    groups: [
      [2, 'control', 'de', 900, 0],
      [2, 'treatment', 'fr', 130, 0],
      [4, 'control', 'de', 500, 1],
      [5, 'treatment', 'de', 470, 1],
    ],
  },
  'phases of three arms': {
    experiment: {
      variants: THREE,
      phases: [
        phase('2026-03-01T00:00:00Z', { control: 0.8, a: 0.1, b: 0.1 }),
        phase('2026-03-04T00:00:00Z', { control: 0.4, a: 0.3, b: 0.3 }),
      ],
    },
    groups: [
      [2, 'control', 'de', 800, 0],
      [4, 'a', 'de', 300, 1],
    ],
  },
  'phases that do not change the weights': {
    experiment: {
      variants: THREE,
      phases: [
        phase('2026-03-01T00:00:00Z', { control: 1 / 3, a: 1 / 3, b: 1 / 3 }),
        phase('2026-03-04T00:00:00Z', { control: 1 / 3, a: 1 / 3, b: 1 / 3 }),
      ],
    },
    groups: [
      [2, 'control', 'de', 80, 0],
      [2, 'a', 'de', 70, 0],
      [4, 'b', 'de', 90, 1],
    ],
  },
};

const METRICS: Readonly<Record<string, MetricSketch>> = { m: { arms: {} } };

function worldOf({ experiment = {}, groups, several = 0 }: Case, key: string): World {
  const { variants = TWO } = experiment;
  const summed = (of: (group: Group) => string) =>
    [...groupBy(groups, of).values()].map((own) => ({ own, units: own.reduce((sum, group) => sum + group[3], 0) }));
  const phaseOf = ([first]: readonly Group[]) => (first?.[4] === undefined ? {} : { phase: first[4] });
  const assignments = summed(([, arm, , , at]) => JSON.stringify([arm, at])).map(({ own, units }) => ({
    ...{ reason: null, variant: own[0]![1], rows: units, units, lastExposure: '2026-03-05T12:00:00.000000Z' },
    ...phaseOf(own),
  }));
  const both = {
    reason: 'MULTIPLE_VARIANTS',
    variant: variants[0]!.key,
    rows: 2 * several,
    units: several,
    lastExposure: null,
  } as const;
  const byCountry = [...groupBy(groups, ([, , country]) => country).entries()]
    .map(([country, own]) => ({ country, total: own.reduce((sum, group) => sum + group[3], 0) }))
    .sort((a, b) => b.total - a.total);
  return world(METRICS, {
    experiment: { ...experiment, key },
    assignments: several > 0 ? [...assignments, both] : assignments,
    exposures: summed(([day, arm, , , at]) => JSON.stringify([day, arm, at])).map(({ own, units }) => ({
      ...{ period: `2026-03-0${own[0]![0]}`, variant: own[0]![1], units },
      ...phaseOf(own),
    })),
    slices: byCountry.flatMap(({ country }) =>
      summed(([, arm, , , at]) => JSON.stringify([arm, at])).flatMap(({ own }) => {
        const found = own.filter((group) => group[2] === country);
        const units = found.reduce((sum, group) => sum + group[3], 0);
        return units === 0 ? [] : [{ values: [country], variant: own[0]![1], units, ...phaseOf(own) }];
      }),
    ),
  });
}

const WORLDS = Object.entries(CASES).map(([title, one], i) => ({ title, one, world: worldOf(one, `x${i}`) }));

/** The units themselves, as many as a group has. */
const unitsOf = (key: string, { groups, experiment }: Case): readonly Row[] =>
  groups.map(([day, arm, country, units, at]) => ({
    ...{ experiment: key, variant: arm, cluster: null, dim_country: country, units },
    ...{ phase: experiment?.phases === undefined ? null : (at ?? null) },
    ...{ exposed_at: `2026-03-0${day} 12:00:00`, assigned_at: `2026-03-0${day} 12:00:00` },
  }));

type Said = Readonly<Record<'p_value' | 'chi_square' | 'adjusted_p_value' | 'observed' | 'expected', Cell>>;

/** What the server says of each test and arm, by the keys of the view. */
async function serverTests({ session, experiment }: World): Promise<ReadonlyMap<string, Partial<Said>>> {
  const found = new Map<string, Partial<Said>>();
  const [key, at] = [experiment.key, NOW];
  const add = (
    keys: readonly (string | null)[],
    test: Partial<Said>,
    arms: readonly { variant: { key: string }; observed: number; expected: number }[],
  ) => {
    for (const { variant: own, observed, expected } of arms)
      found.set(JSON.stringify([key, ...keys, own.key]), { ...test, observed, expected });
  };
  for (const { stage, pValue, arms } of await srmStagesOf(session, experiment, null, at))
    add([stage, null, null, null], { p_value: pValue }, arms);
  const { chiSquare, pValue, arms } = await sampleRatioMismatchOf(session, experiment, null, at);
  add(['ANALYSED', null, null, null], { p_value: pValue, chi_square: chiSquare }, arms);
  for (const slice of await srmBySlice(session, experiment, null, at, 'country'))
    add(
      ['ANALYSED', 'country', slice.value, null],
      { p_value: slice.pValue, adjusted_p_value: slice.adjustedPValue },
      slice.arms,
    );
  for (const { date, pValue: p } of await srmTimelineOf(session, experiment, null, at, 'DAY'))
    for (const { key: own } of experiment.variants)
      found.set(JSON.stringify([key, 'ANALYSED', null, null, date, own]), { p_value: p });
  return found;
}

describe('sample_ratio_mismatch', () => {
  for (const engine of ENGINES)
    describeOn(engine, () => {
      test('says what the server says, at each stage, by slice and by day', async () => {
        const parts = await Promise.all(
          WORLDS.map(async ({ one, world: own }) => ({
            ...(await tablesOf(own.session, own.experiment)),
            experiment_assignments: unitsOf(own.experiment.key, one),
          })),
        );
        const catalog = unitedCatalog(WORLDS.map(({ world: own }) => own.session.catalog));
        const got = await modelRows(engine, sampleRatioMismatch, { catalog, tables: unitedTables(parts), now: NOW });
        const keys = ['experiment', 'stage', 'slice_dimension', 'slice_value', 'date', 'variant'] as const;
        const byKey = new Map(got.map((row) => [JSON.stringify(keys.map((name) => row[name])), row]));
        expect(byKey.size).toBe(got.length);
        const expected = new Map<string, Partial<Said>>();
        for (const { world: own } of WORLDS) for (const [key, said] of await serverTests(own)) expected.set(key, said);
        expect([...byKey.keys()].sort()).toEqual([...expected.keys()].sort());
        for (const [key, said] of expected) {
          const row = byKey.get(key)!;
          const isLeftOut = row.experiment === LEFT_OUT;
          expect({ key, unknown: row.unknown === 'NOT_IN_SQL' }).toEqual({ key, unknown: isLeftOut });
          for (const [name, value] of Object.entries(said)) {
            const isTest = name !== 'observed' && name !== 'expected';
            const error = relativeError(row[name]!, isLeftOut && isTest ? null : value);
            expect({ key, name, close: error < 1e-9 }).toEqual({ key, name, close: true });
          }
          const p = row.p_value as number | null;
          expect([key, row.detected, row.warning]).toEqual([
            key,
            p === null ? null : p < 0.001,
            p === null ? null : p < 0.01,
          ]);
        }
      });
    });

  test('has alarms and tests without one among its cases', async () => {
    const pValues = await Promise.all(
      WORLDS.map(
        async ({ world: { session, experiment } }) =>
          (await sampleRatioMismatchOf(session, experiment, null, NOW)).detected,
      ),
    );
    expect(new Set(pValues)).toEqual(new Set([true, false, null]));
  });
});

const LEFT_OUT = `x${Object.keys(CASES).indexOf('phases of three arms')}`;
