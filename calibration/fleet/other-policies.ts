import { fixedTest } from '../../src/experiment/comparison.ts';
import { improves, isHarmed, pointsBetter } from '../../src/experiment/decision-tests.ts';
import type { Summary } from '../../src/experiment/summary.ts';
import { adjustPValues } from '../../src/statistics/multiple-testing.ts';
import { asymptoticSequence } from '../../src/statistics/sequential.ts';

/** What other rules would have said of the same evidence, to compare. */
export const ANY_GUARDRAIL_WORSE = 'any guardrail significantly worse';
export const WORSE_NOT_WITHIN = 'ROLL_BACK where worse than control and not shown to be within the margin';
export const SHIP_ONCE = 'SHIP by fixed tests at the plan, always-valid ones after it';

/** The naive rule: a guardrail's two-sided test at 5 % is significant and points the wrong way. */
export function anyGuardrailWorse({ evidence }: Summary): readonly string[] {
  const worse = evidence.metrics.some(({ member, comparison }) => {
    if (member.role !== 'GUARDRAIL' || comparison === null) return false;
    const test = fixedTest(comparison, 0.95);
    return test.ok && test.pValue <= 0.05 && improves(comparison.row.metric.goodWhen, test.difference) === false;
  });
  return worse ? [ANY_GUARDRAIL_WORSE] : [];
}

/** Rolls back a guardrail that is worse than control and not shown to be within its margin, whatever the margin tolerates. */
export function worseNotWithin({ evidence }: Summary): readonly string[] {
  const harmful = evidence.metrics.some(
    (one) => isHarmed(one) && (one.member.role === 'GOAL' || !(one.nonInferiority.ok && one.nonInferiority.holds)),
  );
  return harmful ? [WORSE_NOT_WITHIN] : [];
}

/** Room for a look that comes somewhat after the plan is met. */
const LATE = 1.05;

/** A mended rule to ship: fixed tests of the goals count at the plan only, what comes after it is a look more. */
export function shipOnce({ evidence, treatments }: Summary): readonly string[] {
  const planned = evidence.experiment.plan!.unitsPerVariant!;
  const goals = evidence.metrics.filter(({ member }) => member.role === 'GOAL');
  const adjusted = adjustPValues(
    goals.map(({ comparison, shipP }) => {
      const test = comparison === null ? null : fixedTest(comparison, 0.95);
      if (comparison === null || test === null || !test.ok) return null;
      const { control, treatment } = comparison.arms;
      const units = control.moments.units + treatment.moments.units;
      if (units <= 2 * planned * LATE) return shipP;
      const { difference: estimate, standardError } = test;
      const look = asymptoticSequence({ estimate, standardError, units, alpha: 0.05, tuningUnits: 2 * planned });
      return look.ok ? look.pValue : null;
    }),
    'HOLM',
  );
  const better = goals.some((goal, i) => adjusted[i] !== null && adjusted[i]! <= 0.05 && pointsBetter(goal) === true);
  return better && evidence.progress.met && treatments.every(({ verdict }) => verdict !== 'INVALID') ? [SHIP_ONCE] : [];
}
