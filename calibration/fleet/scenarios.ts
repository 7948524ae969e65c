import { isBetter } from '../../src/experiment/decision-tests.ts';
import type { Summary } from '../../src/experiment/summary.ts';
import { sampleSize } from '../../src/statistics/power/sample-size.ts';
import { declare } from './catalog.ts';
import { DAYS, type Design, designOf, LOOKS, WINDOW_DAYS } from './design.ts';
import { drawHistory } from './history.ts';
import {
  ANY_GUARDRAIL_WORSE,
  anyGuardrailWorse,
  SHIP_ONCE,
  shipOnce,
  WORSE_NOT_WITHIN,
  worseNotWithin,
} from './other-policies.ts';
import { play } from './play.ts';
import { CLASSES, EARLY_TIMING, GUARDRAILS, USUAL_TIMING } from './population.ts';
import { judgeRamp, RAMP_ESTIMATORS, shipsBy } from './ramp.ts';
import type { Promised, Scenario } from './scenario.ts';

const ALPHA = 0.05;
const HARM_ALPHA = 0.05;
const MONITORINGS = ['FIXED', 'CONTINUOUS'] as const;

const atMost = (said: string, target: number, why: string): Promised => ({
  promise: `${said} ≤ ${why}`,
  said,
  bound: 'AT_MOST',
  target,
});
const atLeast = (said: string, target: number): Promised => ({
  promise: `${said} ≥ ${100 * target} %`,
  said,
  bound: 'AT_LEAST',
  target,
});
const noted = (said: string): Promised => ({ promise: `${said}, for the record`, said, bound: 'NOTED', target: null });
const control = (said: string, target: number, why: string): Promised => ({
  promise: `negative control: ${said} must exceed ${why}`,
  said,
  bound: 'ABOVE',
  target,
});

const RARE_SHIP = atMost('SHIP', ALPHA / 2, 'α/2');
const RARE_ROLL_BACK = atMost('ROLL_BACK', HARM_ALPHA, 'harmAlpha');

/** An experiment played through the real summary. */
function played(
  name: string,
  runs: number,
  design: Design,
  promises: readonly Promised[],
  also?: (summary: Summary, day: number) => readonly string[],
): Scenario {
  return {
    name,
    runs,
    promises,
    prepare: () => {
      const declared = declare(design);
      return (random) => play(declared, design, drawHistory(random, design), also);
    },
  };
}

/** Nothing is true. */
function sameForAll(): readonly Scenario[] {
  return MONITORINGS.flatMap((monitoring) =>
    [1, 2, 4].flatMap((treatments) =>
      [0, 3, 10].map((guardrails) => {
        const naive = guardrails === 10 && treatments === 1 && monitoring === 'FIXED';
        return played(
          `A/A, ${treatments} treatment${treatments === 1 ? '' : 's'}, ${guardrails} guardrails, ${monitoring}`,
          2000,
          designOf({ treatments, guardrails, monitoring }),
          [
            RARE_SHIP,
            RARE_ROLL_BACK,
            noted('INVALID'),
            ...(naive ? [control(ANY_GUARDRAIL_WORSE, 0.5, '50 %'), noted(AT_THE_END)] : []),
          ],
          naive ? naiveRule : undefined,
        );
      }),
    ),
  );
}

const AT_THE_END = `${ANY_GUARDRAIL_WORSE}, at the last look alone`;

function naiveRule(summary: Summary, day: number): readonly string[] {
  const said = anyGuardrailWorse(summary);
  return said.length > 0 && day === LOOKS.at(-1) ? [...said, AT_THE_END] : said;
}

/** Four looks are declared; the data are looked at every day all the same. */
function declaredLooks(): readonly Scenario[] {
  return [0, 3].map((guardrails) =>
    played(
      `A/A, 1 treatment, ${guardrails} guardrails, GROUP_SEQUENTIAL`,
      2000,
      designOf({ treatments: 1, guardrails, monitoring: 'GROUP_SEQUENTIAL' }),
      [RARE_SHIP, RARE_ROLL_BACK],
    ),
  );
}

/**
 * A plan by units that is met half-way, and looks that go on: a fixed test is made for one reading, at the plan. What more readings of
 * more data cost is for the record; who wants them declares `continuous`.
 */
