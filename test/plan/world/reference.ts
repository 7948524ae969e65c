import type { DropReason, MomentsAnswer } from '../../../src/plan/answer.ts';
import type { Filter } from '../../../src/plan/filter.ts';
import type { MomentsQuestion } from '../../../src/plan/question.ts';
import { type AssignmentRow, at, DAY, type World } from './data.ts';
import { arrivedAssignments, arrivedRows, dailyRows } from './derived.ts';
import { distinctDays, hasMatch, takesSteps, timeToFirst, valueAt } from './measured.ts';
import { METRICS, type MetricName, type PlainMetric, type PlainVariable, type PlainWindow } from './metrics.ts';

/**
 * The planner's semantics once more, unit by unit in plain TypeScript, from DESIGN.md §5 and nothing of the product's code: what
 * the statements are compared with.
 */
export interface PlainUnit {
  readonly unit: number;
  readonly variant: string;
  /** null: the assignments have no times. */
  readonly t0: number | null;
  readonly first: AssignmentRow;
  readonly rows: number;
  readonly fate: 'EXCLUDED_BY_RULE' | 'MULTIPLE_VARIANTS' | null;
}

type Population = MomentsQuestion['population'];
const DIMENSIONS = ['country', 'platform', 'age', 'rating', 'member', 'birthday', 'joined'] as const;
const instant = (text: string | null) => (text === null ? Number.POSITIVE_INFINITY : at(text));

/** The assignment rows that an experiment's source holds for it. */
export function ownRows(world: World, { experiment, asOf }: Population): readonly AssignmentRow[] {
  // The file without times and experiments holds the rows of `rollout`.
  const key = experiment.assignments === 'untimed' ? 'rollout' : experiment.key;
  const rows =
    experiment.assignments === 'late'
      ? arrivedAssignments(world).filter(({ loaded }) => loaded !== null && loaded < at(asOf))
      : world.assignments;
  return rows.filter((row) => row.experiment === key);
}

export function fateOf(row: AssignmentRow, { experiment, asOf }: Population): DropReason | null {
  const timed = experiment.assignments !== 'untimed';
  if (row.unit === null) return 'NULL_UNIT';
  if (row.variant === null) return 'NULL_VARIANT';
  if (!experiment.variants.some(({ key }) => key === row.variant)) return 'UNKNOWN_VARIANT';
  if (
    timed &&
    (row.at === null || row.at < at(experiment.start!) || row.at >= Math.min(instant(experiment.end), instant(asOf)))
  )
    return 'OUTSIDE_PERIOD';
  return null;
}

/** Every unit with a row that counts, analysed or not. */
export function unitsOf(world: World, population: Population): readonly PlainUnit[] {
  const { experiment } = population;
  const timed = experiment.assignments !== 'untimed';
  const groups = new Map<number, AssignmentRow[]>();
  for (const row of ownRows(world, population).filter((one) => fateOf(one, population) === null))
    groups.set(row.unit!, [...(groups.get(row.unit!) ?? []), row]);
  return [...groups].map(([unit, rows]) => {
    const order = (row: AssignmentRow) => [timed ? row.at! : 0, row.variant!, row.country ?? '~'] as const;
    const [first] = rows.toSorted((a, b) => compare(order(a), order(b)));
    const several = experiment.multiExposure !== 'first' && new Set(rows.map(({ variant }) => variant)).size > 1;
    const excluded = experiment.assignments === 'people' && rows.some(({ bot }) => bot === true);
    return {
      unit,
      variant: first!.variant!,
      t0: timed ? first!.at : null,
      first: first!,
      rows: rows.length,
      fate: excluded ? 'EXCLUDED_BY_RULE' : several ? 'MULTIPLE_VARIANTS' : null,
    };
  });
}

function compare(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  const i = a.findIndex((value, j) => value !== b[j]);
  return i < 0 ? 0 : a[i]! < b[i]! ? -1 : 1;
}

