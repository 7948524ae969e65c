import { readFileSync } from 'node:fs';
import { trinoEngine } from '../support/engines.ts';

/** The benchmark's catalog: twenty metrics without windows, one of them capped. */
export function benchmarkCatalog(schema: string): string {
  const yaml = readFileSync(new URL('../../bench/catalog/catalog.yaml', import.meta.url), 'utf8');
  return yaml
    .replace(/^engine: .*$/m, `engine: ${trinoEngine('iceberg')}`)
    .replace(/table: (\w+)$/gm, `table: ${schema}.$1`);
}

const of = (event: string) => `where: "event_name = '${event}'"`;
const value = (event: string) => `column: value, ${of(event)}`;

/** Twenty metrics over one log: windows, a delay, caps by percentile and by value, ratios, means of those with a value. */
const WINDOWED = {
  revenue: `{ type: mean, source: events, value: { ${value('purchase')} }, window: { length: 7d }, goodWhen: up }`,
  revenue_capped: `{ type: mean, source: events, value: { ${value('purchase')} }, window: { length: 7d }, cap: { upper: { percentile: 0.99 } }, goodWhen: up }`,
  revenue_cut: `{ type: mean, source: events, value: { ${value('purchase')} }, window: { length: 7d }, cap: { upper: { value: 50 } }, goodWhen: up }`,
  refunds: `{ type: mean, source: events, value: { ${value('refund')} }, window: { length: 14d }, cap: { upper: { percentile: 0.95 }, zeros: include }, goodWhen: down }`,
  ad_revenue: `{ type: mean, source: events, value: { ${value('ad_view')} }, window: { length: 3d }, goodWhen: up }`,
  open_revenue: `{ type: mean, source: events, value: { ${value('purchase')} }, goodWhen: up }`,
  purchased: `{ type: proportion, source: events, value: { ${of('purchase')} }, window: { length: 7d }, goodWhen: up }`,
  searched: `{ type: proportion, source: events, value: { ${of('search')} }, window: { length: 1d }, goodWhen: up }`,
  clicked: `{ type: proportion, source: events, value: { ${of('click')} }, window: { length: 1d }, goodWhen: up }`,
  checked_out: `{ type: proportion, source: events, value: { ${of('checkout')} }, window: { length: 7d }, goodWhen: up }`,
  failed: `{ type: proportion, source: events, value: { ${of('error')} }, window: { length: 7d }, goodWhen: down }`,
  views: `{ type: mean, source: events, value: { ${of('page_view')} }, window: { length: 7d }, goodWhen: up }`,
  late_views: `{ type: mean, source: events, value: { ${of('page_view')} }, window: { delay: 1d, length: 3d }, goodWhen: up }`,
  searches: `{ type: mean, source: events, value: { ${of('search')} }, window: { length: 7d }, goodWhen: up }`,
  clicks: `{ type: mean, source: events, value: { ${of('click')} }, window: { length: 7d }, goodWhen: up }`,
  carts: `{ type: mean, source: events, value: { ${of('add_to_cart')} }, window: { length: 7d }, goodWhen: up }`,
  errors: `{ type: mean, source: events, value: { ${of('error')} }, window: { length: 7d }, goodWhen: down }`,
  order_value: `{ type: ratio, source: events, numerator: { ${value('purchase')} }, denominator: { ${of('purchase')} }, window: { length: 7d }, goodWhen: up }`,
  order_value_capped: `{ type: ratio, source: events, numerator: { ${value('purchase')} }, denominator: { ${of('purchase')} }, window: { length: 7d }, cap: { upper: { percentile: 0.9 } }, goodWhen: up }`,
  click_rate: `{ type: ratio, source: events, numerator: { ${of('click')} }, denominator: { ${of('page_view')} }, window: { length: 7d }, goodWhen: up }`,
} as const;

/** The twenty, one over another log, and one over both, in an experiment of four arms. */
export function windowedCatalog(schema: string): string {
  const [goal, ...rest] = [...Object.keys(WINDOWED), 'pages', 'clicks_a_page'];
  const metrics = Object.entries(WINDOWED).map(([name, yaml]) => `  ${name}: ${yaml}`);
  return `
engine: ${trinoEngine('iceberg')}
sources:
  assignments: { kind: assignments, table: ${schema}.experiment_assignments, unit: user_id, experiment: experiment_id, variant: variant, timestamp: assigned_at }
  events: { kind: facts, table: ${schema}.user_events, unit: user_id, timestamp: event_at }
  visits: { kind: facts, table: ${schema}.user_visits, unit: user_id, timestamp: visited_at }
metrics:
${metrics.join('\n')}
  pages: { type: mean, source: visits, value: { column: pages }, window: { length: 7d }, goodWhen: up }
  clicks_a_page: { type: ratio, numerator: { source: events, ${of('click')} }, denominator: { source: visits, column: pages }, window: { length: 7d }, goodWhen: up }
experiments:
  exp_focus:
    unit: user_id
    assignments: assignments
    start: 2026-03-01T00:00:00Z
    end: 2026-03-10T00:00:00Z
    variants: { control: { control: true }, t1: {}, t2: {}, t3: {} }
    goals: [${goal}]
    diagnostics: [${rest.join(', ')}]
`;
}

/** The same metrics, each adjusted by the week before, some of units that were there before only. */
export function adjustedCatalog(schema: string): string {
  const among = `among: { source: events, ${of('page_view')}, before: exposure, lookback: 14d }`;
  return windowedCatalog(schema)
    .replaceAll(/goodWhen: (up|down) }/g, 'covariate: { lookback: 7d }, goodWhen: $1 }')
    .replaceAll(/(\n {2}(?:searched|searches): .*) }/g, `$1, ${among} }`);
}

export const WINDOWED_METRICS = Object.keys(WINDOWED);
export const BOTH_LOGS = [...WINDOWED_METRICS, 'pages', 'clicks_a_page'];
