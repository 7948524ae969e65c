import { compareInstants } from '../core/instant.ts';
import type { AssignmentSource, Experiment, Instant, Phase, Variant } from './catalog.ts';
import type { LoadContext } from './load-context.ts';
import type { Located } from './located.ts';
import { WEIGHT_TOLERANCE } from './variants.ts';

/** A phase as it was written. */
export interface StatedPhase {
  readonly from: Instant;
  readonly weights: Readonly<Record<string, number>>;
}

interface PhaseOptions {
  readonly yaml: Located;
  readonly subject: string;
  readonly variants: readonly Variant[];
  /** Whether the variants state weights of their own. */
  readonly weighted: boolean;
  readonly start: Instant | undefined;
  readonly end: Instant | undefined;
  readonly assignments: AssignmentSource | null;
  readonly context: LoadContext;
}

/**
 * How the allocation of an experiment changed, and its variants with the weights of the last phase. A variant that a phase does not
 * name was not assigned to in it.
 */
export function buildPhases(
  stated: readonly StatedPhase[] | undefined,
  options: PhaseOptions,
): Pick<Experiment, 'phases' | 'variants'> {
  const { variants, start, end, assignments, context } = options;
  if (stated === undefined) return { variants };
  const { faults } = context;
  const list = options.yaml.nearest(['phases']);
  const subject = `${options.subject}: \`phases\``;
  if (stated.length === 0) faults.add('CAT_VALUE', list.place, { subject, rule: 'must hold one or more' });
  if (variants.length === 0) {
    const rule = 'need the `variants` beside them, and they are not stated here';
    faults.add('CAT_VARIANTS', list.keyPlace, { subject, rule });
    return { variants };
  }
  if (assignments !== null && assignments.timestamp === null) {
    const rule = `say when units were exposed, but source \`${assignments.name}\` has no \`timestamp\`; name its column there, or leave the phases out`;
    faults.add('CAT_NO_TIMESTAMP', list.keyPlace, { subject, rule });
  }
  if (start === undefined) {
    const rule = 'need the `start` of the experiment beside them: the first phase begins there';
    faults.add('CAT_PERIOD', list.keyPlace, { subject, rule });
  }
  for (const [i, { from }] of stated.entries()) {
    const fault = (rule: string) =>
      faults.add('CAT_PERIOD', list.nearest([i, 'from']).place, {
        subject: `${options.subject}: \`phases.${i}.from\``,
        rule,
      });
    const before = stated[i - 1]?.from;
    if (i === 0 && start !== undefined && compareInstants(from, start) !== 0)
      fault(`must be the start of the experiment, ${start}, because the first phase begins there, not ${from}`);
    if (before !== undefined && compareInstants(before, from) >= 0)
      fault(`is ${from}, which is not after the phase before it, ${before}`);
    if (end !== undefined && compareInstants(from, end) >= 0) fault(`is ${from}, which is not before the end, ${end}`);
  }
  const phases = stated.map((phase, i) => ({ from: phase.from, weights: weightsOf(phase, i, options) }));
  return { phases, variants: finalVariants(phases, options) };
}

function weightsOf({ weights }: StatedPhase, i: number, options: PhaseOptions): ReadonlyMap<string, number> {
  const { variants, context, yaml } = options;
  const { faults } = context;
  const keys = variants.map(({ key }) => key);
  const place = yaml.nearest(['phases', i, 'weights']);
  const subject = `${options.subject}: \`phases.${i}.weights\``;
  for (const name of Object.keys(weights).filter((key) => !keys.includes(key)))
    faults.add('CAT_UNKNOWN_NAME', place.nearest([name]).keyPlace, {
      subject,
      kind: 'variant',
      name,
      suggestion: faults.suggest(name, keys),
    });
  const complete = new Map(keys.map((key) => [key, weights[key] ?? 0]));
  const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
  if (sum === 0)
    faults.add('CAT_WEIGHTS', place.keyPlace, {
      subject,
      rule: 'must have a weight above 0: nobody could be assigned',
    });
  else if (Math.abs(sum - 1) > WEIGHT_TOLERANCE)
    faults.add('CAT_WEIGHTS', place.keyPlace, {
      subject,
      rule: `must sum to 1, but they sum to ${Number(sum.toPrecision(9))}`,
    });
  return complete;
}

/** The weights of the last phase are the variants'; those that they state themselves must be the same. */
function finalVariants(phases: readonly Phase[], options: PhaseOptions): readonly Variant[] {
  const { variants, weighted, yaml, context } = options;
  const final = phases.at(-1)?.weights;
  if (final === undefined) return variants;
  for (const { key, weight } of weighted ? variants : []) {
    const last = final.get(key)!;
    if (Math.abs(last - weight) <= WEIGHT_TOLERANCE) continue;
    context.faults.add('CAT_WEIGHTS', yaml.nearest(['variants', key, 'weight']).place, {
      subject: `${options.subject}: \`variants.${key}.weight\``,
      rule: `is ${weight}, but ${last} in the last of the \`phases\`; say it alike, or leave it out here`,
    });
  }
  return variants.map((variant) => ({ ...variant, weight: final.get(variant.key)! }));
}
