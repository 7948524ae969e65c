import { DEMO_EXPERIMENTS, type DemoArm, type DemoExperiment, EFFECTS } from './experiments.ts';
import type { DemoSettings } from './settings.ts';
import { instant, literal } from './sql-text.ts';

/** Factors as whole millionths of their logarithm: their sums are exact in any order, so threads cannot change them. */
function effectColumns(arm: DemoArm): string {
  return EFFECTS.map((kind) => String(Math.round(Math.log(arm.effect?.[kind] ?? 1) * 1e6))).join(', ');
}

/** One row per arm, with the interval [lo, hi) of the draw that leads to it. */
function armRows(experiment: DemoExperiment, ordinal: number): readonly string[] {
  let lo = 0;
  return experiment.arms.map((arm, i) => {
    const hi = i === experiment.arms.length - 1 ? 1 : lo + arm.weight;
    const row = [
      literal(experiment.key),
      ordinal,
      instant(experiment.start),
      instant(experiment.enrolUntil),
      experiment.share,
      literal(arm.variant),
      i,
      lo,
      hi,
      arm.lostOnAndroid ?? 0,
      effectColumns(arm),
    ];
    lo = hi;
    return `(${row.join(', ')})`;
  });
}

/** Who met which arm when (temporary table `exposures`), and which of them changes anything for its user (`treated`). */
export function exposuresSql({ clock }: DemoSettings): readonly string[] {
  const effects = EFFECTS.map((kind) => `"${kind}"`).join(', ');
  const neutral = EFFECTS.map((kind) => `"${kind}" = 0`).join(' AND ');
  return [
    `
CREATE TEMP TABLE arms AS
FROM (VALUES
${DEMO_EXPERIMENTS.flatMap((experiment, i) => armRows(experiment, i + 1)).join(',\n')}
) arms (experiment, ordinal, starts, ends, share, variant, arm, lo, hi, lost_on_android, ${effects})`,
    `
CREATE TEMP TABLE exposures AS
WITH enrolled AS (
  -- Each experiment draws its own users; somebody who signs up during enrolment is met just after
  SELECT
    e.experiment, e.ordinal, e.ends, t.user_id, t.country, t.platform, t.is_bot,
    u(t.user_id, e.experiment || '.arm') AS draw,
    u(t.user_id, e.experiment || '.lost') AS luck,
    greatest(
      later(e.starts, u(t.user_id, e.experiment || '.at') * epoch(e.ends - e.starts)),
      later(t.signup_at, 30 + 60 * u(t.user_id, e.experiment || '.signup'))
    ) AS assigned_at
  FROM (SELECT DISTINCT experiment, ordinal, starts, ends, share FROM arms) e
  CROSS JOIN traits t
  WHERE u(t.user_id, e.experiment || '.in') < e.share
)
SELECT n.experiment, n.ordinal, n.user_id, a.variant, a.arm, n.assigned_at, n.country, n.platform, n.is_bot
FROM enrolled n
JOIN arms a ON a.experiment = n.experiment AND n.draw >= a.lo AND n.draw < a.hi
WHERE n.assigned_at < n.ends AND n.assigned_at < ${instant(clock)}
  AND NOT (n.platform = 'android' AND n.luck < a.lost_on_android)`,
    `
CREATE TEMP TABLE treated AS
SELECT x.user_id, x.assigned_at, a.* EXCLUDE (experiment, ordinal, starts, ends, share, variant, arm, lo, hi, lost_on_android)
FROM exposures x
JOIN arms a ON a.experiment = x.experiment AND a.arm = x.arm
WHERE NOT (${neutral})`,
  ];
}
