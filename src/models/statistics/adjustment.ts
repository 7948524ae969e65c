import type { PValueCorrection } from '../../core/vocabulary.ts';
import { join, type Sql, sql } from '../../sql/sql.ts';
import { draft, type Formula } from './formula.ts';

/** The corrections that are rendered; Šidák's and Benjamini & Yekutieli's are not. */
export type RenderedCorrection = Exclude<PValueCorrection, 'SIDAK' | 'BENJAMINI_YEKUTIELI'>;

export interface FamilyColumns {
  /** Null for a test that could not be computed: it stays null and is not counted. */
  readonly pValue: Sql;
  /** The columns that tell families apart; none: all rows are one family. */
  readonly family: readonly Sql[];
}

/**
 * Adjusted p-values of each family by window functions (`adjustPValues`). Rows of one p share a rank and a frame (`range`), so
 * that their order does not matter: stepping down takes their lowest rank, stepping up their highest.
 */
export function adjustedPValues(
  prefix: string,
  { pValue, family }: FamilyColumns,
  correction: RenderedCorrection,
): Formula<'adjusted'> {
  const { define, defineApart, formula } = draft(prefix, `p-values adjusted over their family (${correction})`);
  const p = define('p', sql`case when ${pValue} >= 0e0 and ${pValue} <= 1e0 then ${pValue} end`);
  const partition = family.length === 0 ? [] : [sql`partition by ${join(family, ', ')}`];
  const over = (...order: readonly Sql[]) => sql`over (${join([...partition, ...order], ' ')})`;
  const rising = sql`order by ${p} nulls last`;
  const falling = sql`order by ${p} desc nulls last`;
  const m = defineApart('m', sql`cast(count(${p}) ${over()} as double)`);
  const step = () => {
    if (correction === 'NONE') return p;
    if (correction === 'BONFERRONI') return sql`${m} * ${p}`;
    if (correction === 'HOLM') {
      const rank = defineApart('rank', sql`cast(rank() ${over(rising)} as double)`);
      return sql`max((${m} - ${rank} + 1e0) * ${p}) ${over(rising)}`;
    }
    const rank = defineApart('rank', sql`cast(count(${p}) ${over(rising)} as double)`);
    const scaled = correction === 'HOCHBERG' ? sql`(${m} - ${rank} + 1e0) * ${p}` : sql`${m} * ${p} / ${rank}`;
    return sql`min(${scaled}) ${over(falling)}`;
  };
  const stepped = defineApart('stepped', step());
  const clipped = sql`case when ${p} is not null then case when ${stepped} > 1e0 then 1e0 else ${stepped} end end`;
  return formula({ adjusted: define('adjusted', clipped) });
}
