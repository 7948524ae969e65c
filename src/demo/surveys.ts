import type { DemoSettings } from './settings.ts';
import { instant } from './sql-text.ts';

/** `raw.survey_answers`: another provider's feed, one score from 1 to 10 after some sessions, that broke before the clock. */
export function surveysSql({ surveysUntil }: DemoSettings): readonly string[] {
  return [
    `
CREATE TABLE raw.survey_answers AS
SELECT
  session_id AS answer_id, user_id, later(started_at, 1200) AS answered_at,
  CAST(greatest(1, least(10, round(7.4 + 1.9 * z(session_id, 'score')))) AS DOUBLE) AS score
FROM sessions
WHERE u(session_id, 'survey') < 0.1 AND later(started_at, 1200) < ${instant(surveysUntil)}
ORDER BY answered_at, answer_id`,
  ];
}
