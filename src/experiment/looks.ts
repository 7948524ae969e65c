import type { GroupSequentialPlan } from '../catalog/catalog.ts';
import type { SequentialMethod } from '../core/vocabulary.ts';
import { leavesUnitsOut } from '../metric-types/metric-type.ts';
import type { Alternative } from '../statistics/alternative.ts';
import { intervalFor } from '../statistics/alternative.ts';
import {
  type GroupSequentialDesign,
  groupSequentialBoundaries,
  type LookBoundary,
} from '../statistics/group-sequential/boundaries.ts';
import { repeatedPValue } from '../statistics/group-sequential/repeated-p-value.ts';
import type { Spending } from '../statistics/group-sequential/spending.ts';
import { computed, type Inference, notComputable } from '../statistics/inference.ts';
import type { SequenceLook } from '../statistics/sequential.ts';
import type { Analysis } from './analysis.ts';
import type { Arms } from './arm-pair.ts';
import type { ResultRow } from './result-row.ts';

/** The data of a line, and the declared look that they are read at where that is known apart from their units. */
export interface AtHand {
  readonly row: ResultRow;
  readonly arms: Arms;
  /** 1 is the first. */
  readonly look?: number;
}

/** An estimate with the standard error of the fixed-horizon test. */
export interface Effect {
  readonly estimate: number;
  readonly standardError: number;
  /** What the always-valid tests count, where it is not the arms' units: GrowthBook counts the events of a quantile. */
  readonly counted?: number;
}

export type GroupMethod = Extract<SequentialMethod, `GROUP_${string}`>;

export function isGroupMethod(method: SequentialMethod): method is GroupMethod {
  return method.startsWith('GROUP_');
}

/** The data are read at a look until this share of the plan has been added: later ones are readings that nobody declared. */
const SLACK = 0.02;
/** Shares of the plan that differ by less are the same. */
const SAME = 1e-9;

/**
 * Share of the planned units that is at hand, by the smaller arm, never past 1: units that count in the metric; exposed ones
 * where a metric leaves units out. null: no units are planned, or the line is of a part of the population, which has no plan.
 */
export function informationOf({ row, arms }: AtHand): number | null {
  const planned = row.experiment.plan?.unitsPerVariant ?? null;
  if (planned === null || row.slice !== null || row.where !== null) return null;
  const exposed = row.metric.variables.some(leavesUnitsOut);
  const units = [arms.control, arms.treatment].map((arm) => (exposed ? arm.exposed : arm.moments.units));
  return Math.min(1, Math.min(...units) / planned);
}

/** The latest declared look whose share of the plan has been reached, from 1; 0: none has. */
export function looksReached({ looks }: GroupSequentialPlan, information: number): number {
  return looks.findLastIndex((share) => share <= information + SAME) + 1;
}

/** Which look a line's data are read at. No declared look, none reached yet, or more data than at the last one: UNPLANNED_LOOK. */
export function lookAtHand(atHand: AtHand): Inference<{ readonly look: number }> {
  const plan = atHand.row.experiment.groupSequential ?? null;
  const information = informationOf(atHand);
  if (plan === null || information === null) return notComputable('UNPLANNED_LOOK');
  if (atHand.look !== undefined) return { ok: true, look: atHand.look };
  const look = looksReached(plan, information);
  const isNow = look > 0 && (look === plan.looks.length || information - plan.looks[look - 1]! <= SLACK + SAME);
  return isNow ? { ok: true, look } : notComputable('UNPLANNED_LOOK');
}

/**
 * One declared look at an effect (Lan & DeMets 1983): the boundary of the declared shares of the plan, the repeated p-value and
 * the repeated confidence interval of Jennison & Turnbull (1989, 2000). Normal quantiles.
 */
export function groupLook(
  atHand: AtHand,
  { estimate, standardError }: Effect,
  options: { readonly method: GroupMethod; readonly alpha: number; readonly alternative?: Alternative },
): Inference<SequenceLook> {
  const { alpha, alternative = 'two-sided' } = options;
  const found = lookAtHand(atHand);
  if (!found.ok) return found;
  if (standardError === 0) return notComputable('ZERO_VARIANCE');
  const statistic = estimate / standardError;
  if (!Number.isFinite(statistic)) return notComputable('OVERFLOW');
  const plan = atHand.row.experiment.groupSequential!; // there is none without a look
  const design = { alpha, alternative, spending: spendingOf(options.method, plan), looks: plan.looks };
  const { boundaryOf, pValueOf } = designFor(atHand.row.analysis, design);
  const { z } = boundaryOf(found.look);
  const pValue = pValueOf(found.look, statistic);
  const level = 1 - alpha;
  if (z === null)
    return { ok: true, pValue, criticalValue: Number.POSITIVE_INFINITY, interval: { lower: null, upper: null, level } };
  const [lower, upper] = [estimate - z * standardError, estimate + z * standardError];
  return computed(
    { pValue, criticalValue: z, interval: intervalFor(lower, upper, level, alternative) },
    statistic,
    lower,
    upper,
  );
}

function spendingOf(method: GroupMethod, { power }: GroupSequentialPlan): Spending {
  if (method === 'GROUP_POCOCK') return { kind: 'POCOCK' };
  return method === 'GROUP_POWER' ? { kind: 'POWER', rho: power } : { kind: 'OBRIEN_FLEMING' };
}

interface Design {
  boundaryOf(look: number): LookBoundary;
  pValueOf(look: number, statistic: number): number;
}

/** Designs of the analyses of running requests: boundaries are found once for all lines, a p-value once for all its readers. */
const designs = new WeakMap<Analysis, Map<string, Design>>();

function designFor(analysis: Analysis, design: GroupSequentialDesign): Design {
  let known = designs.get(analysis);
  if (known === undefined) {
    known = new Map();
    designs.set(analysis, known);
  }
  const key = JSON.stringify(design);
  let found = known.get(key);
  if (found === undefined) {
    found = made(design);
    known.set(key, found);
  }
  return found;
}

function made(design: GroupSequentialDesign): Design {
  let looks: readonly LookBoundary[] | null = null;
  const pValues = new Map<string, number>();
  return {
    boundaryOf(look) {
      if (looks === null) {
        const boundaries = groupSequentialBoundaries(design);
        if (!boundaries.ok) throw new Error(`The looks of a catalog are in order, not ${design.looks.join(', ')}.`);
        looks = boundaries.looks;
      }
      return looks[look - 1]!;
    },
    pValueOf(look, statistic) {
      const key = `${look} ${statistic}`;
      let pValue = pValues.get(key);
      if (pValue === undefined) {
        const repeated = repeatedPValue({ ...design, looks: design.looks.slice(0, look) }, statistic);
        if (!repeated.ok) throw new Error(`The looks of a catalog are in order, not ${design.looks.join(', ')}.`);
        pValue = repeated.pValue;
        pValues.set(key, pValue);
      }
      return pValue;
    },
  };
}
