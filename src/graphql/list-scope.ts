import { resultColumns } from '../experiment/results-table.ts';
import type { Session } from '../experiment/session.ts';
import { type ExperimentShape, linesOf, NO_EXPERIMENT, shapeOf } from './experiment-shape.ts';
import { type FieldArguments, type ListScope, SLICES, SUMMARY_WIDTH } from './list-bounds.ts';
import { MOST_IN_CONNECTION, MOST_IN_TABLE } from './paging.ts';

/** What entering a field makes known, and how many items it must list before it takes its page. */
export interface Entered {
  readonly inner: ListScope;
  readonly listed: number;
}

export function outermostScope({ catalog }: Session): ListScope {
  return {
    shape: NO_EXPERIMENT,
    items: 0,
    columns: 0,
    experiments: [],
    metrics: catalog.metrics.size,
    sources: catalog.sources.size,
    warnings: catalog.warnings.length,
  };
}

/** The scope inside a field: experiments and pages are entered, everything else changes nothing. */
export function enterField(session: Session, name: string, args: FieldArguments, scope: ListScope): Entered {
  const page = (length: number, most = MOST_IN_CONNECTION) =>
    Math.max(0, Math.min(length, most, Math.floor(Number(args.first ?? most))));
  switch (name) {
    case 'Query.node':
      return entered({ ...scope, shape: largest(shapesOf(session, null)) });
    case 'Query.experiment':
      return entered({ ...scope, shape: shapesOf(session, [String(args.key)])[0] ?? NO_EXPERIMENT });
    case 'Query.experiments': {
      const experiments = shapesOf(session, keysOf(args.filter));
      return entered({ ...scope, experiments, items: page(experiments.length) });
    }
    case 'Query.metrics':
      return entered({ ...scope, items: page(scope.metrics) });
    case 'Experiment.results': {
      const lines = linesOf(scope.shape, args.filter, SLICES);
      return { inner: { ...scope, items: page(lines) }, listed: 0 };
    }
    case 'Experiment.anomalies': {
      const { goals, guardrails, diagnostics, variants } = scope.shape;
      // Each day of each metric may stand out, in all variants or in each.
      const most = (goals + guardrails + diagnostics) * (variants + 1) * (scope.shape.days + 1);
      return { inner: { ...scope, items: page(most) }, listed: 0 };
    }
    case 'Query.experimentResults': {
      // A key given twice is listed twice.
      const lines = sum(
        shapesOf(session, args.experiments as readonly string[]).map((shape) => linesOf(shape, args.filter, SLICES)),
      ); // [String!]! by the schema
      const sliceBy = (args.filter as { sliceBy?: readonly string[] | null } | null | undefined)?.sliceBy ?? []; // ResultFilter by the schema
      return {
        inner: { ...scope, columns: resultColumns(sliceBy).length, items: page(lines, MOST_IN_TABLE) },
        listed: lines,
      };
    }
    case 'Query.experimentSummaries': {
      const rows = sum(shapesOf(session, keysOf(args.filter)).map(({ variants }) => Math.max(0, variants - 1)));
      return { inner: { ...scope, columns: SUMMARY_WIDTH, items: page(rows, MOST_IN_TABLE) }, listed: rows };
    }
    default:
      return entered(scope);
  }
}

const entered = (inner: ListScope): Entered => ({ inner, listed: 0 });
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

/** Of the experiments with these keys, in their order; null: all. */
function shapesOf({ catalog, now }: Session, keys: readonly string[] | null): readonly ExperimentShape[] {
  const known =
    keys === null
      ? [...catalog.experiments.values()]
      : keys.map((key) => catalog.experiments.get(key)).filter((one) => one !== undefined);
  return known.map((experiment) => shapeOf(experiment, now));
}

/** Larger in every way than any of them. */
function largest(shapes: readonly ExperimentShape[]): ExperimentShape {
  const most = (field: keyof ExperimentShape) => shapes.reduce((highest, shape) => Math.max(highest, shape[field]), 0);
  return {
    goals: most('goals'),
    guardrails: most('guardrails'),
    diagnostics: most('diagnostics'),
    variants: most('variants'),
    days: most('days'),
  };
}

/** The keys that an `ExperimentFilter` names; its other fields are not read. */
function keysOf(filter: unknown): readonly string[] | null {
  const keys = (filter as { keys?: readonly string[] | null } | null | undefined)?.keys; // ExperimentFilter by the schema
  return keys == null ? null : [...new Set(keys)];
}
