import { arrivedAssignments, arrivedRows, dailyRows } from './derived.ts';

/** A small made-up world: who was assigned, and what they did. The same in every run. */
export interface AssignmentRow {
  readonly experiment: string;
  readonly unit: number | null;
  readonly variant: string | null;
  readonly at: number | null;
  readonly country: string | null;
  readonly platform: string | null;
  readonly age: number | null;
  readonly rating: number | null;
  readonly member: boolean | null;
  readonly birthday: string | null;
  readonly joined: string | null;
  readonly bot: boolean | null;
}

export interface EventRow {
  readonly id: string | null;
  readonly unit: number | null;
  readonly name: string;
  readonly product: string | null;
  readonly amount: number | null;
  /** As text: some of it is no number. */
  readonly raw: string | null;
  readonly at: number | null;
}

export interface VisitRow {
  readonly unit: string;
  readonly at: number;
  readonly seconds: number;
}

export interface ProfileRow {
  readonly unit: number;
  readonly plan: string;
  readonly score: number | null;
}

export interface World {
  readonly assignments: readonly AssignmentRow[];
  readonly events: readonly EventRow[];
  readonly visits: readonly VisitRow[];
  readonly profiles: readonly ProfileRow[];
}

/** Marsaglia's xorshift, 32 bits: uniform in [0, 1). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export const at = (instant: string): number => Date.parse(instant);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

interface Enrolment {
  readonly experiment: string;
  readonly start: string;
  readonly days: number;
  readonly variants: readonly string[];
}

/** Experiments as their users were enrolled; `rollout` is far from the others. */
export const ENROLMENTS: readonly Enrolment[] = [
  { experiment: 'checkout', start: '2026-03-20T00:00:00Z', days: 14, variants: ['control', 'treatment'] },
  { experiment: 'pricing', start: '2026-03-25T00:00:00Z', days: 14, variants: ['a', 'b', 'c'] },
  { experiment: 'rollout', start: '2026-09-01T00:00:00Z', days: 7, variants: ['control', 'treatment'] },
];

const UNITS = 240;

export function makeWorld(seed = 20260320): World {
  const next = random(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)]!;
  const chance = (p: number) => next() < p;
  const cents = (most: number) => Math.round(next() * most * 100) / 100;

  const people = Array.from({ length: UNITS }, (_, i) => ({
    unit: 1000 + i,
    country: chance(0.1) ? null : pick(['DE', 'DE', 'FR', 'US', "O'Land", 'Ü"x']),
    platform: pick(['ios', 'android', 'web']),
    age: chance(0.1) ? null : 18 + Math.floor(next() * 50),
    rating: chance(0.1) ? null : Math.round(next() * 50) / 10,
    member: chance(0.1) ? null : chance(0.4),
    birthday: chance(0.1) ? null : `19${60 + Math.floor(next() * 40)}-0${1 + Math.floor(next() * 9)}-15`,
    joined: chance(0.1) ? null : `2025-0${1 + Math.floor(next() * 9)}-10 08:30:0${Math.floor(next() * 10)}`,
    bot: chance(0.1) ? null : chance(0.05),
  }));

  const assignments: AssignmentRow[] = [];
  const events: EventRow[] = [];
  const visits: VisitRow[] = [];
  for (const { experiment, start, days, variants } of ENROLMENTS) {
    for (const person of people) {
      if (chance(0.15)) continue;
      const first = at(start) + Math.floor(next() * days * 86_400) * 1000;
      const row: AssignmentRow = { experiment, variant: pick(variants), at: first, ...person };
      assignments.push(row);
      if (chance(0.2))
        assignments.push({ ...row, at: first + Math.floor(next() * 5 * 86_400) * 1000, country: pick(['DE', 'FR']) });
      if (chance(0.08))
        assignments.push({ ...row, at: first + HOUR * Math.floor(next() * 48), variant: pick(variants) });
      if (chance(0.05)) assignments.push({ ...row, country: 'AA' }); // at the same moment: the first country counts
      for (let i = 0; i < Math.floor(next() * 5); i++)
        happen(person.unit, first - 5 * DAY + Math.floor(next() * 15 * 86_400) * 1000);
      if (chance(0.2))
        for (const edge of [0, -1000, DAY, 3 * DAY, 7 * DAY, 7 * DAY - 1000]) happen(person.unit, first + edge);
      for (let i = 0; i < Math.floor(next() * 4); i++)
        visits.push({
          unit: String(person.unit),
          at: first + Math.floor(next() * 10 * 86_400) * 1000,
          seconds: Math.floor(next() * 900),
        });
    }
    // Sent first before the experiment, and again after the unit's exposure: not an event of the experiment's.
    const early = { id: `early ${experiment}`, unit: 9004, name: 'purchase', product: 'hat', amount: 7, raw: '7' };
    events.push({ ...early, at: at(start) - HOUR }, { ...early, at: at(start) + HOUR });
    const [edge] = variants;
    const odd = { ...people[0]!, experiment, variant: edge!, at: at(start) };
    assignments.push(
      { ...odd, unit: null },
      { ...odd, unit: 9001, variant: null },
      { ...odd, unit: 9002, variant: 'ghost' },
      { ...odd, unit: 9003, at: at(start) - 1000 },
      { ...odd, unit: 9004, at: at(start) },
      { ...odd, unit: 9005, at: at(start) + days * DAY },
      { ...odd, unit: 9006, at: at(start) + days * DAY - 1000 },
      { ...odd, unit: 9007, at: null },
      { ...odd, unit: 9008, at: at('2026-03-23T12:00:00Z') }, // its week is over exactly at the reading in the midst
      { ...odd, unit: 9009, at: at('2026-03-23T12:00:01Z') },
    );
  }

  function happen(unit: number, when: number): void {
    const name = pick(['purchase', 'purchase', 'refund', 'view']);
    const amount = chance(0.1) ? null : name === 'refund' ? -cents(40) : cents(120);
    const raw = amount === null ? null : chance(0.05) ? pick(['NaN', 'Infinity', 'n/a']) : String(amount);
    const event: EventRow = {
      id: `e${events.length}`,
      unit,
      name,
      product: pick(['shoe', 'hat', null]),
      amount,
      raw,
      at: when,
    };
    events.push(event);
    if (chance(0.1)) events.push({ ...event, at: when + pick([0, HOUR, 20 * HOUR, 30 * HOUR]) });
  }
  events.push(
    { ...events[0]!, unit: null, id: 'x1' },
    { ...events[1]!, at: null, id: 'x2' },
    { ...events[2]!, id: null },
    { ...events[2]!, id: null },
  );

  const profiles = people
    .filter(() => chance(0.8))
    .map(({ unit }) => ({ unit, plan: pick(['free', 'pro']), score: chance(0.2) ? null : cents(10) }));
  return { assignments, events, visits, profiles };
}

