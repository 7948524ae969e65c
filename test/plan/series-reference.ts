import { type Moments, mergeMoments } from '../../src/core/moments.ts';
import type { ArmMoments, SeriesPoint } from '../../src/plan/answer.ts';
import type { MomentsQuestion, SeriesQuestion } from '../../src/plan/question.ts';
import { at, DAY, type World } from './world/data.ts';
import { momentsBy, unitsOf } from './world/reference.ts';

/**
 * The semantics of series once more: for the end of each period everything is computed from scratch, by the reference that the
 * statements for moments are compared with, in a world that ends there.
 */

const formats = new Map<string, Intl.DateTimeFormat>();

/** The date of an instant in a zone. */
export function dateIn(when: number, timezone: string): string {
  const format = formats.get(timezone) ?? new Intl.DateTimeFormat('en-CA', { timeZone: timezone, dateStyle: 'short' });
  formats.set(timezone, format);
  return format.format(when);
}

/** The first instant of a date in a zone whose offsets are whole quarters of an hour: by trying them all. */
export function beginningOf(date: string, timezone: string): number {
  const noon = Date.parse(`${date}T12:00:00Z`);
  for (let when = noon - 36 * 3_600_000; when <= noon; when += 900_000)
    if (dateIn(when, timezone) === date) return when;
  throw new Error(`${date} does not begin.`);
}

export const nextDate = (date: string, days = 1): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);

export const canonical = (when: number): string => new Date(when).toISOString().replace(/(\.\d{3})Z$/, '$1000Z');

/** The question for moments that a series ends in, read at a moment. */
export function asMoments(question: SeriesQuestion, asOf: string): MomentsQuestion {
  const { population, metric, maturity, sliceBy, slices, pivots } = question;
  return {
    ...{ kind: 'moments', metric, maturity, sliceBy, slices, pivots, needs: ['products', 'values'] },
    population: { ...population, asOf },
  };
}

/**
 * The world without the units that are not analysed at asOf: whom a series is about does not change from point to point, though
 * a unit that is seen in a second variant today was still analysed yesterday.
 */
export function analysed(world: World, { population }: SeriesQuestion): World {
  const units = new Set(unitsOf(world, population).flatMap(({ unit, fate }) => (fate === null ? [unit] : [])));
  const { key } = population.experiment;
  return {
    ...world,
    assignments: world.assignments.filter(
      ({ experiment, unit }) => experiment === key && unit !== null && units.has(unit),
    ),
    events: world.events.filter(({ unit }) => unit !== null && units.has(unit)),
    visits: world.visits.filter(({ unit }) => units.has(Number(unit))),
  };
}

/** The moments of all arms and slices as of an instant. */
export function momentsAt(world: World, question: SeriesQuestion, when: number): readonly ArmMoments[] {
  const asOf = Math.min(when, at(question.population.asOf));
  return momentsBy(world, asMoments(question, canonical(asOf))).filter(({ moments }) => moments.units > 0);
}

/** The world with the events of one stretch of time alone. */
export function during(world: World, from: number, until: number): World {
  const inside = ({ at: when }: { readonly at: number | null }) => when !== null && when >= from && when < until;
  return { ...world, events: world.events.filter(inside), visits: world.visits.filter(inside) };
}

/** The world of the units that have been observed for so many days: of days `from` up to `until` after their exposure. */
export function sinceExposure(
  world: World,
  { population, metric }: SeriesQuestion,
  observed: number,
): (from: number, until: number) => World {
  const { experiment, asOf } = population;
  const isOpen = metric.window === null || metric.window.length === null;
  const end = Math.min(at(asOf), isOpen ? at(experiment.end!) : Number.POSITIVE_INFINITY);
  const units = new Map(
    unitsOf(world, population)
      .filter(({ t0 }) => t0! + observed * DAY <= end)
      .map(({ unit, t0 }) => [String(unit), t0!]),
  );
  return (from, until) => {
    const inside = (unit: unknown, when: number | null) => {
      const t0 = units.get(String(unit));
      return t0 !== undefined && when !== null && when >= t0 + from * DAY && when < t0 + until * DAY;
    };
    return {
      ...world,
      assignments: world.assignments.filter(({ unit }) => units.has(String(unit))),
      events: world.events.filter((row) => inside(row.unit, row.at)),
      visits: world.visits.filter((row) => inside(row.unit, row.at)),
    };
  };
}

/** What points up to a period add up to, by arm and slice. */
export function upTo(points: readonly SeriesPoint[], period: string | number): ReadonlyMap<string, Moments> {
  const sums = new Map<string, Moments>();
  for (const { period: own, variant, slice, added } of points) {
    if (own > period) continue;
    const key = `${variant} ${slice}`;
    const known = sums.get(key);
    sums.set(key, known === undefined ? added : mergeMoments(known, added));
  }
  return new Map([...sums].filter(([, { units }]) => units > 0));
}