/** Two-valued: a missing value is different from every value. */
export function matches(row: AssignmentRow, filter: Filter | null): boolean {
  if (filter === null) return true;
  if (filter.kind === 'not') return !matches(row, filter.filter);
  if (filter.kind !== 'test') {
    const each = filter.filters.map((one) => matches(row, one));
    return filter.kind === 'and' ? each.every((one) => one) : each.length === 0 || each.includes(true);
  }
  const value = row[filter.dimension as (typeof DIMENSIONS)[number]];
  const read = (text: string) =>
    typeof value === 'number'
      ? Number(text)
      : typeof value === 'boolean'
        ? text.toLowerCase() === 'true'
        : text.replace('T', ' ');
  const values = filter.values.map(read);
  const [v, w] = [values[0]!, values[1]!];
  switch (filter.operator) {
    case 'IS_NULL':
      return value === null;
    case 'IS_NOT_NULL':
      return value !== null;
    case 'EQ':
      return value !== null && value === v;
    case 'NE':
      return !(value !== null && value === v);
    case 'IN':
      return value !== null && values.includes(value);
    case 'NOT_IN':
      return !(value !== null && values.includes(value));
    case 'GT':
      return value !== null && value > v;
    case 'GTE':
      return value !== null && value >= v;
    case 'LT':
      return value !== null && value < v;
    case 'LTE':
      return value !== null && value <= v;
    case 'BETWEEN':
      return value !== null && value >= v && value <= w;
    case 'CONTAINS':
      return value !== null && String(value).includes(String(v));
    case 'STARTS_WITH':
      return value !== null && String(value).startsWith(String(v));
  }
}

interface Fact {
  readonly unit: string;
  readonly at: number | null;
}

/** Facts of a source by unit. Of `sent` and `arrived`, an event with an earlier copy within 24 hours is dropped. */
function factsOf(world: World, source: PlainVariable['source'], asOf: string): ReadonlyMap<string, readonly Fact[]> {
  const events = {
    events: () => world.events,
    sent: () => world.events,
    arrived: () => arrivedRows(world).filter(({ loaded }) => loaded !== null && loaded < at(asOf)),
    daily: () => dailyRows(world),
  };
  const rows: readonly Fact[] =
    source === 'profiles'
      ? world.profiles.map((row) => ({ ...row, unit: String(row.unit), at: null }))
      : source === 'visits'
        ? world.visits
        : [...events[source]()]
            .filter(({ unit, at: when }) => unit !== null && when !== null)
            .map((row) => ({ ...row, unit: String(row.unit) }));
  const isSentAgain = source === 'sent' || source === 'arrived';
  const kept = isSentAgain ? firstSent(rows as readonly (Fact & { id: string | null })[]) : rows;
  const groups = new Map<string, Fact[]>();
  for (const row of kept) groups.set(row.unit, [...(groups.get(row.unit) ?? []), row]);
  return groups;
}

function firstSent<Row extends Fact & { readonly id: string | null }>(rows: readonly Row[]): readonly Row[] {
  const ordered = rows.toSorted((a, b) => a.at! - b.at!);
  const last = new Map<string, number>();
  return ordered.filter(({ id, at: when }) => {
    if (id === null) return true;
    const before = last.get(id);
    last.set(id, when!);
    return before === undefined || when! > before + DAY;
  });
}

type Facts = (source: PlainVariable['source'], unit: number) => readonly Fact[];

/** A unit's rows in a window that starts at its exposure. Where a row holds a day, windows and observation are of whole days. */
function rowsIn(
  window: PlainWindow | undefined,
  { facts, source }: { readonly facts: Facts; readonly source: PlainVariable['source'] },
  unit: PlainUnit,
  { experiment, asOf }: Population,
): readonly Fact[] {
  const whole = (when: number) => (source === 'daily' ? Math.floor(when / DAY) * DAY : when);
  const observed = Math.min(instant(asOf), instant(experiment.treatmentEnd));
  const until = whole(window?.length == null ? Math.min(observed, instant(experiment.end)) : observed);
  return facts(source, unit.unit).filter((row) => {
    if (row.at === null) return true;
    if (row.at >= until) return false;
    if (unit.t0 === null) return true;
    const from = whole(unit.t0) + (window?.delay ?? 0);
    return row.at >= from && (window?.length == null || row.at < from + window.length);
  });
}

interface UnitValue {
  readonly value: number | null;
  readonly known: boolean;
  readonly invalid: number;
  readonly below: number;
  /** Values of rows before they were cut. */
  readonly rows: readonly number[];
}

