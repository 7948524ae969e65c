import { blocked } from './blocked.ts';
import { inconclusive } from './inconclusive.ts';
import { invalid } from './invalid.ts';
import { keepRunning } from './keep-running.ts';
import { noEffect } from './no-effect.ts';
import { rollBack } from './roll-back.ts';
import type { Rule } from './rule.ts';
import { ship } from './ship.ts';

/** The default policy: the first rule that holds is the verdict. */
export const DEFAULT_POLICY = {
  name: 'default',
  rules: [blocked, invalid, rollBack, ship, keepRunning, noEffect, inconclusive],
} as const satisfies { readonly name: string; readonly rules: readonly Rule[] };
