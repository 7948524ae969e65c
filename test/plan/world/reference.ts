import type { DropReason, MomentsAnswer } from '../../../src/plan/answer.ts';
import type { Filter } from '../../../src/plan/filter.ts';
import type { MomentsQuestion } from '../../../src/plan/question.ts';
import { type AssignmentRow, at, DAY, type World } from './data.ts';
import { METRICS, type MetricName, type PlainMetric, type PlainVariable } from './metrics.ts';

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
export function ownRows(world: World, { experiment }: Population): readonly AssignmentRow[] {
  // The file without times and experiments holds the rows of `rollout`.
  const key = experiment.assignments === 'untimed' ? 'rollout' : experiment.key;
  return world.assignments.filter((row) => row.experiment === key);
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

/** Facts of a source by unit. Of `sent`, an event with an earlier copy within 24 hours is dropped. */
function factsOf(world: World, source: PlainVariable['source']): ReadonlyMap<string, readonly Fact[]> {
  const rows: readonly Fact[] =
    source === 'profiles'
      ? world.profiles.map((row) => ({ ...row, unit: String(row.unit), at: null }))
      : source === 'visits'
        ? world.visits
        : world.events
            .filter(({ unit, at: when }) => unit !== null && when !== null)
            .map((row) => ({ ...row, unit: String(row.unit) }));
  const kept = source === 'sent' ? firstSent(rows as readonly (Fact & { id: string | null })[]) : rows;
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

/** A unit's value of a variable, null without one; and its faulty rows. */
function unitValue(
  variable: PlainVariable,
  metric: PlainMetric,
  facts: readonly Fact[],
  unit: PlainUnit,
  population: Population,
) {
  const { experiment, asOf } = population;
  const observed = Math.min(instant(asOf), instant(experiment.treatmentEnd));
  const until = metric.window?.length == null ? Math.min(observed, instant(experiment.end)) : observed;
  const own = facts.filter((row) => {
    if (row.at === null) return true;
    if (row.at >= until) return false;
    if (unit.t0 === null) return true;
    const from = unit.t0 + (metric.window?.delay ?? 0);
    return row.at >= from && (metric.window?.length == null || row.at < from + metric.window.length);
  });
  const counted = own.filter((row) => variable.where?.(row) ?? true);
  const raw = counted
    .map((row) => (variable.value === undefined ? 1 : variable.value(row)))
    .filter((value) => value !== null);
  const usable = raw.filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
  const total = usable.reduce((sum, value) => sum + value, 0);
  const value = ((): number | null => {
    switch (variable.aggregate) {
      case 'count':
        return raw.length;
      case 'count_distinct':
        return new Set(raw).size || null;
      case 'sum':
        return usable.length === 0 ? null : total;
      case 'min':
        return usable.length === 0 ? null : Math.min(...usable);
      case 'max':
        return usable.length === 0 ? null : Math.max(...usable);
      case 'avg':
        return usable.length === 0 ? null : total / usable.length;
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
        : 0
      : value;
  const isNumber = variable.aggregate !== 'count' && variable.aggregate !== 'count_distinct';
  return {
    value: settled,
    invalid: isNumber ? raw.length - usable.length : 0,
    below: usable.filter((one) => variable.minimum !== undefined && one < variable.minimum).length,
  };
}

/** What a question for moments must be answered with. */
export function momentsBy(world: World, question: MomentsQuestion): MomentsAnswer {
  const { population, sliceBy, slices, needs, maturity } = question;
  const metric: PlainMetric = METRICS[question.metric.metric as MetricName];
  const observed = Math.min(instant(population.asOf), instant(population.experiment.treatmentEnd));
  const facts = metric.variables.map((variable) => factsOf(world, variable.source));
  const all = unitsOf(world, population)
    .filter(({ fate }) => fate === null)
    .map((unit) => {
      const { window } = metric;
      const immature =
        maturity === 'REQUIRED' && window?.length != null && unit.t0! + window.delay + window.length > observed;
      const found = metric.variables.map((variable, i) =>
        unitValue(variable, metric, facts[i]!.get(String(unit.unit)) ?? [], unit, population),
      );
      const counts = !immature && found.every(({ value }) => value !== null);
      const sliced = slices.findIndex((slice) =>
        slice.every((value, d) => dimensionText(unit.first, sliceBy[d]!) === value),
      );
      return {
        ...unit,
        values: counts ? found.map(({ value }) => value!) : null,
        invalid: found.reduce((sum, one) => sum + one.invalid, 0),
        below: found.reduce((sum, one) => sum + one.below, 0),
        slice: sliceBy.length === 0 ? 0 : sliced < 0 ? slices.length : sliced,
      };
    });
  const { cap = null } = metric;
  const thresholds = metric.variables.map((_, i) => {
    if (cap === null || (i > 0 && cap.sides !== 'both')) return { lower: null, upper: null };
    const sorted = all
      .flatMap(({ values }) => values?.[i] ?? [])
      .filter((value) => cap.zeros === 'include' || value !== 0)
      .sort((a, b) => a - b);
    const read = (threshold: typeof cap.upper) =>
      threshold === null ? null : threshold.kind === 'value' ? threshold.value : quantile(sorted, threshold.percentile);
    return { lower: read(cap.lower), upper: read(cap.upper) };
  });
  const cut = (value: number, i: number) =>
    Math.max(thresholds[i]!.lower ?? -Infinity, Math.min(thresholds[i]!.upper ?? Infinity, value));
  const shown = all.filter(({ first }) => matches(first, population.where));
  const groups = new Map<string, typeof shown>();
  for (const unit of shown)
    groups.set(`${unit.variant} ${unit.slice}`, [...(groups.get(`${unit.variant} ${unit.slice}`) ?? []), unit]);
  return [...groups.values()].map((units) => {
    const counted = units.flatMap(({ values }) => (values === null ? [] : [values]));
    const sums = (rows: readonly (readonly number[])[]) => ({
      units: counted.length,
      pivots: metric.variables.map(() => 0),
      sums: metric.variables.map((_, i) => total(rows.map((row) => row[i]!))),
      products: needs.includes('products')
        ? metric.variables.map((_, i) =>
            metric.variables.slice(0, i + 1).map((__, j) => total(rows.map((row) => row[i]! * row[j]!))),
          )
        : null,
    });
    const firsts = all.flatMap(({ values }) => values?.[0] ?? []);
    const exclude = metric.variables[0]!.whenMissing === 'exclude';
    return {
      variant: units[0]!.variant,
      slice: units[0]!.slice,
      exposed: units.length,
      moments: sums(counted.map((row) => row.map(cut))),
      order: null,
      joint: null,
      shape: null,
      unitsWithValue: needs.includes('values') ? counted.filter(([value]) => exclude || value !== 0).length : null,
      capping:
        cap === null || !needs.includes('capping')
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
