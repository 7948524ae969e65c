import { createContext, type MetricService } from '../src/graphql/context.ts';
import type { MomentsQuestion } from '../src/plan/question.ts';
import type { Statistics } from './recipes.ts';

const TOLERANCE = 1e-9;

/** The questions for everything that a scorecard of these metrics needs. */
export function momentsQuestions(service: MetricService, metrics: readonly string[]): readonly MomentsQuestion[] {
  const catalog = service.catalog();
  const experiment = catalog.experiments.get('exp_focus')!;
  const { now } = createContext(service).session;
  return metrics.map((name) => ({
    kind: 'moments',
    population: { experiment, where: null, asOf: now },
    metric: catalog.metrics.get(name)!.versions.at(-1)!,
    maturity: 'REQUIRED',
    sliceBy: [],
    slices: [],
    needs: ['products'],
    pivots: null,
  }));
}

/** Our sufficient statistics against those of another; throws with every difference. Counts are exact, sums within 1e-9. Returns how many agreed. */
export async function agree(service: MetricService, metrics: readonly string[], theirs: Statistics): Promise<number> {
  const { evaluator } = createContext(service).session;
  const answers = await Promise.all(momentsQuestions(service, metrics).map((question) => evaluator.ask(question)));
  const differences: string[] = [];
  let compared = 0;
  const same = (what: string, ours: number, other: number | undefined, tolerance: number) => {
    compared += 1;
    if (other !== undefined && Math.abs(ours - other) <= tolerance * Math.max(Math.abs(ours), Math.abs(other))) return;
    differences.push(`${what}: ${ours} here, ${other} by hand`);
  };
  metrics.forEach((metric, m) => {
    const arms = theirs.get(metric)!;
    same(`${metric}: arms`, answers[m]!.length, arms.size, 0);
    for (const { variant, moments } of answers[m]!) {
      const other = arms.get(variant);
      // Totals of counts are whole numbers, and exact in a double.
      const tolerance = /^(cv|ct)_|^rt_ctr$/.test(metric) ? 0 : TOLERANCE;
      same(`${metric} ${variant}: units`, moments.units, other?.units, 0);
      for (const [i, sum] of moments.sums.entries())
        same(`${metric} ${variant}: sum ${i}`, sum, other?.sums[i], tolerance);
      for (const [i, row] of moments.products!.entries())
        for (const [j, product] of row.entries())
          same(`${metric} ${variant}: product ${i}${j}`, product, other?.products[i]?.[j], tolerance);
    }
  });
  if (differences.length > 0) throw new Error(`The numbers differ:\n${differences.join('\n')}`);
  return compared;
}
