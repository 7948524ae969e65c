import { beforeAll, describe, expect, test } from 'vitest';
import { covarianceOf, sumOf } from '../../src/core/moments.ts';
import { Evaluator } from '../../src/evaluate/evaluator.ts';
import type { ArmMoments, AssignmentCount } from '../../src/plan/answer.ts';
import { type MomentsQuestion, PHASE } from '../../src/plan/question.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import { describeOn, type EngineName, serveWrittenOn } from '../support/engines.ts';
import { ask, type TestService } from '../support/service.ts';
import { type Assigned, assignments, CATALOG, CHANGE, DAY, END, events, PARQUET } from './population-world.ts';

const NOW = '2026-03-20T00:00:00.000000Z';

interface Unit extends Assigned {
  /** Where its windows start. */
  readonly from: number;
}

const byUnit = new Map<string, typeof events>();
for (const event of events) byUnit.set(event.unit, [...(byUnit.get(event.unit) ?? []), event]);

/** First rows of an experiment's units, none for one that was seen in two variants. */
function firsts(experiment: string): readonly Unit[] {
  const groups = new Map<string, Assigned[]>();
  for (const row of assignments.filter((one) => one.experiment === experiment))
    groups.set(row.unit, [...(groups.get(row.unit) ?? []), row]);
  return [...groups.values()]
    .filter((own) => new Set(own.map(({ variant }) => variant)).size === 1)
    .map((own) => own.toSorted((a, b) => a.at - b.at)[0]!)
    .filter(({ at }) => at < END)
    .map((row) => ({ ...row, from: row.at }));
}

const opens = ({ unit, at }: Assigned) =>
  (byUnit.get(unit) ?? [])
    .filter((event) => event.name === 'open' && event.at >= at && event.at < at + 2 * DAY)
    .map((event) => event.at);

function activated(): readonly Unit[] {
  return firsts('activated').flatMap((row) => {
    const [first] = opens(row).sort((a, b) => a - b);
    return first === undefined ? [] : [{ ...row, from: first }];
  });
}

/** Without units of no account, bots, and the accounts that were seen in two variants. */
function clustered(): readonly Unit[] {
  const rows = firsts('clustered').filter(({ account }) => account !== null);
  const variants = new Map<string, Set<string>>();
  for (const { account, variant } of rows) variants.set(account!, (variants.get(account!) ?? new Set()).add(variant));
  return rows.filter(({ account, bot }) => !bot && variants.get(account!)!.size === 1);
}

const UNITS = {
  declared: firsts('declared'),
  undeclared: firsts('undeclared'),
  activated: activated(),
  clustered: clustered(),
};
type Key = keyof typeof UNITS;

const bought = ({ unit }: Unit, from: number, until: number) =>
  (byUnit.get(unit) ?? []).filter(({ name, at }) => name === 'buy' && at >= from && at < until);
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
const revenueOf = (unit: Unit) => total(bought(unit, unit.from, unit.from + 3 * DAY).map(({ amount }) => amount));
/** Variables of a metric over the unit's window. */
const VALUES: Readonly<Record<string, (unit: Unit) => readonly number[]>> = {
  revenue: (unit) => [revenueOf(unit)],
  bought: (unit) => [Number(bought(unit, unit.from, unit.from + 3 * DAY).length > 0)],
  price: (unit) => [revenueOf(unit), bought(unit, unit.from, unit.from + 3 * DAY).length],
};

function quantile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const h = p * (sorted.length - 1);
  const low = sorted[Math.floor(h)]!;
  return low + (sorted[Math.ceil(h)]! - low) * (h - Math.floor(h));
}

function valuesOf(metric: string, key: Key): (unit: Unit) => readonly number[] {
  if (metric !== 'capped') return VALUES[metric]!;
  const cap = quantile(
    UNITS[key].map(revenueOf).filter((value) => value !== 0),
    0.9,
  );
  return (unit) => [Math.min(cap, revenueOf(unit))];
}

const products = (rows: readonly (readonly number[])[]) =>
  (rows[0] ?? []).map((_, i) =>
    (rows[0] ?? []).slice(0, i + 1).map((__, j) => total(rows.map((row) => row[i]! * row[j]!))),
  );
const close = (got: unknown, expected: readonly (number | readonly number[])[] | number) => {
  const flat = (value: unknown): number[] => (Array.isArray(value) ? value.flatMap(flat) : [Number(value)]);
  expect(flat(got).length).toBe(flat(expected).length);
  for (const [i, value] of flat(expected).entries())
    expect(Math.abs(flat(got)[i]! - value)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)));
};

