import { adjustmentFamily } from './families/adjustments.ts';
import { bayesianFamily } from './families/bayesian.ts';
import { correctionFamily } from './families/corrections.ts';
import { differenceFamily } from './families/differences.ts';
import { groupSequentialFamily } from './families/group-sequential.ts';
import { liftFamily } from './families/lifts.ts';
import { marginFamily } from './families/margins.ts';
import { powerFamily } from './families/power.ts';
import { quantileFamily } from './families/quantiles.ts';
import { sequenceFamily } from './families/sequences.ts';
import { srmFamily } from './families/srm.ts';
import { trendFamily } from './families/trends.ts';
import type { Family } from './simulation.ts';

/** All that is simulated, in the order of the report; a new one is a file in `families/` and a line here. */
export const FAMILIES: readonly Family[] = [
  differenceFamily,
  liftFamily,
  quantileFamily,
  adjustmentFamily,
  sequenceFamily,
  groupSequentialFamily,
  marginFamily,
  correctionFamily,
  srmFamily,
  bayesianFamily,
  powerFamily,
  trendFamily,
];

/** The seed of the committed report. */
export const SEED = 20260601;
