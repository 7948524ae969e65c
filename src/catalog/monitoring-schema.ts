import { z } from 'zod';
import { coded } from '../metric-types/coded.ts';
import { keyword } from '../metric-types/keyword.ts';
import type { GroupSequentialPlan } from './catalog.ts';

const SPENDINGS = ['OBRIEN_FLEMING', 'POCOCK', 'POWER'] as const;
const LOOKS = 'must be the number of equally spaced looks, 2 to 50, or their shares of the plan, ascending, the last 1';
const MOST_LOOKS = 50;
/** Looks closer than this share of the plan are one look. */
const CLOSEST = 0.001;

/** Equal shares of the information, or the shares as they are. */
const looks = z
  .union([z.number(), z.array(z.number())], { error: coded('CAT_VALUE', LOOKS) })
  .transform((yaml, context): readonly number[] => {
    const shares = typeof yaml === 'number' ? equalShares(yaml) : yaml;
    if (areLooks(shares)) return shares;
    context.issues.push({ code: 'custom', input: yaml, message: coded('CAT_VALUE', LOOKS) });
    return z.NEVER;
  })
  .meta({ description: 'How many looks, equally spaced; or the share of the plan at each, the last 1.' });

function equalShares(count: number): readonly number[] {
  return Number.isInteger(count) && count >= 2 && count <= MOST_LOOKS
    ? Array.from({ length: count }, (_, k) => (k + 1) / count)
    : [];
}

function areLooks(shares: readonly number[]): boolean {
  return (
    shares.length > 0 &&
    shares.length <= MOST_LOOKS &&
    shares.at(-1) === 1 &&
    shares.every((share, k) => share >= CLOSEST && (k === 0 || share - shares[k - 1]! >= CLOSEST))
  );
}

const groupSequential = z
  .strictObject({
    looks,
    spending: keyword(SPENDINGS).optional(),
    power: z
      .number({ error: coded('CAT_VALUE', 'must be a finite number above 0') })
      .gt(0, { error: coded('CAT_VALUE', 'must be above 0') })
      .optional()
      .meta({ description: 'Exponent of `spending: power`; 2 where it is left out.' }),
  })
  .transform(({ looks, spending = 'OBRIEN_FLEMING', power = 2 }): GroupSequentialPlan => ({ looks, spending, power }));

const MONITORING =
  'must be `fixed`, `continuous` or `{ groupSequential: { looks: 4 } }`, which says how many looks there are';

const word = z
  .enum(['fixed', 'continuous'], { error: coded('CAT_VALUE', MONITORING) })
  .transform((name) => (name === 'fixed' ? 'FIXED' : 'CONTINUOUS'));

/** YAML of how often a decision is looked at: a word, or the declared looks. */
export const monitoringSchema = z.union([word, z.strictObject({ groupSequential })], {
  error: coded('CAT_VALUE', MONITORING),
});
