import { describe, expect, test } from 'vitest';
import type { Experiment } from '../../../src/catalog/catalog.ts';
import { resolveAnalysis } from '../../../src/experiment/analysis.ts';
import { VERDICTS } from '../../../src/experiment/rules/rule.ts';
import { SUMMARY_COLUMNS, summaryCells, summaryRows } from '../../../src/experiment/summaries-table.ts';
import { experimentSummary } from '../../../src/models/decision/experiment-summary.ts';
import { arm, kept, type MetricSketch, NOW, THREE, type WorldOptions } from '../../experiment/sketch.ts';
import { type World, world } from '../../experiment/world.ts';
import { describeOn } from '../../support/engines.ts';
import { ENGINES, type Row, relativeError } from '../support.ts';
import { modelRows, tablesOf, unitedCatalog, unitedTables } from './inputs.ts';

interface Case {
  readonly verdict: string | null;
  readonly metrics: Readonly<Record<string, MetricSketch>>;
  readonly options?: WorldOptions;
}

const DAY = 86_400;
const week = { delay: 0, length: 7 * DAY };
const arms = (control: number, treatment: number, sd = 1, units = 2000) => ({
  control: arm(control, sd, units),
  treatment: arm(treatment, sd, units),
});
const goal = (treatment: number, more: Partial<MetricSketch> = {}): MetricSketch => ({
  arms: arms(10, treatment),
  ...more,
});
const guard = (treatment: number, more: Partial<MetricSketch> = {}): MetricSketch => ({
  role: 'GUARDRAIL',
  arms: arms(10, treatment),
  ...more,
});
const plan = (more: Partial<NonNullable<Experiment['plan']>>) => ({
  end: null,
  unitsPerVariant: null,
  minRuntime: null,
  ...more,
});
const running = { end: '2026-06-01T00:00:00Z' };
/** A change of 2 of 10 % is beyond any doubt with 2000 units an arm and sd 1. */
const CASES: Readonly<Record<string, Case>> = {
  'a goal is better': { verdict: 'SHIP', metrics: { g: goal(10.3) } },
  'down is better': { verdict: 'SHIP', metrics: { g: goal(9.7, { goodWhen: 'DOWN' }) } },
  'better, and a guardrail is worse within its margin': {
    verdict: 'SHIP',
    metrics: { g: goal(10.3), r: guard(9.8, { margin: 0.1 }) },
  },
  'do no harm': {
    verdict: 'SHIP',
    metrics: { g: goal(10.001), r: guard(10, { margin: 0.05 }) },
    options: { experiment: { intent: 'do_no_harm' } },
  },
  'a ratio is better': { verdict: 'SHIP', metrics: { g: goal(10.3, { type: 'RATIO' }) } },
  'a share is better': {
    verdict: 'SHIP',
    metrics: { g: { type: 'PROPORTION', arms: arms(0.2, 0.26, 0.4) } },
  },
  'the goal is worse': { verdict: 'ROLL_BACK', metrics: { g: goal(9.5), h: goal(9.4), r: guard(9, {}) } },
  'a guardrail is worse by more than its margin': {
    verdict: 'ROLL_BACK',
    metrics: { g: goal(10.3), r: guard(9, { margin: 0.02 }), s: guard(11, { margin: 0.02, goodWhen: 'DOWN' }) },
  },
  'over a negative mean': {
    verdict: 'ROLL_BACK',
    metrics: { g: { arms: arms(-10, -9.9) }, r: { role: 'GUARDRAIL', margin: 0.02, arms: arms(-10, -11) } },
  },
  'running without a plan': { verdict: 'KEEP_RUNNING', metrics: { g: goal(10) }, options: { experiment: running } },
  'everything is missing of the plan': {
    verdict: 'KEEP_RUNNING',
    metrics: { g: goal(10) },
    options: {
      experiment: {
        ...running,
        plan: plan({ end: '2026-06-01T00:00:00Z', unitsPerVariant: 3000, minRuntime: 90 * DAY }),
      },
    },
  },
  'planned units are there': {
    verdict: 'INCONCLUSIVE',
    metrics: { g: goal(10), h: goal(10, { whenMissing: 'exclude', arms: arms(10, 10, 1, 20) }) },
    options: { experiment: { ...running, plan: plan({ unitsPerVariant: 2000, minRuntime: 14 * DAY }) } },
  },
  'the last outcomes are not mature': {
    verdict: 'KEEP_RUNNING',
    metrics: { g: goal(10.3, { window: week }) },
    options: {
      now: '2026-03-18T00:00:00.000000Z',
      experiment: { plan: plan({ end: '2026-03-15T00:00:00Z' }) },
    },
  },
  'treatment has ended, so nothing is open': {
    verdict: 'SHIP',
    metrics: { g: goal(10.3, { window: week }) },
    options: { now: '2026-03-18T00:00:00.000000Z', experiment: { treatmentEnd: '2026-03-17T00:00:00Z' } },
  },
  'stopped by hand': {
    verdict: 'SHIP',
    metrics: { g: goal(10.3) },
    options: { experiment: { ...running, status: 'STOPPED' } },
  },
  'no minimum runtime without a start': {
    verdict: 'KEEP_RUNNING',
    metrics: { g: goal(10.3) },
    options: { experiment: { start: null, plan: plan({ minRuntime: DAY }) } },
  },
  'nothing changed': { verdict: 'NO_EFFECT', metrics: { g: goal(10, { mde: 0.05 }), h: goal(10.001, { mde: 0.05 }) } },
  'not shown': {
    verdict: 'INCONCLUSIVE',
    metrics: { g: goal(10.05, { mde: 0.001 }), r: guard(10, { margin: 0.0001 }), s: guard(10) },
  },
  'no goals': { verdict: 'INCONCLUSIVE', metrics: { r: guard(10, { margin: 0.0001 }) } },
  'no variance': {
    verdict: 'INCONCLUSIVE',
    metrics: { g: { arms: arms(10, 11, 0) }, r: { role: 'GUARDRAIL', margin: 0.1, arms: arms(0, 1) } },
  },
  'no units': {
    verdict: 'INCONCLUSIVE',
    metrics: { g: { arms: {} } },
    options: { assignments: kept({ control: 0, treatment: 0 }) },
  },
  'capped where all values are': {
    verdict: 'INCONCLUSIVE',
    metrics: {
      g: {
        cap: { lower: null, upper: { kind: 'value', value: 1 }, zeros: 'include', sides: 'both' },
        arms: {
          control: { ...arm(10), capping: { lower: null, upper: 1, minimum: 2, maximum: 20, cappedUnits: 2000 } },
          treatment: { ...arm(11), capping: { lower: null, upper: 1, minimum: 2, maximum: 20, cappedUnits: 2000 } },
        },
      },
    },
  },
  'sources are stale and empty': {
    verdict: 'BLOCKED',
    metrics: {
      g: goal(9, { source: 'stale', window: week }),
      h: goal(10, { source: 'empty' }),
      i: goal(10, { source: 'old' }),
    },
    options: {
      freshness: {
        stale: { rows: 9, latest: '2026-03-18T00:00:00.000000Z' },
        empty: { rows: 0, latest: null },
        old: { rows: 9, latest: '2026-03-12T23:59:59.000000Z' },
      },
    },
  },
  'old rows suffice for a window that is over': {
    verdict: 'SHIP',
    metrics: { g: goal(10.3, { source: 'enough', window: week }), h: goal(10, { source: 'until_the_end' }) },
    options: {
      freshness: {
        enough: { rows: 9, latest: '2026-03-19T00:00:00.000000Z' },
        until_the_end: { rows: 9, latest: '2026-03-13T00:00:00.000000Z' },
      },
    },
  },
  'the variants are not as large as planned, and many were seen in several': {
    verdict: 'INVALID',
    metrics: { g: goal(9) },
    options: {
      assignments: [
        ...kept({ control: 2000, treatment: 1700 }),
        { reason: 'MULTIPLE_VARIANTS', variant: 'control', rows: 80, units: 40, lastExposure: null },
      ],
    },
  },
  'few were seen in several': {
    verdict: 'SHIP',
    metrics: { g: goal(10.3) },
    options: {
      assignments: [
        ...kept({ control: 2000, treatment: 2000 }),
        { reason: 'MULTIPLE_VARIANTS', variant: 'control', rows: 60, units: 30, lastExposure: null },
      ],
    },
  },
  'continuous: ships before the plan is met': {
    verdict: 'SHIP',
    metrics: { g: goal(10.5), r: guard(10, { margin: 0.1 }) },
    options: { experiment: { ...running, monitoring: 'CONTINUOUS', plan: plan({ unitsPerVariant: 9000 }) } },
  },
  'continuous: a fixed test would ship': {
    verdict: 'KEEP_RUNNING',
    metrics: { g: goal(10.08), r: guard(10, { margin: 0.0065 }) },
    options: { experiment: { ...running, monitoring: 'CONTINUOUS' } },
  },
  'confidence: any worsening counts': {
    verdict: 'ROLL_BACK',
    metrics: { g: goal(10.3), r: guard(9.8, { margin: 0.1 }) },
    options: { experiment: { policy: 'confidence' } },
  },
  'confidence: within constant margins': {
    verdict: 'SHIP',
    metrics: {
      g: goal(10.3),
      h: goal(10),
      r: guard(10, { margin: 0.02 }),
      n: { role: 'GUARDRAIL', margin: 0.02, arms: arms(-10, -10) },
    },
    options: { experiment: { policy: 'confidence' } },
  },
  'confidence, continuous': {
    verdict: 'SHIP',
    metrics: { g: goal(10.3), r: guard(10, { margin: 0.05 }) },
    options: { experiment: { policy: 'confidence', monitoring: 'CONTINUOUS', ...running } },
  },
  'three arms, one of them short of units and worse': {
    verdict: 'KEEP_RUNNING',
    metrics: {
      g: { arms: { control: arm(10), a: arm(10.3), b: arm(9.6) }, mde: 0.02 },
      r: { role: 'GUARDRAIL', margin: 0.02, arms: { control: arm(10), a: arm(10), b: arm(10, 1, 1500) } },
    },
    options: { experiment: { variants: THREE, plan: plan({ unitsPerVariant: 1600 }) } },
  },
  'adjusted by a covariate': {
    verdict: 'SHIP',
    metrics: {
      g: {
        covariate: { lookback: 7 * DAY, missing: 'zero' },
        arms: {
          control: { ...arm(10), before: { mean: 5, sd: 2, correlation: 0.9 } },
          treatment: { ...arm(10.04), before: { mean: 5, sd: 2, correlation: 0.9 } },
        },
      },
    },
    options: {
      experiment: {
        analysis: {
          alpha: 0.05,
          correction: 'HOLM',
          lift: 'FIELLER',
          sequential: 'NONE',
          harmAlpha: 0.05,
          cuped: true,
        },
      },
    },
  },
  'shares changed from day to day': {
    verdict: 'SHIP',
    metrics: { g: goal(10.3) },
    options: {
      exposures: [
        ...[
          [600, 400],
          [3, 0],
          [1, 2],
          [400, 600],
          [2, 4],
          [2, 0],
        ].flatMap(([control, treatment], i) => [
          { period: `2026-03-0${i + 2}`, variant: 'control', units: control! },
          { period: `2026-03-0${i + 2}`, variant: 'treatment', units: treatment! },
        ]),
      ],
    },
  },
  'shares are the same every day': {
    verdict: 'SHIP',
    metrics: { g: goal(10.3) },
    options: {
      exposures: [
        { period: '2026-03-02', variant: 'control', units: 500 },
        { period: '2026-03-02', variant: 'treatment', units: 510 },
        { period: '2026-03-04', variant: 'control', units: 4 },
        { period: '2026-03-05', variant: 'control', units: 508 },
        { period: '2026-03-05', variant: 'treatment', units: 490 },
      ],
    },
  },
  'group-sequential': {
    verdict: null,
    metrics: { g: goal(10.3) },
    options: {
      experiment: {
        monitoring: 'GROUP_SEQUENTIAL',
        groupSequential: { looks: [0.5, 1], spending: 'OBRIEN_FLEMING', power: 1 },
        plan: plan({ unitsPerVariant: 2000 }),
      },
    },
  },
  stratified: {
    verdict: null,
    metrics: { g: goal(10.3) },
    options: {
      experiment: {
        analysis: {
          alpha: 0.05,
          correction: 'HOLM',
          lift: 'FIELLER',
          sequential: 'NONE',
          harmAlpha: 0.05,
          stratifyBy: ['country'],
        },
      },
    },
  },
};

