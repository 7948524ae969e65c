import { EFFECTS } from './experiments.ts';
import type { DemoSettings } from './settings.ts';
import { instant } from './sql-text.ts';

/**
 * Temporary table `sessions`: one row per visit with all that happens in it decided. Users come on their own, and once for
 * every exposure; whatever arms they have met by then has its effect.
 */
export function sessionsSql({ from, clock, users, organicSessions, base }: DemoSettings): readonly string[] {
  const days = `date_diff('day', ${instant(from)}, ${instant(clock)})`;
  return [
    `
CREATE TEMP TABLE visits AS
-- Drawn too many, so that effects can thin or thicken them later. The first ranks come eleven times as often as the average;
-- afternoons (UTC) are busiest
SELECT k AS session_id, t.user_id, true AS organic, k.started_at AS started_at
FROM (
  SELECT k, CAST(floor((pow(u(k, 'who'), 2) + 0.1 * u(k, 'who')) / 1.1 * ${users}) AS BIGINT) AS rank,
    later(${instant(from)} + to_days(CAST(floor(u(k, 'day') * ${days}) AS INTEGER)),
      ((u(k, 'hour') + u(k, 'hour2')) * 12 + 3) % 24 * 3600) AS started_at
  FROM range(${Math.round(organicSessions * 1.6)}) r(k)
) k
JOIN traits t ON t.rank = k.rank AND k.started_at >= t.signup_at
UNION ALL
-- The visit in which an experiment meets the user: its log entry is written just before the first event
SELECT ordinal * 100000000 + user_id, user_id, false, later(assigned_at, 1 + 20 * u(user_id, experiment || '.visit'))
FROM exposures`,
    `
CREATE TEMP TABLE sessions AS
WITH effects AS (
  SELECT v.session_id, ${EFFECTS.map((kind) => `sum(t."${kind}") AS "${kind}"`).join(', ')}
  FROM visits v
  JOIN treated t ON t.user_id = v.user_id AND v.started_at >= t.assigned_at
  GROUP BY v.session_id
),
drawn AS (
  SELECT
    v.session_id, v.user_id, v.organic, v.started_at, t.spend, t.slowness, t.is_bot, t.inclination,
    ${EFFECTS.map((kind) => `exp(coalesce(e."${kind}", 0) / 1e6) AS "${kind}"`).join(',\n    ')}
  FROM visits v
  JOIN traits t ON t.user_id = v.user_id
  LEFT JOIN effects e ON e.session_id = v.session_id
)
SELECT
  session_id, user_id, started_at,
  1 + least(CAST(floor(-ln(1 - u(session_id, 'pages')) * ${base.morePages} * pages + CASE WHEN is_bot THEN 8 ELSE 0 END) AS INTEGER), 12) AS pages,
  round(exp(${base.logMs} + ${base.msSigma} * z(session_id, 'ms')) * slowness * "loadTime", 1) AS ms,
  u(session_id, 'cart') < ${base.cart} * carts AS carted,
  u(session_id, 'cart') < ${base.cart} * carts
    AND u(session_id, 'purchase') < least(0.95, ${base.purchase} * inclination * purchases) AS bought,
  round(exp(${base.logAmount} + ${base.userSigma} * spend + ${base.orderSigma} * z(session_id, 'amount')) * amount
    * CASE WHEN u(session_id, 'bulk') < ${base.bulkShare} THEN ${base.bulkFactor} ELSE 1 END, 2) AS amount,
  u(session_id, 'refund') < ${base.refund} * refunds AS refunded,
  u(session_id, 'ticket') < ${base.ticket} * tickets AS complained,
  u(session_id, 'cancel') < ${base.cancel} * cancels AS cancelled,
  ['books', 'games', 'garden', 'home', 'toys'][1 + CAST(floor(u(session_id, 'category') * u(session_id, 'category2') * 5) AS INTEGER)] AS category
FROM drawn
-- About six in ten draws survive: weekends are quieter, and effects on sessions move the threshold
WHERE NOT organic
  OR u(session_id, 'kept') < 0.62 * sessions * CASE WHEN isodow(started_at) >= 6 THEN 0.85 ELSE 1.05 END`,
  ];
}
