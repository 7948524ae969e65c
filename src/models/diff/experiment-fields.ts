import type { AnalysisSettings, Experiment } from '../../catalog/catalog.ts';
import { type Field, field, fieldsOf, showSeconds } from './fields.ts';

/** Levels and corrections: results stay as estimated, what is concluded from them does not. */
const DECISIVE: ReadonlySet<string> = new Set(['alpha', 'harmAlpha', 'correction']);

/** How results are computed. */
export function analysisFields(analysis: AnalysisSettings, prefix: string): readonly Field[] {
  return Object.entries(analysis).flatMap(([name, value]) =>
    fieldsOf(value, DECISIVE.has(name) ? 'DECISIONS' : 'NUMBERS', `${prefix}${name}`),
  );
}

/** What an experiment says, its analysis left out, and the names of its variants and metrics in the fields' names. */
export function experimentFields(experiment: Experiment): readonly Field[] {
  const { variants, metrics, plan, groupSequential, phases, activation } = experiment;
  return [
    ...field('name', experiment.name, 'WORDS'),
    ...field('hypothesis', experiment.hypothesis, 'WORDS'),
    ...field('owner', experiment.owner, 'WORDS'),
    ...field('tags', experiment.tags.join(', ') || null, 'WORDS'),
    ...field('status', experiment.status, 'DECISIONS'),
    ...field('unit', experiment.unit, 'NUMBERS'),
    ...field('assignments', experiment.assignments, 'NUMBERS'),
    ...field('timezone', experiment.timezone, 'NUMBERS'),
    ...field('start', experiment.start, 'NUMBERS'),
    ...field('end', experiment.end, 'NUMBERS'),
    ...field('treatmentEnd', experiment.treatmentEnd, 'NUMBERS'),
    ...variants.flatMap(({ key, name, description, weight, isControl }) => [
      ...field(`variants.${key}`, isControl ? 'control' : 'treatment', 'NUMBERS'),
      ...field(`variants.${key}.weight`, weight, 'DECISIONS'),
      ...field(`variants.${key}.name`, name, 'WORDS'),
      ...field(`variants.${key}.description`, description, 'WORDS'),
    ]),
    ...metrics.flatMap(({ metric, version, role, margin, minimumDetectableEffect }) => [
      ...field(`metrics.${metric}.role`, role.toLowerCase(), role === 'DIAGNOSTIC' ? 'NUMBERS' : 'DECISIONS'),
      ...field(`metrics.${metric}.version`, version, 'NUMBERS'),
      ...field(`metrics.${metric}.margin`, margin, 'DECISIONS'),
      ...field(`metrics.${metric}.mde`, minimumDetectableEffect, 'DECISIONS'),
    ]),
    ...field('plan.end', plan?.end, 'DECISIONS'),
    ...field('plan.unitsPerVariant', plan?.unitsPerVariant, 'DECISIONS'),
    ...field('plan.minRuntime', showSeconds(plan?.minRuntime), 'DECISIONS'),
    ...field('monitoring', experiment.monitoring.toLowerCase(), 'DECISIONS'),
    ...fieldsOf(groupSequential, 'DECISIONS', 'groupSequential'),
    ...field('policy', experiment.policy ?? 'default', 'DECISIONS'),
    ...field('intent', experiment.intent, 'DECISIONS'),
    ...field('multiExposure', experiment.multiExposure, 'NUMBERS'),
    ...fieldsOf(phases, 'NUMBERS', 'phases'),
    ...fieldsOf(activation?.measure, 'NUMBERS', 'activation'),
    ...field('activation.within', showSeconds(activation?.within), 'NUMBERS'),
  ];
}
