import type { DemoSettings } from './settings.ts';

/** A text literal of SQL. Only for this folder's own constants. */
export function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A TIMESTAMP literal, UTC. */
export function instant(value: string): string {
  return `TIMESTAMP ${literal(value)}`;
}

/**
 * Macros that draw numbers from a row's own identity. No draw depends on the order of rows or on threads: the same row
 * always has the same luck.
 *
 * - `u(id, salt)` uniform on [0, 1). Hashed twice: one hash of several values combines them too simply, and draws of
 *   different salts would be related
 * - `z(id, salt)` standard normal (Box and Muller 1958)
 * - `later(moment, seconds)` a moment so many seconds on, whole milliseconds
 */
export function randomMacros({ seed }: DemoSettings): readonly string[] {
  return [
    `CREATE TEMP MACRO u(id, salt) AS (hash(hash(id, salt, ${seed})) >> 11)::DOUBLE / 9007199254740992.0`,
    "CREATE TEMP MACRO z(id, salt) AS sqrt(-2 * ln(1 - u(id, salt))) * cos(2 * pi() * u(id, salt || '.angle'))",
    'CREATE TEMP MACRO later(moment, seconds) AS moment + to_milliseconds(CAST(floor((seconds) * 1000) AS BIGINT))',
  ];
}
