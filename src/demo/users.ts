import type { DemoSettings } from './settings.ts';
import { instant } from './sql-text.ts';

/**
 * `raw.users`: who they are, and in a temporary table their hidden traits. Activity is a rank; ids are the ranks shuffled
 * by a multiplication modulo the number of users, so that an id says nothing.
 */
export function usersSql({ users, from, dirt }: DemoSettings): readonly string[] {
  return [
    `
-- Hidden traits of each user; rank 0 is the most active
CREATE TEMP TABLE traits AS
SELECT
  rank,
  1 + (rank * 104729) % ${users} AS user_id,
  ['US', 'DE', 'BR', 'IN', 'GB', 'FR', 'JP', 'PL'][1 + CAST(floor(u(rank, 'country') * u(rank, 'country2') * 8) AS INTEGER)] AS country,
  CASE WHEN u(rank, 'platform') < 0.45 THEN 'web' WHEN u(rank, 'platform') < 0.75 THEN 'android' ELSE 'ios' END AS platform,
  -- Four fifths were there before the data begins
  CASE WHEN u(rank, 'new') < 0.8
    THEN later(${instant(from)}, -u(rank, 'signup') * 720 * 86400)
    ELSE later(${instant(from)}, u(rank, 'signup') * 90 * 86400) END AS signup_at,
  u(rank, 'bot') < ${dirt.bots} AS is_bot,
  0.4 + 1.2 * u(rank, 'inclination') AS inclination,
  z(rank, 'spend') AS spend,
  exp(0.2 * z(rank, 'device')) AS slowness
FROM range(${users}) r(rank)`,
    `
CREATE TABLE raw.users AS
SELECT user_id, country, platform, signup_at, is_bot FROM traits ORDER BY user_id`,
  ];
}
