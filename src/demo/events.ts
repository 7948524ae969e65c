import type { DemoSettings } from './settings.ts';
import { instant, literal } from './sql-text.ts';

/** `raw.user_events`: what the tracker recorded of the sessions, with a few rows sent twice and a few without a user. */
export function eventsSql({ clock, dirt, whales }: DemoSettings): readonly string[] {
  return [
    `
CREATE TEMP TABLE tracked AS
-- An event's id is its session's id times 32 plus its place in the session
SELECT session_id * 32 AS event_id, user_id, 'session_start' AS event_name, started_at AS event_at,
  NULL::DOUBLE AS amount, NULL::DOUBLE AS ms, NULL::VARCHAR AS product_category FROM sessions
UNION ALL
SELECT session_id * 32 + 1, user_id, 'page_load', later(started_at, 2), NULL, ms, NULL FROM sessions
UNION ALL
SELECT session_id * 32 + 2, user_id, 'add_to_cart', later(started_at, 95), NULL, NULL, category FROM sessions WHERE carted
UNION ALL
SELECT session_id * 32 + 3, user_id, 'purchase', later(started_at, 250),
  CASE WHEN u(session_id, 'no_amount') >= ${dirt.purchasesWithoutAmount} THEN amount END, NULL, category FROM sessions WHERE bought
UNION ALL
-- Money back, one to eight days later: a negative amount
SELECT session_id * 32 + 4, user_id, 'refund', later(started_at, (1 + 7 * u(session_id, 'refund.at')) * 86400),
  -amount, NULL, category FROM sessions WHERE bought AND refunded
UNION ALL
SELECT session_id * 32 + 5, user_id, 'support_ticket', later(started_at, 700), NULL, NULL, NULL FROM sessions WHERE complained
UNION ALL
SELECT session_id * 32 + 6, user_id, 'cancelled', later(started_at, 900), NULL, NULL, NULL FROM sessions WHERE cancelled
UNION ALL
SELECT session_id * 32 + 7 + p.place, user_id, 'page_view', later(started_at, 4 + 37 * p.place), NULL, NULL, category
FROM sessions JOIN range(13) p(place) ON p.place < pages
UNION ALL
-- The whales
SELECT -place, user_id, 'purchase', later(assigned_at, 86400 * place),
  [${whales.amounts.join(', ')}][place], NULL, 'home'
FROM (
  SELECT user_id, assigned_at, row_number() OVER (ORDER BY hash(user_id, 'whale'), user_id) AS place
  FROM exposures
  WHERE experiment = ${literal(whales.experiment)} AND variant = ${literal(whales.variant)} AND NOT is_bot
    AND u(user_id, experiment || '.second') >= ${dirt.secondVariant}
)
WHERE place <= ${whales.amounts.length}`,
    `
CREATE TABLE raw.user_events AS
WITH sent AS (
  FROM tracked
  UNION ALL
  -- Sent again by a client that saw no answer: the same id an hour later
  SELECT * REPLACE (later(event_at, 3600) AS event_at) FROM tracked WHERE u(event_id, 'resent') < ${dirt.resentEvents}
)
SELECT * REPLACE (CASE WHEN u(event_id, 'anonymous') >= ${dirt.eventsWithoutUser} THEN user_id END AS user_id)
FROM sent
WHERE event_at < ${instant(clock)}
ORDER BY event_at, event_id`,
  ];
}
