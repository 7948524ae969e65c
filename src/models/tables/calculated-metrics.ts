import { groupBy } from '../../core/group-by.ts';
import { type SharedMoments, sharedMoments } from '../../plan/plan-moments.ts';
import type { MomentsQuestion } from '../../plan/question.ts';
import { populationUntilHorizon } from '../as-of.ts';
import { type DeclaredMetric, declaredMetrics, modelledExperiments } from '../declared.ts';
import type { ModelContext } from '../model.ts';

/** Whether a unit has one value of the metric: quantiles of events are of rows. */
export const isCalculated = ({ metric }: Pick<DeclaredMetric, 'metric'>): boolean => metric.quantile?.over !== 'events';

/** The metrics of experiments that have a value a unit, in groups of those that one scan of the sources tells. */
export function calculatedTogether({ catalog, dialect }: ModelContext): readonly SharedMoments[] {
  const questions = modelledExperiments(catalog)
    .flatMap((experiment) => declaredMetrics(catalog, experiment))
    .filter(isCalculated)
    .map(
      ({ experiment, metric }): MomentsQuestion => ({
        ...{ kind: 'moments', metric, maturity: 'ALL', sliceBy: [], slices: [], pivots: null },
        population: populationUntilHorizon(experiment),
        needs: ['products', 'covariates'],
      }),
    );
  return withLittleWaste({ catalog, dialect }, questions);
}

/** Questions in few statements, none of which computes much that nobody asked for. */
export function withLittleWaste(
  { catalog, dialect }: Pick<ModelContext, 'catalog' | 'dialect'>,
  questions: readonly MomentsQuestion[],
): readonly SharedMoments[] {
  const shared = sharedMoments(catalog, questions);
  // Trino plans each part of a statement in stages, of which it takes 150.
  if (dialect.reuse.kind === 'inlined') return shared;
  return shared.flatMap(({ served }) => alike(served).flatMap((group) => sharedMoments(catalog, group)));
}

const MOST_WASTE = 1.5;

/** Questions of experiments with much the same metrics: a statement computes each of its metrics for all of its experiments. */
function alike(questions: readonly MomentsQuestion[]): readonly (readonly MomentsQuestion[])[] {
  const nameOf = ({ metric }: MomentsQuestion) => `${metric.metric} ${metric.number}`;
  const groups: { readonly names: Set<string>; experiments: number; readonly questions: MomentsQuestion[] }[] = [];
  for (const own of groupBy(questions, ({ population }) => population.experiment.key).values()) {
    const fits = groups.find(({ names, experiments, questions: others }) => {
      const all = new Set([...names, ...own.map(nameOf)]);
      return all.size * (experiments + 1) <= MOST_WASTE * (others.length + own.length);
    });
    const group = fits ?? { names: new Set<string>(), experiments: 0, questions: [] };
    if (fits === undefined) groups.push(group);
    for (const question of own) group.names.add(nameOf(question));
    group.experiments += 1;
    group.questions.push(...own);
  }
  return groups.map((group) => group.questions);
}
