import type { Activation, AssignmentSource, Catalog, Experiment, FactSource, Source } from '../catalog/catalog.ts';
import { addSeconds, type CanonicalInstant, earliest, secondsBetween, sqlTimestamp } from '../core/instant.ts';
import type { Dialect } from '../sql/dialect.ts';
import { bind, type Sql } from '../sql/sql.ts';
import { historySource } from './history.ts';
import { PHASE, type Population } from './question.ts';
import { columnOf, untilSql } from './relation.ts';

/** The instants that bound what one experiment's statements read. null: not bounded (no timestamps, or none declared). */
export interface Bounds {
  readonly enrolFrom: CanonicalInstant | null;
  /** End of enrolment or asOf, whichever is first. */
  readonly enrolUntil: CanonicalInstant | null;
  /** Where windowed metrics stop: asOf, or the end of treatment. */
  readonly observedUntil: CanonicalInstant | null;
  /** Where metrics without a window stop: `observedUntil`, or the end of the experiment. */
  readonly measuredUntil: CanonicalInstant | null;
  /** Where exposures stop: the end of enrolment; where units are activated, when the last may be. */
  readonly exposedUntil: CanonicalInstant | null;
}

export type BoundName = Exclude<keyof Bounds, 'exposedUntil'>;

export function boundsOf(experiment: Experiment, asOf: CanonicalInstant, timed: boolean): Bounds {
  const observedUntil = earliest(asOf, experiment.treatmentEnd);
  const enrolUntil = timed ? earliest(asOf, experiment.end) : null;
  const { activation } = experiment;
  const activatedUntil = (within: number | null) =>
    enrolUntil === null || within === null ? observedUntil : earliest(observedUntil, addSeconds(enrolUntil, within));
  return {
    enrolFrom: timed ? earliest(experiment.start) : null,
    enrolUntil,
    observedUntil,
    measuredUntil: earliest(observedUntil, experiment.end),
    exposedUntil: activation == null ? enrolUntil : activatedUntil(activation.within),
  };
}

/** What all the parts of one statement share. */
export interface Scope {
  readonly dialect: Dialect;
  readonly catalog: Catalog;
  readonly source: AssignmentSource;
  /** Ascending by key; they share source, filter, asOf and policy for units in several variants. */
  readonly populations: readonly Population[];
  readonly bounds: readonly Bounds[];
  /** The experiment is a key column only where there are several. */
  readonly keys: readonly string[];
  /** Units compared as text, where the sources of the statement disagree on the type. */
  readonly unitAsText: boolean;
  /** Dimensions of the assignments that the statement reads. */
  readonly dimensions: readonly string[];
  /** The statement tells in which phase a unit was exposed. */
  readonly phased: boolean;
  /** What replaces the exposure; null: nothing does, or the statement is about assignments. */
  readonly activation: Activation | null;
}

export function createScope(
  catalog: Catalog,
  dialect: Dialect,
  populations: readonly Population[],
  needs: {
    readonly facts?: readonly FactSource[];
    readonly dimensions?: readonly string[];
    /** Only units that were activated, from then on. */
    readonly activated?: boolean;
  } = {},
): Scope {
  const sorted = [...populations].sort((a, b) => (a.experiment.key < b.experiment.key ? -1 : 1));
  const source = assignmentSource(catalog, sorted[0]!.experiment);
  const timed = source.timestamp !== null;
  const unitType = (of: Source & { readonly unit: string }) => columnOf(of, of.unit)?.type ?? 'STRING';
  const activation = needs.activated ? (sorted[0]!.experiment.activation ?? null) : null;
  const facts = [
    ...(needs.facts ?? []),
    ...(activation === null ? [] : [factSource(catalog, activation.measure.source)]),
  ];
  return {
    dialect,
    catalog,
    source,
    populations: sorted,
    bounds: sorted.map(({ experiment, asOf }) => boundsOf(experiment, asOf, timed)),
    keys: sorted.length > 1 ? ['experiment'] : [],
    unitAsText: facts.some((one) => unitType(one) !== unitType(source)) || unitType(source) === 'FLOAT',
    dimensions: source.dimensions.map(({ name }) => name).filter((name) => needs.dimensions?.includes(name)),
    phased: needs.dimensions?.includes(PHASE) ?? false,
    activation,
  };
}

export function assignmentSource(catalog: Catalog, experiment: Experiment): AssignmentSource {
  const source = catalog.sources.get(experiment.assignments) ?? historySource(catalog, experiment.assignments);
  if (source?.kind !== 'assignments') throw new Error(`${experiment.assignments} is no source of assignments.`);
  return source;
}

export function factSource(catalog: Catalog, name: string): FactSource {
  const source = catalog.sources.get(name);
  if (source?.kind !== 'facts') throw new Error(`${name} is no source of facts.`);
  return source;
}

/** A bound as SQL: a parameter where the statement has one experiment, else a column of the steps that carry it. */
export function boundSql(scope: Scope, name: BoundName, column: Sql): Sql {
  const [only] = scope.bounds;
  if (scope.bounds.length > 1) return column;
  const instant = only![name]!;
  if (name === 'enrolFrom') return scope.dialect.timestamp(bind(sqlTimestamp(instant)));
  return untilSql(instant, scope.dialect);
}

export const BOUND_COLUMNS = {
  enrolFrom: 'enrol_from',
  enrolUntil: 'enrol_until',
  observedUntil: 'observed_until',
  measuredUntil: 'measured_until',
} as const;

const MOST_WASTE = 1.5;

/**
 * Groups populations that may share a statement so that it reads little in vain: the time from the first start to the last
 * end must be at most 1.5 times the sum of the experiments' own. Experiments without a start cannot be weighed and go alone.
 */
export function clusterByTime(populations: readonly Population[], timed: boolean): readonly (readonly Population[])[] {
  if (!timed) return populations.length > 0 ? [populations] : [];
  const span = (group: readonly Population[]) => {
    const starts = group.map(({ experiment }) => earliest(experiment.start)!).sort();
    const ends = group.map(({ experiment, asOf }) => earliest(asOf, experiment.end)!).sort();
    return Math.max(0, secondsBetween(starts[0]!, ends.at(-1)!));
  };
  const clusters: Population[][] = [];
  const weighable = populations.filter(({ experiment }) => experiment.start !== null);
  const ordered = [...weighable].sort((a, b) =>
    `${a.experiment.start} ${a.experiment.key}` < `${b.experiment.start} ${b.experiment.key}` ? -1 : 1,
  );
  for (const population of ordered) {
    const last = clusters.at(-1);
    const joined = last === undefined ? null : [...last, population];
    if (joined !== null && span(joined) <= MOST_WASTE * joined.reduce((sum, one) => sum + span([one]), 0))
      clusters[clusters.length - 1] = joined;
    else clusters.push([population]);
  }
  return [...clusters, ...populations.filter(({ experiment }) => experiment.start === null).map((one) => [one])];
}
