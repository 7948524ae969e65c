import { expect } from 'vitest';
import type { Row } from '../../../src/engine/engine.ts';
import { measuresOf } from '../../../src/metric-types/metric-type.ts';
import { type DeclaredMetric, declaredMetrics } from '../../../src/models/declared.ts';
import { factSource } from '../../../src/plan/scope.ts';
import { needsThresholds, seriesForm } from '../../../src/plan/series-form.ts';
import { differences } from '../../support/close.ts';
import { ask, type Data, type TestService } from '../../support/service.ts';
import type { Rows } from './rows.ts';

const ARM = '{ variant { key } units sum variance numerator denominator }';
const timelines = (key: string, metrics: readonly string[], asOf: string) => `{
  experiment(key: "${key}") {
    results(filter: { metrics: ${JSON.stringify(metrics)} }, analysis: { asOf: "${asOf}" }) {
      nodes {
        metric { name }
        timeline(cumulative: true) { date control ${ARM} treatment ${ARM} difference { unknown } }
      }
    }
  }
}`;

/**
 * That the days of some experiments are those of GraphQL, and that others, of which it is said that they have none, have none. How
 * many days of an arm were compared.
 */
export async function compareTimeline(
  rows: Rows,
  service: TestService,
  {
    asOf,
    keys,
    without,
  }: { readonly asOf: string; readonly keys: readonly string[]; readonly without: readonly string[] },
): Promise<number> {
  const all = await rows('metric_timeline');
  expect(all.filter(({ experiment }) => without.includes(String(experiment)))).toEqual([]);
  let compared = 0;
  for (const key of keys) {
    const { timed, untimed } = metricsOf(service, key);
    expect(all.filter(({ metric }) => untimed.includes(String(metric)))).toEqual([]);
    const { results } = (await ask(service, timelines(key, timed, asOf))).experiment;
    for (const { metric, timeline } of results.nodes as readonly Data[]) {
      const own = all.filter((row) => row.experiment === key && row.metric === metric.name);
      const refused = timeline.every(({ difference }: Data) => difference.unknown === 'NOT_APPLICABLE');
      if (refused || needsSecondLook(service, key, metric.name)) {
        expect(own, metric.name).toEqual([]);
        continue;
      }
      for (const { date, control, treatment } of timeline)
        for (const arm of [control, treatment]) {
          const found = own
            .filter((row) => row.variant === arm.variant.key && String(row.date).slice(0, 10) <= date)
            .sort((a, b) => (String(a.date) < String(b.date) ? -1 : 1))
            .at(-1);
          const label = `${key} ${metric.name} ${arm.variant.key} ${date}`;
          expect([label, differences(served(found, arm), expectedOf(arm), 1e-9)]).toEqual([label, []]);
          compared++;
        }
    }
  }
  return compared;
}

/** An experiment's metrics, those whose sources all have timestamps apart from the others. */
function metricsOf(service: TestService, key: string) {
  const catalog = service.catalog();
  const hasTimes = ({ metric }: DeclaredMetric) =>
    measuresOf(metric).every(({ source }) => factSource(catalog, source).timestamp !== null);
  const all = declaredMetrics(catalog, catalog.experiments.get(key)!);
  const names = (some: readonly DeclaredMetric[]) => some.map(({ member }) => member.metric);
  return { timed: names(all.filter(hasTimes)), untimed: names(all.filter((one) => !hasTimes(one))) };
}

/** What GraphQL tells of an arm, as sums: its variance times its degrees of freedom, about 0. */
function expectedOf(arm: Data): object {
  if (arm.numerator !== null) return { units: arm.units, sum: arm.numerator, denominator: arm.denominator };
  const square = arm.variance === null ? null : round(arm.variance * (arm.units - 1) + (arm.sum * arm.sum) / arm.units);
  return { units: arm.units, sum: arm.sum ?? 0, square };
}

function served(row: Row | undefined, arm: Data): object {
  const number = (name: string) => Number(row?.[name] ?? 0);
  if (arm.numerator !== null) return { units: number('units'), sum: number('sum_0'), denominator: number('sum_1') };
  const square = arm.variance === null ? null : round(number('product_00'));
  return { units: number('units'), sum: number('sum_0'), square };
}

/** Both are sums of squares in another order: what is left of zero is noise. */
const round = (value: number): number => (Math.abs(value) < 1e-9 ? 0 : value);

/** Values so far that are capped at a percentile need the thresholds first; the table has none of them. */
function needsSecondLook(service: TestService, key: string, name: string): boolean {
  const catalog = service.catalog();
  const { metric } = declaredMetrics(catalog, catalog.experiments.get(key)!).find((one) => one.metric.metric === name)!;
  return needsThresholds(metric, seriesForm({ axis: 'CALENDAR', maturity: 'REQUIRED', metric }));
}