/** A unit's value of a variable, null without one; whether it has rows at all; and its faulty rows. */
function unitValue(
  variable: PlainVariable,
  window: PlainWindow | undefined,
  facts: Facts,
  unit: PlainUnit,
  population: Population,
  cut: (value: number) => number = (value) => value,
): UnitValue {
  if (variable.parts !== undefined) {
    const parts = variable.parts.map((part) => unitValue(part, window, facts, unit, population));
    const values = parts.map(({ value }) => value);
    const value = values.some((one) => one === null) ? null : variable.combine!(values as readonly number[]);
    return {
      value: value === null && variable.whenMissing !== 'exclude' ? 0 : value,
      known: parts.some(({ known }) => known) && value !== null,
      invalid: total(parts.map(({ invalid }) => invalid)),
      below: total(parts.map(({ below }) => below)),
      rows: [],
    };
  }
  const { exists, steps } = variable;
  const own = rowsIn(window, { facts, source: variable.source }, unit, population);
  const counted = own
    .filter((row) => variable.where?.(row) ?? true)
    .filter((row) => exists === undefined || isMatched(row, exists, window, { facts, unit, population }));
  const raw = counted
    .map((row) => (variable.value === undefined ? 1 : variable.value(row)))
    .filter((value) => value !== null);
  const isUsable = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
  const uncut = raw.filter(isUsable);
  const usable = uncut.map(cut);
  const timed = counted.flatMap((row) => {
    const of = variable.value?.(row);
    return isUsable(of) ? [{ at: row.at!, value: cut(of) }] : [];
  });
  const value = ((): number | null => {
    switch (variable.aggregate) {
      case 'count':
        return raw.length;
      case 'count_distinct':
        return new Set(raw).size || null;
      case 'sum':
        return usable.length === 0 ? null : total(usable);
      case 'min':
        return usable.length === 0 ? null : Math.min(...usable);
      case 'max':
        return usable.length === 0 ? null : Math.max(...usable);
      case 'avg':
        return usable.length === 0 ? null : total(usable) / usable.length;
      case 'first':
      case 'last':
        return valueAt(variable.aggregate, timed);
      case 'distinct_days':
        return distinctDays(counted, variable.source === 'daily' ? null : unit.t0);
      case 'time_to_first':
        return timeToFirst(counted, unit.t0!, variable.unit);
      case 'funnel':
        return Number(takesSteps(own, steps!));
      default:
        throw new Error(`No reference for ${variable.aggregate}.`);
    }
  })();
  const empty = counted.length === 0 || value === null;
  const settled = variable.indicator
    ? Number((value ?? 0) > 0)
    : empty
      ? variable.whenMissing === 'exclude'
        ? null
        : (variable.missing ?? 0)
      : value;
  const isNumber = variable.value !== undefined && variable.aggregate !== 'count_distinct';
  return {
    value: variable.threshold === undefined || settled === null ? settled : Number(variable.threshold(settled)),
    // What a unit without the steps did says no more than that it did not take them.
    known: variable.aggregate === 'funnel' ? value === 1 : !empty,
    invalid: isNumber ? raw.length - uncut.length : 0,
    below: uncut.filter((one) => variable.minimum !== undefined && one < variable.minimum).length,
    rows: uncut,
  };
}

/** Whether the other source has a row with this one: one that is known by the end of observation, or before the exposure. */
function isMatched(
  row: Fact,
  exists: NonNullable<PlainVariable['exists']>,
  window: PlainWindow | undefined,
  {
    facts,
    unit,
    population: { experiment, asOf },
  }: { readonly facts: Facts; readonly unit: PlainUnit; readonly population: Population },
): boolean {
  if ((window?.delay ?? 0) < 0 && row.at! >= unit.t0! - exists.within!) return false;
  const observed = Math.min(instant(asOf), instant(experiment.treatmentEnd));
  const until = window?.length == null ? Math.min(observed, instant(experiment.end)) : observed;
  // The keys of the world's pairs of sources are the units.
  return hasMatch(row, exists, facts(exists.source, Number(row.unit)), until);
}