function beyondThePlan(): readonly Scenario[] {
  return (['FIXED', 'GROUP_SEQUENTIAL'] as const).map((monitoring) => {
    const design = designOf({
      treatments: 1,
      monitoring,
      planDay: null,
      // met by the units of 14 days, of which a variant may have a little less than half
      unitsPerVariant: Math.floor(0.97 * 500 * (DAYS / 2)),
    });
    return played(
      `A/A, 1 treatment, ${monitoring}, plan met at the 14th of 28 looks`,
      4000,
      design,
      monitoring === 'FIXED' ? [noted('SHIP'), RARE_ROLL_BACK, noted(SHIP_ONCE)] : [noted('SHIP'), RARE_ROLL_BACK],
      monitoring === 'FIXED' ? shipOnce : undefined,
    );
  });
}

const MILLION = 1_000_000;
const [PAGE_LOAD] = GUARDRAILS;

/** A guardrail is worse, by a share of its margin. */
function worseGuardrail(
  share: number,
  perVariant: number,
  given: Pick<Design, 'monitoring'> & Partial<Design>,
): Pick<Scenario, 'name'> & { readonly design: Design } {
  const units = perVariant >= MILLION ? `${perVariant / MILLION} M` : perVariant.toLocaleString('en');
  const looks = given.looks?.length === 1 ? ', last look only' : '';
  return {
    name: `a guardrail worse by ${share} of its margin, ${units} units an arm, ${given.monitoring}${looks}`,
    design: designOf({
      treatments: 1,
      guardrails: 3,
      dailyUnits: (2 * perVariant) / DAYS,
      effects: { [PAGE_LOAD!.name]: share * PAGE_LOAD!.margin! },
      ...given,
    }),
  };
}

function lossInsideMargin(): readonly Scenario[] {
  const scenario = (share: number, given: Pick<Design, 'monitoring'> & Partial<Design>) => {
    const { name, design } = worseGuardrail(share, MILLION, given);
    return played(
      name,
      1000,
      design,
      [
        atMost('ROLL_BACK', 0.05, '5 %'),
        share === 0.9 && given.looks === undefined ? control(WORSE_NOT_WITHIN, 0.5, '50 %') : noted(WORSE_NOT_WITHIN),
      ],
      worseNotWithin,
    );
  };
  return [
    ...[0.25, 0.5, 0.75, 0.9].flatMap((share) => MONITORINGS.map((monitoring) => scenario(share, { monitoring }))),
    ...[0.5, 0.9].map((share) => scenario(share, { monitoring: 'FIXED', looks: LOOKS.slice(-1) })),
  ];
}

/** How soon harm beyond the margin is found; the other rule, which does not keep what the margin promises, is sooner. */
function lossBeyondMargin(): readonly Scenario[] {
  return (
    [
      [1.5, 100_000],
      [2, 50_000],
      [3, 50_000],
      [6, 14_000],
    ] as const
  ).map(([share, perVariant]) => {
    const { name, design } = worseGuardrail(share, perVariant, { monitoring: 'FIXED' });
    return played(
      name,
      1000,
      design,
      [atMost('SHIP', ALPHA / 2, 'α/2'), noted('ROLL_BACK'), noted(WORSE_NOT_WITHIN)],
      worseNotWithin,
    );
  });
}

/** Purchases come earlier in the window, as many and as large as ever. */
function earlierPurchases(): readonly Scenario[] {
  return [true, false].flatMap((matureOnly) =>
    MONITORINGS.map((monitoring) => {
      const design = designOf({
        treatments: 1,
        monitoring,
        dailyUnits: 10_000,
        timing: { control: USUAL_TIMING, treatment: EARLY_TIMING },
        // by units alone, so that immature units could meet it
        planDay: null,
        unitsPerVariant: 5_000 * (DAYS - (matureOnly ? 1 : 3)),
        matureOnly,
      });
      return played(
        `purchases only earlier, ${matureOnly ? 'mature units' : 'all units'}, ${monitoring}`,
        matureOnly ? 2000 : 200,
        design,
        matureOnly ? [RARE_SHIP, RARE_ROLL_BACK] : [control('SHIP', ALPHA / 2, 'α/2')],
      );
    }),
  );
}

const RAMP = designOf({
  treatments: 1,
  monitoring: 'FIXED',
  dailyUnits: 5_000,
  planDay: DAYS + WINDOW_DAYS - 1,
  unitsPerVariant: 30_000,
  level: (day) => 1 + (0.4 * day) / DAYS,
  phases: [
    { day: 0, weights: [0.95, 0.05] },
    { day: 7, weights: [0.8, 0.2] },
    { day: 14, weights: [0.5, 0.5] },
  ],
});

