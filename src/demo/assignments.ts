import type { DemoSettings } from './settings.ts';
import { instant } from './sql-text.ts';

/** `raw.experiment_assignments`: the exposures as an assignment service logs them, repeated, muddled and with gaps. */
export function assignmentsSql({ clock, dirt }: DemoSettings): readonly string[] {
  return [
    `
CREATE TABLE raw.experiment_assignments AS
WITH logged AS (
  SELECT experiment, user_id, variant, assigned_at, country, platform, is_bot FROM exposures
  UNION ALL
  -- Seen again, up to ten days later: the first exposure counts, and some repeats fall after the end
  SELECT experiment, user_id, variant,
    later(assigned_at, 600 + u(user_id, experiment || '.again.at') * 10 * 86400), country, platform, is_bot
  FROM exposures WHERE u(user_id, experiment || '.again') < ${dirt.reExposures}
  UNION ALL
  -- Seen in the next arm too, within a day
  SELECT x.experiment, x.user_id, o.variant,
    later(x.assigned_at, 60 + u(x.user_id, x.experiment || '.second.at') * 86400), x.country, x.platform, x.is_bot
  FROM exposures x
  JOIN (SELECT experiment, max(arm) + 1 AS size FROM arms GROUP BY experiment) e ON e.experiment = x.experiment
  JOIN arms o ON o.experiment = x.experiment AND o.arm = (x.arm + 1) % e.size
  WHERE u(x.user_id, x.experiment || '.second') < ${dirt.secondVariant}
  UNION ALL
  -- A variant that nobody configured any more, served from a stale cache
  SELECT experiment, user_id, 'legacy', later(assigned_at, -3600), country, platform, is_bot
  FROM exposures WHERE u(user_id, experiment || '.ghost') < ${dirt.ghostVariant}
  UNION ALL
  -- Logged before the user was known
  SELECT experiment, NULL, variant, later(assigned_at, -5), country, platform, is_bot
  FROM exposures WHERE u(user_id, experiment || '.anonymous') < ${dirt.assignmentsWithoutUser}
)
SELECT
  experiment AS experiment_id, user_id, variant, assigned_at,
  CASE WHEN u(user_id, experiment || '.no_country') >= ${dirt.assignmentsWithoutCountry} THEN country END AS country,
  platform, is_bot
FROM logged
WHERE assigned_at < ${instant(clock)}
ORDER BY assigned_at, experiment_id, user_id, variant`,
  ];
}
