import type { Experiment, Variant } from '../../src/catalog/catalog.ts';
import { MetricLayerError } from '../../src/core/errors.ts';
import type { GoodWhen, MetricRole, MetricType } from '../../src/core/vocabulary.ts';
import type { Among, Cap, Covariate, Window } from '../../src/metric-types/metric-type.ts';
import type { Answers, ArmCapping, ArmMoments, AssignmentCount, FreshnessAnswer } from '../../src/plan/answer.ts';
import type { ExposuresQuestion, MomentsQuestion, Question } from '../../src/plan/question.ts';

/** One arm by hand: units, mean and standard deviation; a ratio's second variable is constant at 1. */
export interface ArmSketch {
  readonly units: number;
  readonly mean: number;
  readonly sd: number;
  /** Exposed units that are not mature yet; they are like the others. */
  readonly immature?: number;
  readonly capping?: Omit<ArmCapping, 'uncapped'>;
  /** The value before exposure: every unit has one unless fewer are said to. */
  readonly before?: {
    readonly mean: number;
    readonly sd: number;
    readonly correlation: number;
    readonly units?: number;
  };
  /** Of the values: skewness, least and greatest. */
  readonly shape?: { readonly skewness: number; readonly smallest: number; readonly largest: number };
}

export const arm = (mean: number, sd = 1, units = 2000): ArmSketch => ({ units, mean, sd });

export interface MetricSketch {
  readonly role?: MetricRole;
  readonly type?: MetricType;
  readonly goodWhen?: GoodWhen;
  readonly margin?: number;
  readonly mde?: number;
  readonly window?: Window;
  readonly cap?: Cap;
  readonly source?: string;
  readonly whenMissing?: 'zero' | 'exclude';
  readonly covariate?: Covariate;
  readonly among?: Among;
  readonly versions?: readonly number[];
  readonly pinned?: number;
  /** By variant; `failed`: the engine refuses its statement. By slice: the arms of the n-th slice. */
  readonly arms:
    | Readonly<Record<string, ArmSketch>>
    | 'failed'
    | ((question: MomentsQuestion) => Readonly<Record<string, ArmSketch>>);
}

export interface WorldOptions {
  readonly experiment?: Partial<Experiment>;
  readonly now?: string;
  /** Assignments without times. */
  readonly untimed?: boolean;
  readonly eventsUntimed?: boolean;
  readonly assignments?: readonly AssignmentCount[] | 'failed';
  /** By source; a source that is not named is as new as can be. */
  readonly freshness?: Readonly<Record<string, FreshnessAnswer | 'failed'>>;
  /** Units by slice, one variant each; makes `sliceBy` possible. */
  readonly slices?: Answers['slices'];
  /** By period; of hours too where the answer depends on the question. */
  readonly exposures?: Answers['exposures'] | ((question: ExposuresQuestion) => Answers['exposures']);
}

export const NOW = '2026-05-01T00:00:00.000000Z';
export const LAST_EXPOSURE = '2026-03-14T00:00:00.000000Z';

export const variant = (key: string, weight = 0.5, isControl = false): Variant => ({
  key,
  name: key,
  description: null,
  weight,
  isControl,
});
export const TWO = [variant('control', 0.5, true), variant('treatment')] as const;
export const THREE = [variant('control', 1 / 3, true), variant('a', 1 / 3), variant('b', 1 / 3)] as const;

/** Kept units, in equal parts or as given. */
export const kept = (
  units: Readonly<Record<string, number>>,
  lastExposure: string | null = LAST_EXPOSURE,
): readonly AssignmentCount[] =>
  Object.entries(units).map(([key, count]) => ({
    reason: null,
    variant: key,
    rows: count,
    units: count,
    lastExposure,
  }));

/** What a question is answered with in a world of sketches. */
export function answerOf(
  question: Question,
  experiment: Experiment,
  metrics: Readonly<Record<string, MetricSketch>>,
  options: WorldOptions,
): Answers[Question['kind']] {
  const failed = () => new MetricLayerError('ENGINE_FAILED', 'The engine could not run the query.');
  switch (question.kind) {
    case 'moments': {
      const { arms } = metrics[question.metric.metric]!;
      if (arms === 'failed') throw failed();
      const found = typeof arms === 'function' ? arms(question) : arms;
      const slices = question.slices.length === 0 ? [0] : [...question.slices.keys(), question.slices.length];
      return slices.flatMap((slice) =>
        Object.entries(found).map(([key, sketch]) => armMoments(key, slice, sketch, question)),
      );
    }
    case 'assignments':
      if (options.assignments === 'failed') throw failed();
      return (
        options.assignments ??
        kept(
          Object.fromEntries(experiment.variants.map(({ key }) => [key, 2000])),
          options.untimed ? null : LAST_EXPOSURE,
        )
      );
    case 'freshness': {
      const stated = options.freshness?.[question.source.name];
      if (stated === 'failed') throw failed();
      return stated ?? { rows: 4000, latest: question.asOf };
    }
    case 'slices':
      return options.slices ?? [];
    case 'exposures':
      return typeof options.exposures === 'function' ? options.exposures(question) : (options.exposures ?? []);
    case 'series':
    case 'rerandomised':
      return [];
  }
}

function armMoments(
  key: string,
  slice: number,
  { units, mean, sd, immature = 0, capping, before, shape }: ArmSketch,
  { metric, maturity, needs }: MomentsQuestion,
): ArmMoments {
  const counted = maturity === 'ALL' ? units + immature : units;
  const square = sd * sd * Math.max(0, counted - 1);
  const ratio = metric.variables.length === 2;
  const moments = {
    units: counted,
    pivots: ratio ? [mean, 1] : [mean],
    sums: ratio ? [0, 0] : [0],
    products: ratio ? [[square], [0, 0]] : [[square]],
  };
  return {
    variant: key,
    slice,
    exposed: units + immature,
    moments,
    order: null,
    joint:
      before === undefined || !needs.includes('covariates')
        ? null
        : {
            moments: {
              units: counted,
              pivots: [mean, before.mean],
              sums: [0, 0],
              products: [
                [square],
                [before.correlation * sd * before.sd * (counted - 1), before.sd * before.sd * (counted - 1)],
              ],
            },
            unitsWithCovariate: before.units ?? counted,
          },
    shape:
      shape === undefined || !needs.includes('shape')
        ? null
        : {
            cubes: shape.skewness * counted * Math.sqrt((sd * sd * (counted - 1)) / counted) ** 3,
            smallest: shape.smallest,
            largest: shape.largest,
          },
    unitsWithValue: counted,
    capping: capping === undefined ? null : { ...capping, uncapped: moments },
    invalidRows: 0,
    rowsBelowMinimum: 0,
  };
}
