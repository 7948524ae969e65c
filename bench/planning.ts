import type { MetricService } from '../src/graphql/context.ts';
import { plan } from '../src/plan/plan.ts';
import type { MomentsQuestion } from '../src/plan/question.ts';
import { DIALECTS } from '../src/sql/dialects/index.ts';
import { momentsQuestions } from './agreement.ts';
import { type Summary, summaryOf } from './timing.ts';

/** Planning and rendering so many metrics, no two alike; how long it takes, and how many statements come of it. */
export function planMany(
  service: MetricService,
  metrics: readonly string[],
  count: number,
): Summary & { readonly statements: number } {
  const models = momentsQuestions(service, metrics);
  const questions = Array.from({ length: count }, (_, i) => unlike(models[i % models.length]!, i));
  const once = () => plan(service.catalog(), DIALECTS.DUCKDB, questions);
  const taken: number[] = [];
  for (let run = 0; run < 25; run += 1) {
    const started = performance.now();
    once();
    if (run >= 5) taken.push(performance.now() - started);
  }
  return { ...summaryOf(taken), statements: once().length };
}

/** The question, of another metric that looks at other rows. */
function unlike(question: MomentsQuestion, i: number): MomentsQuestion {
  const { metric } = question;
  const variables = metric.variables.map((variable) => {
    const measures = variable.measures.map((measure) => ({
      ...measure,
      where: measure.where === null ? null : { ...measure.where, text: `${measure.where.text} and value > ${i}` },
    }));
    return { ...variable, measures };
  });
  return { ...question, metric: { ...metric, metric: `${metric.metric}_${i}`, variables } };
}
