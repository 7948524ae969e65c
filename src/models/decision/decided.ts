import type { Catalog, Experiment } from '../../catalog/catalog.ts';
import { isRamped } from '../../experiment/allocation.ts';
import { assignmentSource } from '../../plan/scope.ts';
import { modelledExperiments } from '../declared.ts';
import { notInSql } from '../line/shape.ts';
import { hasMoments, type Measured, measuredMetrics } from '../results/measured.ts';

/** An experiment as the policy decides it. */
export interface Decided {
  readonly experiment: Experiment;
  readonly control: string;
  /** In declared order. */
  readonly treatments: readonly string[];
  /** Goals in declared order, then guardrails. */
  readonly metrics: readonly Measured[];
  /** Whether its tests are said in SQL: all of them, else the verdict is unknown. */
  readonly inSql: boolean;
}

/** Every experiment of the models, ascending by key. */
export function decidedExperiments(catalog: Catalog): readonly Decided[] {
  const measured = measuredMetrics(catalog);
  return modelledExperiments(catalog).map((experiment) => {
    const { variants, analysis } = experiment;
    const metrics = measured.filter((one) => one.experiment === experiment && one.member.role !== 'DIAGNOSTIC');
    const settings = { ...analysis, sequential: 'NONE' } as const;
    const isGroupSequential = experiment.monitoring === 'GROUP_SEQUENTIAL' && experiment.groupSequential != null;
    return {
      experiment,
      control: variants.find(({ isControl }) => isControl)!.key, // a catalog has one
      treatments: variants.filter(({ isControl }) => !isControl).map(({ key }) => key),
      metrics,
      inSql:
        !isGroupSequential &&
        !isRamped(experiment) &&
        assignmentSource(catalog, experiment).cluster == null &&
        metrics.every((one) => hasMoments(one) && notInSql(catalog, experiment, one.metric, settings) === null),
    };
  });
}
