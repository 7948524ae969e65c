import { blocked } from './blocked.ts';
import { inconclusive } from './inconclusive.ts';
import { invalid } from './invalid.ts';
import { keepRunning } from './keep-running.ts';
import { noEffect } from './no-effect.ts';
import { rollBack } from './roll-back.ts';
import type { Rule } from './rule.ts';
import { ship } from './ship.ts';

/** Every policy's rules in order, the first that holds is the verdict. What differs is the tests they look at: `policy-tests.ts`. */
export const RULES: readonly Rule[] = [blocked, invalid, rollBack, ship, keepRunning, noEffect, inconclusive];
