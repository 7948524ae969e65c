import { secondsBetween } from '../../src/core/instant.ts';
import type { TimeGrain } from '../../src/core/vocabulary.ts';
import type { Session } from '../../src/experiment/session.ts';
import type { Answers, ArmMoments, AssignmentCount, ExposureCount } from '../../src/plan/answer.ts';
import { type MomentsQuestion, PHASE, type Question } from '../../src/plan/question.ts';
import { DAYS, type Design, dayAt, START } from './design.ts';
import type { History } from './history.ts';

/** The days of a phase. */
interface Span {
  readonly from: number;
  readonly before: number;
}

export function phasesOf({ phases }: Design): readonly Span[] {
  return phases.map(({ day }, i) => ({ from: day, before: phases[i + 1]?.day ?? DAYS }));
}

/** What a look at a day sees of a history: the answers that the engine would give to a session's questions. */
export function evaluatorOf(history: History, day: number, design: Design): Session['evaluator'] {
  const answer = (question: Question): Answers[Question['kind']] => {
    const asked = question.kind === 'freshness' ? question.asOf : question.population.asOf;
    const at = secondsBetween(START, asked) / 86_400;
    if (at > day) throw new Error(`The look is at ${dayAt(day)}, the question at ${asked}.`);
    switch (question.kind) {
      case 'moments':
        return momentsAt(history, at, question, design);
      case 'assignments':
        return assignmentsAt(history, at, design);
      case 'exposures':
        return exposuresAt(history, at, question.grain, design);
      case 'freshness':
        return { rows: 1000, latest: asked };
      default:
        throw new Error(`The fleet does not answer questions for ${question.kind}.`);
    }
  };
  return {
    // each kind of question is answered in its own kind
    ask: async <Q extends Question>(question: Q) => answer(question) as Answers[Q['kind']],
    estimate: () => Promise.reject(new Error('There is no engine to estimate by.')),
    statements: [],
  };
}

/** Units that entered before an instant, which may be within a day. */
const entered = (at: number): number => Math.min(DAYS, Math.ceil(at));

function assignmentsAt(history: History, at: number, design: Design): readonly AssignmentCount[] {
  const declared = design.declaresPhases ? phasesOf(design) : [{ from: 0, before: DAYS }];
  const seen = declared.filter(({ from }) => from < entered(at));
  return seen.flatMap(({ from, before }, phase) =>
    history.variants.map((variant) => {
      const until = Math.min(before, entered(at));
      const units = history.exposed(variant, from, until);
      const lastExposure = dayAt(until - 1);
      return { reason: null, variant, rows: units, units, lastExposure, ...(design.declaresPhases ? { phase } : {}) };
    }),
  );
}

/** Each day's units enter in its first hour. */
function exposuresAt(history: History, at: number, grain: TimeGrain, design: Design): readonly ExposureCount[] {
  if (grain !== 'DAY' && grain !== 'HOUR') throw new Error('The fleet counts exposures by day and hour.');
  return Array.from({ length: entered(at) }, (_, day) => {
    const period = grain === 'HOUR' ? dayAt(day) : dayAt(day).slice(0, 10);
    const phase = phasesOf(design).findIndex(({ from, before }) => day >= from && day < before);
    return history.variants.map((variant) => {
      const units = history.exposed(variant, day, day + 1);
      return { period, variant, units, ...(design.declaresPhases ? { phase } : {}) };
    });
  }).flat();
}

function momentsAt(
  history: History,
  at: number,
  { metric, maturity, sliceBy, strata, population, needs }: MomentsQuestion,
  design: Design,
): readonly ArmMoments[] {
  const byPhase = strata != null;
  if (sliceBy.length > 0 || population.where !== null || needs.includes('capping') || needs.includes('covariates'))
    throw new Error('The fleet answers for whole populations and metrics without a cap or a covariate.');
  if (byPhase && strata.by.join() !== PHASE) throw new Error('The strata of the fleet are its phases.');
  const matureOnly = maturity === 'REQUIRED' && design.matureOnly;
  const spans = byPhase ? strata.keys.map(([phase]) => phasesOf(design)[Number(phase)]!) : [{ from: 0, before: DAYS }];
  return spans.flatMap(({ from, before }, stratum) =>
    history.variants.flatMap((variant) => {
      const moments = history.moments(variant, metric.metric, { from, before, at, matureOnly });
      if (moments === null) return [];
      return [
        {
          variant,
          slice: 0,
          ...(byPhase ? { stratum } : {}),
          exposed: history.exposed(variant, from, Math.min(before, entered(at))),
          moments,
          order: null,
          joint: null,
          shape: null,
          unitsWithValue: null,
          capping: null,
          invalidRows: null,
          rowsBelowMinimum: null,
        },
      ];
    }),
  );
}
