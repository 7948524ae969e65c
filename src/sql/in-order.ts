import type { StepInOrder } from './dialect.ts';
import { join, type Sql, sql, trusted } from './sql.ts';
import { and } from './statement.ts';

/**
 * A row of a step as one whole number, so that numbers in order are rows in order of time, and rows of one time in order of
 * their steps: time · steps + step (from 0).
 */
export function entryOf(time: Sql, i: number, steps: readonly StepInOrder[]): Sql {
  return sql`${time} * ${whole(steps.length)} + ${whole(i)}`;
}

/**
 * When each step was last reached, after one more entry; null: not yet. The latest way to a step is the one that matters: whatever
 * can go on from an earlier one can go on from it as well. Times are kept as the entries have them, step 0 of that time.
 */
export function afterEntry(entry: Sql, reached: (i: number) => Sql, steps: readonly StepInOrder[]): readonly Sql[] {
  const count = whole(steps.length);
  const at = sql`${entry} - ${entry} % ${count}`;
  return steps.map(({ within }, i) => {
    const conditions = [
      sql`${entry} % ${count} = ${whole(i)}`,
      ...(i === 0 ? [] : [sql`${reached(i - 1)} is not null`]),
      ...(within === null ? [] : [sql`${at} - ${reached(i - 1)} <= ${whole(within * steps.length)}`]),
    ];
    return sql`case when ${and(conditions)} then ${at} else ${reached(i)} end`;
  });
}

/** No step reached. */
export function noneReached(steps: readonly StepInOrder[]): Sql {
  return join(
    steps.map(() => sql`cast(null as bigint)`),
    ', ',
  );
}

const whole = (value: number): Sql => trusted(String(value));
