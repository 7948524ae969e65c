import type { AssignmentCount, ExposureCount, FreshnessAnswer, SliceCount } from '../../../src/plan/answer.ts';
import type {
  AssignmentsQuestion,
  ExposuresQuestion,
  FreshnessQuestion,
  Question,
  SlicesQuestion,
} from '../../../src/plan/question.ts';
import { at, type World } from './data.ts';
import { arrivedAssignments, arrivedRows, dailyRows } from './derived.ts';
import { dimensionText, fateOf, matches, momentsBy, ownRows, unitsOf } from './reference.ts';

/** What a question must be answered with, as rows. */
export function answerBy(world: World, question: Question): readonly unknown[] {
  switch (question.kind) {
    case 'moments':
      return momentsBy(world, question);
    case 'assignments':
      return assignmentsBy(world, question);
    case 'exposures':
      return exposuresBy(world, question);
    case 'slices':
      return slicesBy(world, question);
    case 'freshness':
      return [freshnessBy(world, question)];
    case 'series':
    case 'rerandomised':
      throw new Error('Compared elsewhere.');
  }
}

/** Items by a key made of several values. */
function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => unknown): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items)
    groups.set(JSON.stringify(keyOf(item)), [...(groups.get(JSON.stringify(keyOf(item))) ?? []), item]);
  return groups;
}

const canonical = (when: number) => new Date(when).toISOString().replace(/\.\d{3}Z$/, 'Z');

function assignmentsBy(world: World, { population }: AssignmentsQuestion): readonly AssignmentCount[] {
  const { experiment, asOf, where } = population;
  const timed = experiment.assignments !== 'untimed';
  const configured = new Set(experiment.variants.map(({ key }) => key));
  const seen = ownRows(world, population).filter((row) => !timed || row.at === null || row.at < at(asOf));
  const dropped = seen.flatMap((row) => {
    const reason = fateOf(row, population);
    return reason === null || !matches(row, where)
      ? []
      : [{ reason, variant: configured.has(row.variant!) ? row.variant : null, unit: row.unit }];
  });
  const units = unitsOf(world, population).filter(({ first }) => matches(first, where));
  return [
    ...[...grouped(dropped, ({ reason, variant }) => [reason, variant]).values()].map((rows) => ({
      reason: rows[0]!.reason,
      variant: rows[0]!.variant,
      rows: rows.length,
      units: new Set(rows.flatMap(({ unit }) => unit ?? [])).size,
      lastExposure: null,
    })),
    ...[...grouped(units, ({ fate, variant }) => [fate, variant]).values()].map((group) => ({
      reason: group[0]!.fate,
      variant: group[0]!.variant,
      rows: group.reduce((sum, { rows }) => sum + rows, 0),
      units: group.length,
      lastExposure: timed ? canonical(Math.max(...group.map(({ t0 }) => t0!))) : null,
    })),
  ];
}

function exposuresBy(world: World, { population, grain }: ExposuresQuestion): readonly ExposureCount[] {
  const analysed = unitsOf(world, population).filter(
    ({ fate, first }) => fate === null && matches(first, population.where),
  );
  const zone = new Intl.DateTimeFormat('en-CA', { timeZone: population.experiment.timezone, dateStyle: 'short' });
  const periodOf = (t0: number) => {
    if (grain === 'HOUR') return canonical(Math.floor(t0 / 3_600_000) * 3_600_000);
    const date = zone.format(new Date(t0));
    if (grain === 'DAY') return date;
    const day = new Date(`${date}T00:00:00Z`);
    const sinceMonday = (day.getUTCDay() + 6) % 7;
    return new Date(day.getTime() - sinceMonday * 86_400_000).toISOString().slice(0, 10);
  };
  return [...grouped(analysed, ({ t0, variant }) => [periodOf(t0!), variant]).values()].map((group) => ({
    period: periodOf(group[0]!.t0!),
    variant: group[0]!.variant,
    units: group.length,
  }));
}

function slicesBy(world: World, { population, sliceBy, limit }: SlicesQuestion): readonly SliceCount[] {
  const analysed = unitsOf(world, population).filter(
    ({ fate, first }) => fate === null && matches(first, population.where),
  );
  const valuesOf = (unit: (typeof analysed)[number]) => sliceBy.map((name) => dimensionText(unit.first, name));
  const slices = [...grouped(analysed, valuesOf)].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
  const place = new Map(slices.map(([key], i) => [key, i]));
  const shown = (unit: (typeof analysed)[number]) =>
    place.get(JSON.stringify(valuesOf(unit)))! < limit ? valuesOf(unit) : null;
  return [...grouped(analysed, (unit) => [shown(unit), unit.variant]).values()].map((group) => ({
    values: shown(group[0]!),
    variant: group[0]!.variant,
    units: group.length,
  }));
}

function freshnessBy(world: World, { source, asOf }: FreshnessQuestion): FreshnessAnswer {
  const arrived = <Row extends { readonly loaded: number | null }>(rows: readonly Row[]) =>
    rows.filter(({ loaded }) => loaded !== null && loaded < at(asOf));
  const rows: readonly object[] =
    source.name === 'arrived'
      ? arrived(arrivedRows(world))
      : source.name === 'late'
        ? arrived(arrivedAssignments(world))
        : source.name === 'daily'
          ? dailyRows(world)
          : world[source.name as 'events' | 'visits' | 'assignments' | 'profiles'];
  const timed = source.name !== 'profiles';
  const times = rows.map((row) => ('at' in row && typeof row.at === 'number' ? row.at : null));
  const before = times.filter((time) => !timed || (time !== null && time < at(asOf)));
  return { rows: before.length, latest: timed ? canonical(Math.max(...before.flatMap((time) => time ?? []))) : null };
}