/** Each case as an experiment of its own, its metrics told apart by its number. */
const WORLDS: ReadonlyMap<string, World> = new Map(
  Object.entries(CASES).map(([title, { metrics, options = {} }], i) => {
    const own = Object.fromEntries(Object.entries(metrics).map(([name, sketch]) => [`m${i}_${name}`, sketch]));
    const key = `x${String(i).padStart(2, '0')}`;
    return [title, world(own, { ...options, experiment: { ...options.experiment, key } })];
  }),
);

/** The server's own rows, by the names of the columns. */
async function serverRows({ session, experiment }: World): Promise<readonly Row[]> {
  const analysis = resolveAnalysis(session, experiment);
  const cells = await Promise.all(summaryRows(experiment, analysis).map((row) => summaryCells(session, row)));
  return cells.map((row) =>
    Object.fromEntries(
      SUMMARY_COLUMNS.map(({ name }, i) => [
        name,
        Array.isArray(row[i]) ? JSON.stringify(row[i]) : (row[i] as Row[string]),
      ]),
    ),
  );
}

/** Cases by the moment that they are looked at. */
const MOMENTS = [...new Set([...WORLDS.values()].map(({ session }) => session.now))];

describe('experiment_summary', () => {
  test('has every verdict and every reason among its cases', async () => {
    const rows = (await Promise.all([...WORLDS.values()].map(serverRows))).flat();
    const codes = rows.flatMap(({ reasons }) => JSON.parse(String(reasons)) as string[]);
    expect(new Set(rows.map(({ verdict }) => verdict))).toEqual(new Set(VERDICTS));
    expect([...new Set(codes)].sort()).toEqual(CODES);
  });

  for (const engine of ENGINES)
    describeOn(engine, () => {
      test.each(MOMENTS)('says what the server says at %s', async (now) => {
        const titles = [...WORLDS].filter(([, { session }]) => session.now === now);
        const worlds = titles.map(([, one]) => one);
        const tables = unitedTables(
          await Promise.all(worlds.map(({ session, experiment }) => tablesOf(session, experiment))),
        );
        const got = await modelRows(engine, experimentSummary, {
          catalog: unitedCatalog(worlds.map(({ session }) => session.catalog)),
          tables,
          now,
        });
        expect(got).toHaveLength(now === NOW ? worlds.length + 1 : worlds.length);
        for (const [title, one] of titles) {
          const expected = await serverRows(one);
          const inSql = CASES[title]!.verdict !== null;
          if (inSql)
            expect({ title, verdict: expected[0]!.verdict }).toEqual({ title, verdict: CASES[title]!.verdict });
          for (const row of expected) {
            const own = got.find(
              ({ experiment, treatment }) => experiment === row.experiment && treatment === row.treatment,
            )!;
            const { as_of: _, srm_p_value: p, ...rest } = row;
            expect({ title, error: relativeError(own.srm_p_value!, p!) < 1e-9 }).toEqual({ title, error: true });
            expect({ title, ...own }).toMatchObject({
              title,
              ...rest,
              unknown: inSql ? null : 'NOT_IN_SQL',
              ...(inSql ? {} : Object.fromEntries(NOT_SAID.map((name) => [name, null]))),
            });
          }
        }
      });
    });
});

/** Of the rules and `allocationReasons`; SOURCE_FAILED is said of statements, of which there are none to fail. */
const CODES = [
  'ALLOCATION_CHANGED',
  'GOAL_BETTER',
  'GOAL_NOT_BETTER',
  'GOAL_WORSE',
  'GUARDRAIL_HARMED',
  'GUARDRAIL_NOT_CLEARED',
  'MULTIPLE_EXPOSURE',
  'NO_EFFECT',
  'NO_GOALS',
  'NO_HARM',
  'PLAN_NOT_REACHED',
  'SAMPLE_RATIO_MISMATCH',
  'SOURCE_EMPTY',
  'SOURCE_STALE',
  'WORSE_WITHIN_MARGIN',
];
const NOT_SAID = [
  'verdict',
  'recommended_action',
  'harm_suspected',
  'reasons',
  'goals_better',
  'guardrails_safe',
  'plan_met',
];