/** A/A while the treatment's share rises from 5 % to 50 % and all metrics rise. */
function ramped(): readonly Scenario[] {
  const judged: Scenario = {
    name: 'ramped A/A while the level rises: estimators',
    runs: 4000,
    // the first two compare units of different times: post-stratification gives way where it costs precision
    promises: RAMP_ESTIMATORS.map((estimator, i) =>
      i < 2 ? control(shipsBy(estimator), ALPHA / 2, 'α/2') : atMost(shipsBy(estimator), ALPHA / 2, 'α/2'),
    ),
    prepare: () => (random) => ({ said: new Set(judgeRamp(drawHistory(random, RAMP), RAMP)), final: null }),
  };
  return [
    judged,
    played('ramped A/A while the level rises: phases not declared', 200, RAMP, [
      RARE_SHIP,
      {
        promise: 'INVALID, as the sizes are not what the weights promise',
        said: 'INVALID',
        bound: 'ABOVE',
        target: 0.9,
      },
    ]),
    ...MONITORINGS.map((monitoring) =>
      played(
        `ramped A/A while the level rises: phases declared, ${monitoring}`,
        2000,
        { ...RAMP, monitoring, declaresPhases: true },
        [RARE_SHIP, RARE_ROLL_BACK, noted('INVALID')],
      ),
    ),
  ];
}

/** Conversion of an ordinary week. */
const CONVERSION = CLASSES.reduce((sum, { share, buys }) => sum + share * buys, 0) * 0.9886;
const EFFECT = 0.08;
const POWER = 0.8;

/** Units of an arm that show an effect on conversion with the planned power, Holm over so many goals. */
function plannedUnits(goals: number): number {
  const size = sampleSize(
    { type: 'PROPORTION', mean: CONVERSION, variance: CONVERSION * (1 - CONVERSION) },
    { kind: 'DIFFERENCE', effect: EFFECT },
    { alpha: ALPHA / goals, sided: 2, power: POWER },
  );
  if (!size.ok) throw new Error(size.reason);
  return size.control;
}

const CONVERSION_BETTER = 'conversion is better';
const conversionBetter = ({ evidence }: Summary) =>
  evidence.progress.met && evidence.metrics.some((one) => one.member.metric === 'conversion' && isBetter(one))
    ? [CONVERSION_BETTER]
    : [];

function realEffects(): readonly Scenario[] {
  const design = (goals: number, effect: number, given: Partial<Design> = {}) =>
    designOf({
      treatments: 1,
      monitoring: 'FIXED',
      goals,
      dailyUnits: (2 * plannedUnits(goals)) / DAYS,
      effects: { bought: effect },
      ...given,
    });
  const about: Promised = { promise: 'SHIP in the planned 80 %', said: 'SHIP', bound: 'ABOUT', target: POWER };
  return [
    played('1 goal better by the planned effect, FIXED', 2000, design(1, EFFECT), [about, RARE_ROLL_BACK]),
    played(
      '3 goals better by the effect planned for one, FIXED',
      2000,
      design(3, EFFECT),
      [atLeast('SHIP', POWER), atLeast(CONVERSION_BETTER, POWER), RARE_ROLL_BACK],
      conversionBetter,
    ),
    played('1 goal better by the planned effect, CONTINUOUS', 1000, design(1, EFFECT, { monitoring: 'CONTINUOUS' }), [
      atLeast('SHIP', 0.5),
      RARE_ROLL_BACK,
    ]),
    played('3 goals worse by the planned effect, FIXED', 1000, design(3, -EFFECT), [
      RARE_SHIP,
      atLeast('ROLL_BACK', 0.4),
    ]),
    played(
      '3 goals worse by twice the planned effect, 3 guardrails, FIXED',
      1000,
      design(3, -2 * EFFECT, { guardrails: 3 }),
      [RARE_SHIP, atLeast('ROLL_BACK', 0.95)],
    ),
  ];
}

/** The fleet. */
export function scenarios(): readonly Scenario[] {
  return [
    ...sameForAll(),
    ...declaredLooks(),
    ...beyondThePlan(),
    ...lossInsideMargin(),
    ...lossBeyondMargin(),
    ...earlierPurchases(),
    ...ramped(),
    ...realEffects(),
  ];
}
