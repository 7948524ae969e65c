import { createHash } from 'node:crypto';

/** A shop's raw rows, each with the day on which it arrived. */
export interface Arrivals {
  readonly assignments: readonly (readonly [arrived: number, row: string])[];
  readonly events: readonly (readonly [arrived: number, row: string])[];
}

const DAY = 86_400;
export const START = Date.parse('2026-03-01T00:00:00Z') / 1000;
export const DAYS = 30;
/** Days from which on the catalog is another. */
export const CHANGES: readonly number[] = [0, 12, 20];
const USERS = 400;
const PER_DAY = 20;

/** A number in [0, 1) that hangs on its name alone. */
const chance = (...name: readonly (string | number)[]): number =>
  Number.parseInt(createHash('md5').update(name.join(' ')).digest('hex').slice(0, 13), 16) / 2 ** 52;

const instant = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 23).replace('T', ' ');
const text = (value: string | null): string => (value === null ? 'null' : `'${value}'`);

/** Rows of 30 days: some arrive a day late, some are sent twice, some units are seen in a second variant. */
export function makeArrivals(): Arrivals {
  const assignments: (readonly [number, string])[] = [];
  const events: (readonly [number, string])[] = [];
  const arrival = (at: number, late: boolean) => Math.floor((at - START) / DAY) + (late ? 1 : 0);
  const assign = (experiment: string, user: number, at: number, variant: string | null, late: boolean) => {
    const bot = chance('bot', user) < 0.02;
    const row = `(${text(experiment)}, ${user % 97 === 0 ? 'null' : user}, ${text(variant)}, timestamp '${instant(at)}', ${text(['DE', 'FR', 'IT'][user % 3]!)}, ${bot})`;
    assignments.push([arrival(at, late), row]);
  };
  for (const [experiment, first] of [
    ['early', 0],
    ['later', 9],
  ] as const)
    for (let user = 1; user <= USERS; user += 1) {
      const day = first + Math.floor(user / PER_DAY);
      if (day >= DAYS) continue;
      const at = START + (day + chance(experiment, 'at', user)) * DAY;
      const variant = chance(experiment, user) < 0.5 ? 'control' : 'treatment';
      assign(experiment, user, at, variant, chance('late', experiment, user) < 0.1);
      // Met again: later that day, on other days, and sometimes in another variant.
      for (const again of [1, 2, 3]) {
        const then = at + chance('again', experiment, user, again) * 6 * DAY;
        if (then >= START + DAYS * DAY) continue;
        const other = chance('other', experiment, user, again) < 0.03;
        assign(experiment, user, then, other ? 'treatment' : variant, chance('late', experiment, user, again) < 0.1);
      }
    }
  let id = 0;
  for (let user = 1; user <= USERS; user += 1)
    for (let day = 0; day < DAYS; day += 1)
      for (let n = 0; n < 3; n += 1) {
        if (chance('event', user, day, n) < 0.4) continue;
        id += 1;
        const at = START + (day + chance('time', id)) * DAY;
        const name = ['view', 'purchase', 'search'][Math.floor(chance('name', id) * 3)]!;
        const row = `(${id}, ${user}, '${name}', ${(chance('amount', id) * 100).toFixed(2)}, timestamp '${instant(at)}')`;
        events.push([arrival(at, chance('late event', id) < 0.1), row]);
        if (chance('sent again', id) < 0.05)
          events.push([arrival(at, chance('late copy', id) < 0.3), row.replace(instant(at), instant(at + 600))]);
      }
  return { assignments, events };
}

/** The catalog as it stands on a day: a definition changes on day 12, a metric is added on day 20. `covariate`: spending has one. */
export function catalogOn(day: number, covariate: boolean): string {
  const added =
    day < 20
      ? ''
      : `\n  searches: { type: mean, source: events, value: { where: "event_name = 'search'" }, goodWhen: up }`;
  const before = covariate ? ', covariate: { lookback: 3d }' : '';
  const least = day < 12 ? '' : ' and amount >= 20';
  const metrics =
    day < 20 ? '[spend, converted, order_value, latest]' : '[spend, converted, order_value, latest, searches]';
  return `
engine: { kind: duckdb, path: shop.duckdb }
sources:
  assignments:
    kind: assignments
    table: raw.assignments
    unit: user_id
    experiment: experiment
    variant: variant
    timestamp: assigned_at
    dimensions: { country: {} }
    exclude: is_bot
  events:
    kind: facts
    table: raw.events
    unit: user_id
    timestamp: event_at
    id: { column: id, within: 1h }
metrics:
  spend: { type: mean, source: events, value: { column: amount, aggregate: sum, where: "event_name = 'purchase'${least}" }, window: { length: 7d }${before}, goodWhen: up }
  converted: { type: proportion, source: events, value: { where: "event_name = 'purchase'" }, window: { length: 24h }, goodWhen: up }
  order_value: { type: ratio, source: events, numerator: { column: amount, aggregate: sum, where: "event_name = 'purchase'" }, denominator: { where: "event_name = 'purchase'" }, goodWhen: up }
  latest: { type: mean, source: events, value: { column: amount, aggregate: max, whenMissing: exclude }, window: { delay: 1d, length: 5d }, goodWhen: up }${added}
experiments:
  early: { unit: user_id, assignments: assignments, start: 2026-03-01T00:00:00Z, end: 2026-03-20T12:00:00Z, variants: { control: { weight: 0.5, control: true }, treatment: { weight: 0.5 } }, goals: ${metrics} }
  later: { unit: user_id, assignments: assignments, start: 2026-03-10T06:00:00Z, variants: { control: { weight: 0.5, control: true }, treatment: { weight: 0.5 } }, goals: ${metrics} }
`;
}