const iso = (when: number | null): string | null => (when === null ? null : new Date(when).toISOString());
const csv = (rows: readonly Readonly<Record<string, unknown>>[]): string => {
  const cell = (value: unknown) =>
    value === null ? '' : /[",]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
  return `${[Object.keys(rows[0]!), ...rows.map((row) => Object.values(row).map(cell))].map((line) => line.join(',')).join('\n')}\n`;
};

/** The world as files, by the names of the catalog's sources. */
export function worldFiles(world: World): Readonly<Record<string, string>> {
  const { assignments, events, visits, profiles } = world;
  const columns = (row: AssignmentRow) => ({
    experiment_id: row.experiment,
    user_id: row.unit,
    variant: row.variant,
    assigned_at: iso(row.at),
    country: row.country,
    platform_name: row.platform,
    age: row.age,
    rating: row.rating,
    member: row.member,
    birthday: row.birthday,
    joined: row.joined,
    is_bot: row.bot,
  });
  const untimed = assignments
    .filter(({ experiment }) => experiment === 'rollout')
    .map(({ unit, variant, platform }) => ({ user_id: unit, variant, platform }));
  const eventColumns = ({ id, unit, name, product, amount, raw, at: when }: EventRow) => ({
    event_id: id,
    user_id: unit,
    event_name: name,
    product,
    amount,
    raw_amount: raw,
    event_at: iso(when),
  });
  const loaded = ({ loaded: when }: { readonly loaded: number | null }) => ({ loaded_at: iso(when) });
  return {
    'arrived.csv': csv(arrivedRows(world).map((row) => ({ ...eventColumns(row), ...loaded(row) }))),
    'arrived_assignments.csv': csv(arrivedAssignments(world).map((row) => ({ ...columns(row), ...loaded(row) }))),
    'daily.csv': csv(
      dailyRows(world).map(({ unit, at: when, orders, amount }) => ({
        user_id: unit,
        ds: iso(when)!.slice(0, 10),
        orders,
        amount,
      })),
    ),
    'assignments.csv': csv(assignments.map(columns)),
    'untimed.csv': csv(untimed),
    'events.csv': csv(events.map(eventColumns)),
    'visits.csv': csv(visits.map(({ unit, at: when, seconds }) => ({ user: unit, visited_at: iso(when), seconds }))),
    'profiles.csv': csv(profiles.map(({ unit, plan, score }) => ({ user_id: unit, plan, score }))),
  };
}