/** What a question for moments must be answered with. */
export function momentsBy(world: World, question: MomentsQuestion): MomentsAnswer {
  const { population, sliceBy, slices, needs, maturity } = question;
  const metric: PlainMetric = METRICS[question.metric.metric as MetricName];
  const observed = Math.min(instant(population.asOf), instant(population.experiment.treatmentEnd));
  const sources = new Map<string, ReturnType<typeof factsOf>>();
  const facts: Facts = (source, unit) => {
    const known = sources.get(source) ?? factsOf(world, source, population.asOf);
    sources.set(source, known);
    return known.get(String(unit)) ?? [];
  };
  const { covariate = null, among = null } = metric;
  const all = unitsOf(world, population)
    .filter(({ fate }) => fate === null)
    .map((unit) => {
      const { window } = metric;
      const immature =
        maturity === 'REQUIRED' &&
        window?.length != null &&
        unit.t0! + window.delay + window.length + (window.settle ?? 0) > observed;
      const found = metric.variables.map((variable, i) =>
        unitValue(variable, window, facts, unit, population, (value) => cutRow(metric, i, value)),
      );
      const uncut = metric.variables.map((variable) => unitValue(variable, window, facts, unit, population));
      const preceding =
        covariate === null
          ? []
          : metric.variables.map((variable, i) =>
              unitValue(
                covariate.missing === 'zero' ? { ...variable, whenMissing: undefined! } : variable,
                { delay: -covariate.lookback, length: covariate.lookback },
                facts,
                unit,
                population,
                (value) => cutRow(metric, i, value),
              ),
            );
      const known = preceding.some((one) => one.known);
      const isAmong =
        among === null ||
        rowsIn(
          among.lookback === undefined ? window : { delay: -among.lookback, length: among.lookback },
          { facts, source: among.source },
          unit,
          population,
        ).some(among.where);
      const counts = !immature && isAmong && found.every(({ value }) => value !== null);
      const sliced = slices.findIndex((slice) =>
        slice.every((value, d) => dimensionText(unit.first, sliceBy[d]!) === value),
      );
      return {
        ...unit,
        values: counts ? found.map(({ value }) => value!) : null,
        uncut: counts ? uncut.map(({ value }) => value!) : null,
        rows: counts ? found.map(({ rows }) => rows) : [],
        before: preceding.map(({ value }) => value ?? 0),
        missing: covariate?.missing === 'indicator' ? [known ? 0 : 1] : [],
        known,
        invalid: found.reduce((sum, one) => sum + one.invalid, 0),
        below: found.reduce((sum, one) => sum + one.below, 0),
        slice: sliceBy.length === 0 ? 0 : sliced < 0 ? slices.length : sliced,
      };
    });
  const perEvent = metric.cap?.per === 'event';
  const cap = perEvent ? null : (metric.cap ?? null);
  const thresholdsOf = (read: (unit: (typeof all)[number]) => readonly number[]) =>
    metric.variables.map((_, i) => {
      if (cap === null || (i > 0 && cap.sides !== 'both')) return { lower: null, upper: null };
      const sorted = all
        .flatMap((unit) => (unit.values === null ? [] : (read(unit)[i] ?? [])))
        .filter((value) => cap.zeros === 'include' || value !== 0)
        .sort((a, b) => a - b);
      const limit = (threshold: typeof cap.upper) =>
        threshold === null
          ? null
          : threshold.kind === 'value'
            ? threshold.value
            : quantile(sorted, threshold.percentile);
      return { lower: limit(cap.lower), upper: limit(cap.upper) };
    });
  const thresholds = thresholdsOf(({ values }) => values!);
  const thresholdsBefore = thresholdsOf(({ before }) => before);
  const cutTo = (of: typeof thresholds) => (value: number, i: number) =>
    Math.max(of[i]!.lower ?? -Infinity, Math.min(of[i]!.upper ?? Infinity, value));
  const cut = cutTo(thresholds);
  const shown = all.filter(({ first }) => matches(first, population.where));
  const groups = new Map<string, typeof shown>();
  for (const unit of shown)
    groups.set(`${unit.variant} ${unit.slice}`, [...(groups.get(`${unit.variant} ${unit.slice}`) ?? []), unit]);
  return [...groups.values()].map((units) => {
    const counted = units.flatMap(({ values }) => (values === null ? [] : [values]));
    const joint = units.flatMap(({ values, before, missing }) =>
      values === null ? [] : [[...values.map(cut), ...before.map(cutTo(thresholdsBefore)), ...missing]],
    );
    const indices = metric.variables.map((_, i) => i);
    const sums = (rows: readonly (readonly number[])[], of: readonly number[] = indices) => ({
      units: counted.length,
      pivots: of.map(() => 0),
      sums: of.map((i) => total(rows.map((row) => row[i]!))),
      products:
        needs.includes('products') || needs.includes('covariates')
          ? of.map((i) => of.slice(0, i + 1).map((j) => total(rows.map((row) => row[i]! * row[j]!))))
          : null,
    });
    const all0 = counted.map(([value]) => cut(value!, 0));
    const firsts = all.flatMap(({ values }) => values?.[0] ?? []);
    const [first] = metric.variables;
    const exclude = first!.whenMissing === 'exclude';
    const none = first!.threshold === undefined ? (first!.missing ?? 0) : 0;
    return {
      variant: units[0]!.variant,
      slice: units[0]!.slice,
      exposed: units.length,
      moments: sums(counted.map((row) => row.map(cut))),
      order: null,
      joint:
        covariate === null || !needs.includes('covariates')
          ? null
          : {
              moments: sums(
                joint,
                (joint[0] ?? [...indices, ...indices]).map((_, i) => i),
              ),
              unitsWithCovariate: units.filter(({ values, known }) => values !== null && known).length,
            },
      shape: needs.includes('shape')
        ? {
            cubes: total(all0.map((value) => value ** 3)),
            smallest: all0.length === 0 ? null : Math.min(...all0),
            largest: all0.length === 0 ? null : Math.max(...all0),
          }
        : null,
      unitsWithValue: needs.includes('values') ? counted.filter(([value]) => exclude || value !== none).length : null,
      capping: !needs.includes('capping')
        ? null
        : perEvent
          ? rowCapping(metric, all, units, sums)
          : cap === null
            ? null
            : {
                ...thresholds[0]!,
                minimum: Math.min(...firsts),
                maximum: Math.max(...firsts),
                cappedUnits: counted.filter((row) => row.some((value, i) => cut(value, i) !== value)).length,
                uncapped: sums(counted),
              },
      invalidRows: needs.includes('quality') ? total(units.map(({ invalid }) => invalid)) : null,
      rowsBelowMinimum: needs.includes('quality') ? total(units.map(({ below }) => below)) : null,
    };
  });
}

