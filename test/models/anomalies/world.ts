const metric = (name: string) =>
  `  ${name}: { type: mean, source: events, value: { aggregate: count, where: "name = '${name}'" }, goodWhen: up }`;

/** What happens to each metric on which days (`d`, from 0), as chances of 100 that a unit (`i`) does something (`n` = 0), or more of it. */
const CHANCES: Readonly<Record<string, string>> = {
  steady: 'usual',
  spike: 'case when d = 18 then 60 when d = 50 then 60 when n > 0 then 0 else usual end',
  // One arm gains what the other loses.
  swapped: 'case when n > 0 and d <> 40 then 0 when d = 40 and i % 2 = 0 then 1 when d = 40 then 60 else usual end',
  row: 'case when n > 0 then 0 when d between 30 and 36 then 3 else usual end',
  shift: 'case when n > 0 then 0 when d >= 45 then usual + 35 else usual end',
  rise: 'case when n > 0 then 0 else 20 + d end',
  silent: 'case when n > 0 or d = 60 or (d in (16, 17, 44) and i % 2 = 1) then 0 else usual end',
  gap: 'case when d between 20 and 33 then 0 when d = 55 then 60 when n > 0 then 0 else usual end',
  seldom: 'case when n > 0 or i > 10 then 0 else 5 end',
};
const NAMES = Object.keys(CHANCES);

/** An experiment whose metrics do on known days what they otherwise do not: 70 days, across a change of the clocks. */
export const CATALOG = `
engine: { kind: duckdb }
sources:
  assignments: { kind: assignments, file: assignments.parquet, unit: user_id, variant: variant, timestamp: seen_at }
  events: { kind: facts, file: events.parquet, unit: user_id, timestamp: at }
metrics:
${NAMES.map(metric).join('\n')}
  revenue: { type: mean, source: events, value: { column: amount }, goodWhen: up }
  active: { type: proportion, source: events, value: { where: "name = 'spike'" }, goodWhen: up }
  basket: { type: ratio, source: events, numerator: { column: amount, where: "name = 'steady'" }, denominator: { aggregate: count, where: "name = 'spike'" }, goodWhen: up }
  early: { type: mean, source: events, value: { aggregate: count, where: "name = 'spike'" }, window: { length: 20d }, goodWhen: up }
  later: { type: mean, source: events, value: { aggregate: count, where: "name = 'spike'" }, window: { delay: 3d, length: 60d }, goodWhen: up }
  bought: { type: mean, source: events, value: { column: amount, where: "name = 'spike'", whenMissing: exclude }, goodWhen: up }
  capped: { type: mean, source: events, value: { column: amount }, cap: { upper: { percentile: 0.99 } }, goodWhen: up }
experiments:
  shop: { assignments: assignments, timezone: Europe/Berlin, start: 2026-03-01T00:00:00Z, variants: { control: {}, treatment: {} }, goals: [steady], diagnostics: [${NAMES.slice(1).join(', ')}, revenue, active, basket, early, later, bought, capped] }
`;

/** A number from 0 to 99 that is as good as random; DuckDB draws it for all engines. */
const LOT = (name: string) => `(hash(i * 1000003 + d * 1009 + n * 17 + ${NAMES.indexOf(name)} * 7919) % 100)`;

export const PARQUET = {
  'assignments.parquet': `
    select i as user_id, case when i % 2 = 0 then 'control' else 'treatment' end as variant, timestamp '2026-03-01 02:00:00' + interval (i % 30) hour as seen_at
    from range(120) as t(i)`,
  'events.parquet': `${NAMES.map(
    (name) => `
    select cast(i as bigint) as user_id, '${name}' as name, timestamp '2026-03-01 13:00:00' + interval (d) day as at, cast(10 + ${LOT(name)} % 7 as double) as amount
    from (select *, case when n > 0 then 0 when d % 7 in (0, 6) then 30 else 50 end as usual from range(120) as t(i), range(70) as u(d), range(3) as v(n))
    where ${LOT(name)} < ${CHANCES[name]!}`,
  ).join('\n    union all')}
    union all select 7, 'steady', timestamp '2026-03-10 13:00:00', 500000e0`,
};