const services = new Map<EngineName, Promise<TestService>>();
const serviceOn = (engine: EngineName) => {
  const known = services.get(engine) ?? serveWrittenOn(engine, { catalog: CATALOG, parquet: PARQUET }, NOW);
  services.set(engine, known);
  return known;
};

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    let service: TestService;
    beforeAll(async () => {
      service = await serviceOn(engine);
    });
    const evaluator = () => {
      const { catalog, engine: opened, runner } = service;
      return new Evaluator({ catalog: catalog(), dialect: DIALECTS[opened.dialect], runner });
    };
    const populationOf = (key: string) => ({
      experiment: service.catalog().experiments.get(key)!,
      where: null,
      asOf: NOW,
    });
    const question = (key: Key, metric: string, more: Partial<MomentsQuestion> = {}): MomentsQuestion => ({
      kind: 'moments',
      population: populationOf(key),
      metric: service.catalog().metrics.get(metric)!.versions[0]!,
      maturity: 'REQUIRED',
      sliceBy: [],
      slices: [],
      needs: ['products'],
      pivots: null,
      ...more,
    });
    const check = (arm: ArmMoments, units: readonly Unit[], values: (unit: Unit) => readonly number[]) => {
      const rows = units.map(values);
      expect(arm.exposed).toBe(units.length);
      expect(arm.moments.units).toBe(units.length);
      close(
        arm.moments.sums,
        rows[0]!.map((_, i) => total(rows.map((row) => row[i]!))),
      );
      close(arm.moments.products, products(rows));
    };

    test.each(['revenue', 'bought', 'price', 'capped'])('%s by phase, and by country within it', async (metric) => {
      const strata = {
        by: ['country', PHASE],
        keys: [
          ['DE', '0'],
          ['DE', '1'],
          ['FR', '0'],
        ],
      };
      const answer = await evaluator().ask(question('declared', metric, { strata }));
      expect(answer.length).toBe(8);
      for (const arm of answer) {
        const stratum = ({ country, at }: Unit) => (country === 'DE' ? (at < CHANGE ? 0 : 1) : at < CHANGE ? 2 : 3);
        const units = UNITS.declared.filter((unit) => unit.variant === arm.variant && stratum(unit) === arm.stratum);
        check(arm, units, valuesOf(metric, 'declared'));
      }
    });

    test('phases within slices', async () => {
      const strata = { by: [PHASE], keys: [['0'], ['1']] };
      const answer = await evaluator().ask(
        question('declared', 'revenue', { sliceBy: ['country'], slices: [['DE']], strata }),
      );
      expect(answer.length).toBe(8);
      for (const arm of answer) {
        const own = ({ variant, country, at }: Unit) =>
          variant === arm.variant && (country === 'DE' ? 0 : 1) === arm.slice && (at < CHANGE ? 0 : 1) === arm.stratum;
        check(arm, UNITS.declared.filter(own), VALUES.revenue!);
      }
    });

    test.each(['revenue', 'bought', 'price'])('%s of activated units, from their activation on', async (metric) => {
      const answer = await evaluator().ask(question('activated', metric, { needs: ['products', 'covariates'] }));
      for (const arm of answer) {
        const units = UNITS.activated.filter(({ variant }) => variant === arm.variant);
        check(arm, units, VALUES[metric]!);
        if (metric !== 'revenue') continue;
        // What was before ends at the assignment, not at the activation.
        const before = units.map((unit) => total(bought(unit, unit.at - 2 * DAY, unit.at).map(({ amount }) => amount)));
        close(arm.joint!.moments.sums[1], total(before));
      }
    });

    test('units that were not activated are counted', async () => {
      const counts: readonly AssignmentCount[] = await evaluator().ask({
        kind: 'assignments',
        population: populationOf('activated'),
        activated: true,
      });
      const of = (reason: string | null) =>
        total(counts.filter((count) => count.reason === reason).map(({ units }) => units));
      expect(of(null)).toBe(UNITS.activated.length);
      expect(of('NOT_ACTIVATED')).toBe(firsts('activated').length - UNITS.activated.length);
      expect(of('NOT_ACTIVATED')).toBeGreaterThan(20);
      expect(of('MULTIPLE_VARIANTS')).toBeGreaterThan(2);
    });

    test.each(['revenue', 'bought', 'price', 'capped'])('%s over clusters', async (metric) => {
      for (const arm of await evaluator().ask(question('clustered', metric))) {
        const units = UNITS.clustered.filter(({ variant }) => variant === arm.variant);
        const values = valuesOf(metric, 'clustered');
        check(arm, units, values);
        const accounts = new Map<string, Unit[]>();
        for (const unit of units) accounts.set(unit.account!, [...(accounts.get(unit.account!) ?? []), unit]);
        const rows = [...accounts.values()].map((own) => {
          const each = own.map(values);
          return [...each[0]!.map((_, i) => total(each.map((row) => row[i]!))), own.length];
        });
        expect(arm.clusters!.units).toBe(accounts.size);
        close(
          arm.clusters!.sums,
          rows[0]!.map((_, i) => total(rows.map((row) => row[i]!))),
        );
        close(arm.clusters!.products, products(rows));
      }
    });

    test('clusters are what the allocation is tested of', async () => {
      const counts = await evaluator().ask({ kind: 'assignments', population: populationOf('clustered') });
      for (const { variant, units, clusters } of counts.filter(({ reason }) => reason === null)) {
        const own = UNITS.clustered.filter((unit) => unit.variant === variant);
        expect([units, clusters]).toEqual([own.length, new Set(own.map(({ account }) => account)).size]);
      }
      const of = (name: string) => counts.filter(({ reason }) => reason === name);
      expect(total(of('NULL_UNIT').map(({ rows }) => rows))).toBe(
        assignments.filter(({ experiment, account }) => experiment === 'clustered' && account === null).length,
      );
      expect(total(of('MULTIPLE_VARIANTS').map(({ units }) => units))).toBeGreaterThan(5);
      const exposures = await evaluator().ask({
        kind: 'exposures',
        population: populationOf('clustered'),
        grain: 'DAY',
      });
      for (const variant of ['control', 'treatment'])
        expect(total(exposures.filter((one) => one.variant === variant).map(({ clusters }) => clusters!))).toBe(
          counts.find((count) => count.reason === null && count.variant === variant)!.clusters,
        );
    });

    const SCORES = `query($key: String!) { experiment(key: $key) {
      sampleRatioMismatch { pValue sequentialPValue degreesOfFreedom arms { expected observed } stages { stage pValue arms { observed } } timeline { pValue sequentialPValue } }
      assignments { excluded { reason units } }
      summary { gates { name status pValue } treatments { reasons { code } } }
      results { nodes { metric { name } difference { value pValue standardError unknown } } }
    } }`;

    test('a ramped A/A is null where the phases are declared, and biased where they are not', async () => {
      const scores = async (key: string) => (await ask(service, SCORES, { key })).experiment;
      const [declared, undeclared] = await Promise.all([scores('declared'), scores('undeclared')]);
      const pOf = (from: typeof declared) =>
        from.results.nodes.map((node: { difference: { pValue: number } }) => node.difference.pValue);
      for (const p of pOf(declared)) expect(p).toBeGreaterThan(0.02);
      expect(pOf(undeclared)[0]).toBeLessThan(1e-6);
      expect(declared.sampleRatioMismatch.pValue).toBeGreaterThan(0.01);
      const gateOf = (from: typeof declared) =>
        from.summary.gates.find(({ name }: { name: string }) => name === 'allocation_changed').status;
      expect([gateOf(declared), gateOf(undeclared)]).toEqual(['PASSED', 'FAILED']);
      const codes = undeclared.summary.treatments[0].reasons.map(({ code }: { code: string }) => code);
      expect(codes).toContain('ALLOCATION_CHANGED');
      const early = UNITS.declared.filter(({ at }) => at < CHANGE).length;
      const expected = 0.9 * early + 0.5 * (UNITS.declared.length - early);
      close(declared.sampleRatioMismatch.arms[0].expected, expected);
      // Miratrix, Sekhon & Yu (2013), eq. 3 and 7, by hand.
      const parts = [0, 1].map((phase) => {
        const units = UNITS.declared.filter(({ at }) => (at < CHANGE ? 0 : 1) === phase);
        const arm = (variant: string) => {
          const values = units.filter((unit) => unit.variant === variant).map(revenueOf);
          const mean = total(values) / values.length;
          return { mean, se2: total(values.map((x) => (x - mean) ** 2)) / (values.length - 1) / values.length };
        };
        const [c, t] = [arm('control'), arm('treatment')];
        return { w: units.length / UNITS.declared.length, difference: t.mean - c.mean, se2: c.se2 + t.se2 };
      });
      const { difference } = declared.results.nodes[0];
      close(difference.value, total(parts.map(({ w, difference: d }) => w * d)));
      close(difference.standardError, Math.sqrt(total(parts.map(({ w, se2 }) => w * w * se2))));
    });

    test('strata of phases and a dimension together, and the covariate on top', async () => {
      const text = `query($analysis: AnalysisInput) { experiment(key: "declared") { results(analysis: $analysis) { nodes { adjustments difference { value standardError pValue } } } } }`;
      const first = async (analysis: object) => (await ask(service, text, { analysis })).experiment.results.nodes[0];
      const [plain, stratified, both] = await Promise.all([
        first({}),
        first({ stratifyBy: ['country'] }),
        first({ stratifyBy: ['country'], cuped: true }),
      ]);
      const cells = [...new Set(UNITS.declared.map(({ country, at }) => `${country} ${at < CHANGE}`))].map((cell) => {
        const units = UNITS.declared.filter(({ country, at }) => `${country} ${at < CHANGE}` === cell);
        const arm = (variant: string) => {
          const values = units.filter((unit) => unit.variant === variant).map(revenueOf);
          const mean = total(values) / values.length;
          return { mean, se2: total(values.map((x) => (x - mean) ** 2)) / (values.length - 1) / values.length };
        };
        const [c, t] = [arm('control'), arm('treatment')];
        return { w: units.length / UNITS.declared.length, difference: t.mean - c.mean, se2: c.se2 + t.se2 };
      });
      expect(cells.length).toBe(4);
      close(stratified.difference.value, total(cells.map(({ w, difference }) => w * difference)));
      close(stratified.difference.standardError, Math.sqrt(total(cells.map(({ w, se2 }) => w * w * se2))));
      expect(stratified.difference.standardError).toBeLessThan(plain.difference.standardError);
      expect(stratified.adjustments).toEqual(['POST_STRATIFICATION']);
      // Nobody bought before: the covariate does not vary, and the strata stay.
      expect(both.adjustments).toEqual(['POST_STRATIFICATION']);
      close(both.difference.value, stratified.difference.value);
    });

    test('activation is a stage and an exclusion', async () => {
      const { experiment } = await ask(service, SCORES, { key: 'activated' });
      const { stages, arms } = experiment.sampleRatioMismatch;
      expect(stages.map(({ stage }: { stage: string }) => stage)).toEqual(['ASSIGNED', 'ANALYSED', 'ACTIVATED']);
      expect(total(arms.map(({ observed }: { observed: number }) => observed))).toBe(firsts('activated').length);
      expect(total(stages[2].arms.map(({ observed }: { observed: number }) => observed))).toBe(UNITS.activated.length);
      expect(experiment.assignments.excluded.map(({ reason }: { reason: string }) => reason)).toContain(
        'NOT_ACTIVATED',
      );
    });

    test('the variance is that of clusters', async () => {
      const { experiment } = await ask(service, SCORES, { key: 'clustered' });
      const se2 = ['control', 'treatment'].map((variant) => {
        const units = UNITS.clustered.filter((unit) => unit.variant === variant);
        const mean = total(units.map(revenueOf)) / units.length;
        const residuals = new Map<string, number>();
        for (const unit of units)
          residuals.set(unit.account!, (residuals.get(unit.account!) ?? 0) + revenueOf(unit) - mean);
        const c = residuals.size;
        return ((total([...residuals.values()].map((e) => e * e)) / (c - 1)) * c) / units.length ** 2;
      });
      close(experiment.results.nodes[0].difference.standardError, Math.sqrt(total(se2)));
      const arm = (await evaluator().ask(question('clustered', 'revenue')))[0]!;
      expect(se2[0]).toBeGreaterThan(1.3 * (covarianceOf(arm.moments) / arm.moments.units));
      expect(sumOf(arm.moments)).toBeGreaterThan(0);
    });
  });

describe('what reads facts', () => {
  const sqlOf = async (fields: string): Promise<string> => {
    const service = await serviceOn('DuckDB');
    const text = `query { experiment(key: "activated") { sampleRatioMismatch { ${fields} provenance { statements { sql } } } } }`;
    const { statements } = (await ask(service, text)).experiment.sampleRatioMismatch.provenance;
    expect(statements.length).toBeGreaterThan(0);
    return statements.map(({ sql }: { sql: string }) => sql).join('\n');
  };

  test('the test of the allocation does not; only the stage of activated units does', async () => {
    const light =
      'pValue sequentialPValue arms { observed } timeline { pValue } bySlice(dimension: "country") { pValue }';
    expect(await sqlOf(light)).not.toContain('"events"');
    expect(await sqlOf('stages { pValue }')).toContain('"events"');
  });
});