/** A row's value as it counts for variable i. */
function cutRow({ cap }: PlainMetric, i: number, value: number): number {
  if (cap?.per !== 'event' || (i > 0 && cap.sides !== 'both')) return value;
  const at = (threshold: typeof cap.upper, open: number) => (threshold?.kind === 'value' ? threshold.value : open);
  return Math.max(at(cap.lower, -Infinity), Math.min(at(cap.upper, Infinity), value));
}

interface Uncut {
  readonly uncut: readonly number[] | null;
  readonly rows: readonly (readonly number[])[];
}

/** What a cap of rows took away from units, and the range of all rows. */
function rowCapping<Sums>(
  metric: PlainMetric,
  all: readonly Uncut[],
  units: readonly Uncut[],
  sums: (rows: readonly (readonly number[])[]) => Sums,
) {
  const at = (threshold: NonNullable<PlainMetric['cap']>['upper']) =>
    threshold?.kind === 'value' ? threshold.value : null;
  const firsts = all.flatMap(({ rows }) => rows[0] ?? []);
  return {
    lower: at(metric.cap!.lower),
    upper: at(metric.cap!.upper),
    minimum: Math.min(...firsts),
    maximum: Math.max(...firsts),
    cappedUnits: units.filter(({ rows }) =>
      rows.some((values, i) => values.some((value) => cutRow(metric, i, value) !== value)),
    ).length,
    uncapped: sums(units.flatMap(({ uncut }) => (uncut === null ? [] : [uncut]))),
  };
}

/** A row's value of a dimension as text. */
export function dimensionText(row: AssignmentRow, dimension: string): string | null {
  const value = row[dimension as (typeof DIMENSIONS)[number]];
  return value === null ? null : String(value);
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

function quantile(sorted: readonly number[], p: number): number {
  const place = p * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  return below + (sorted[Math.ceil(place)]! - below) * (place - Math.floor(place));
}
