import { bind, ident, join, type Sql, sql, trusted } from '../sql/sql.ts';
import { and } from '../sql/statement.ts';
import type { ArmMoments } from './answer.ts';
import { dimensionType } from './filter.ts';
import { PHASE, type SliceKey, type Strata } from './question.ts';
import type { Scope } from './scope.ts';

/** How units are told apart. */
export interface Slicing {
  readonly sliceBy: readonly string[];
  readonly slices: readonly SliceKey[];
  readonly strata?: Strata | null;
}

/** Strata and their rest. */
const sizeOf = ({ keys }: Strata): number => keys.length + 1;

/** Which of the slices a unit is in, and which stratum of it, as one number: those of a slice follow each other. */
export function strataIndex(scope: Scope, { sliceBy, slices, strata = null }: Slicing): Sql {
  if (strata === null) return sliceIndex(scope, { sliceBy, slices });
  const stratum = sliceIndex(scope, { sliceBy: strata.by, slices: strata.keys });
  if (sliceBy.length === 0) return stratum;
  return sql`${trusted(String(sizeOf(strata)))} * (${sliceIndex(scope, { sliceBy, slices })}) + ${stratum}`;
}

/** The slice and the stratum that the number of an answer means. */
export function apartByStratum(arm: ArmMoments, strata: Strata | null): ArmMoments {
  if (strata === null) return arm;
  const size = sizeOf(strata);
  return { ...arm, slice: Math.floor(arm.slice / size), stratum: arm.slice % size };
}

/** Which of the slices a unit is in; the number of slices for the rest. */
export function sliceIndex({ dialect, source }: Scope, input: Slicing): Sql {
  const cases = input.slices.map((slice, i) => {
    const equal = slice.map((value, d) => {
      const name = input.sliceBy[d]!;
      const column = ident('x', `dim_${name}`);
      if (value === null) return sql`${column} is null`;
      const type = name === PHASE ? 'INTEGER' : dimensionType(source, name);
      // NaN is a slice like any other.
      return sql`${column} ${type === 'FLOAT' ? sql`is not distinct from` : sql`=`} ${dialect.literal(bind(value), type)}`;
    });
    return sql`when ${and(equal)} then ${bind(i)}`;
  });
  const rest = dialect.literal(bind(input.slices.length), 'INTEGER');
  if (cases.length === 0) return rest;
  return sql`case ${join(cases, ' ')} else ${rest} end`;
}
