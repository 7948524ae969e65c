import { readArithmetic } from '../../../metric-types/arithmetic.ts';
import type { Arithmetic } from '../../../metric-types/metric-type.ts';
import { type Amount, amountOf, type MeasureYaml } from './amounts.ts';
import { all, within } from './filters.ts';
import type { DbtMetric, InputMetric, Manifest } from './manifest.ts';
import type { Sources } from './sources.ts';
import { Unsayable } from './unsayable.ts';

interface Context {
  readonly manifest: Manifest;
  readonly sources: Sources;
  note(text: string): void;
}

type Yaml = Readonly<Record<string, unknown>>;

/** The shape of a metric of dbt's as YAML of a catalog; throws Unsayable for one that has none. */
export function shapeOf(metric: DbtMetric, context: Context): Yaml {
  const { type_params: of } = metric;
  switch (metric.type) {
    case 'simple':
      if ((of.measure?.fill_nulls_with ?? 0) !== 0)
        context.note(`fill_nulls_with: ${of.measure?.fill_nulls_with} is not kept; a unit without rows counts 0`);
      return ofAmount(amountOf(metric, [], context), context);
    case 'ratio':
      return ratio(inputOf(of.numerator!, metric, context), inputOf(of.denominator!, metric, context));
    case 'derived':
      return derived(metric, context);
    case 'cumulative':
      throw new Unsayable(
        'is a running total over calendar time; an experiment sums from each exposure on, by the metric of its measure',
      );
    case 'conversion':
      throw new Unsayable(
        'attributes each conversion to the last event before it; a `funnel` of the same two steps is of units',
      );
    default:
      throw new Unsayable(`is of the type \`${metric.type}\`, which is not known here`);
  }
}

function ofAmount(amount: Amount, { note }: Context): Yaml {
  const source = amount.source.name;
  switch (amount.kind) {
    case 'total':
      return { type: 'mean', source, value: total(amount.value, note) };
    case 'units':
      return { type: 'proportion', source, value: { where: amount.where ?? 'true' } };
    case 'average': {
      const { column, where } = amount;
      const known = `${within(column)} is not null`;
      return ratio(
        { source, aggregate: 'sum', column, ...(where === undefined ? {} : { where }) },
        { source, aggregate: 'count', where: all(where === undefined ? [known] : [known, where])! },
      );
    }
    case 'extreme':
      note(`the ${amount.value.aggregate} is each unit's own, averaged over the units that have rows`);
      return { type: 'mean', source, value: { ...amount.value, whenMissing: 'exclude' } };
    case 'quantile': {
      const { column, where, probability, discrete } = amount;
      if (discrete) note('the percentile is interpolated between two values, not one of them');
      const value = { column, ...(where === undefined ? {} : { where }) };
      return { type: 'quantile', source, quantile: probability, over: 'events', value };
    }
  }
}

/** A value that two units have is one of each of them. */
function total(value: MeasureYaml, note: Context['note']): MeasureYaml {
  if (value.aggregate === 'count_distinct') note(`distinct values of \`${value.column}\` are counted unit by unit`);
  return value;
}

type Side = MeasureYaml & { readonly source: string };

const ratio = (numerator: Side, denominator: Side): Yaml => ({ type: 'ratio', numerator, denominator });

/** An input of a metric as a number of each unit that adds up over units. */
function inputOf(input: InputMetric, user: DbtMetric, context: Context): Side {
  if (input.offset_window != null || input.offset_to_grain != null)
    throw new Unsayable(`shifts \`${input.name}\` in time, which has no meaning relative to an exposure`);
  const metric = context.manifest.metrics.find(({ name }) => name === input.name);
  if (metric === undefined) throw new Unsayable(`is made of \`${input.name}\`, which the manifest does not have`);
  const amount = amountOf(metric, [...user.filter, ...input.filter], context);
  const source = amount.source.name;
  if (amount.kind === 'total') return { source, ...total(amount.value, context.note) };
  if (amount.kind === 'units') {
    const where = amount.where === undefined ? {} : { where: amount.where };
    return { source, aggregate: 'count_distinct', column: amount.source.unit, ...where };
  }
  throw new Unsayable(`is made of \`${input.name}\`, which does not add up over units`);
}

/** a / b of totals is a ratio; a sum of totals is the sum of each unit's own. */
function derived(metric: DbtMetric, context: Context): Yaml {
  const inputs = metric.type_params.metrics ?? [];
  const names = inputs.map(({ name, alias }) => alias ?? name);
  const text = metric.type_params.expr ?? '';
  const read = readArithmetic(text, names);
  if (!read.ok) throw new Unsayable(`is \`${text}\`, which ${read.rule}`);
  const parts = inputs.map((input) => inputOf(input, metric, context));
  const { arithmetic } = read;
  if (
    arithmetic.kind === 'binary' &&
    arithmetic.operator === '/' &&
    arithmetic.left.kind === 'part' &&
    arithmetic.right.kind === 'part'
  )
    return ratio(parts[arithmetic.left.index]!, parts[arithmetic.right.index]!);
  if (degreeOf(arithmetic) !== 1)
    throw new Unsayable(`is \`${text}\` of totals, which is neither a ratio of two nor a sum of what each unit has`);
  return { type: 'mean', combine: text, parts: Object.fromEntries(names.map((name, i) => [name, parts[i]!])) };
}

/** 0 of a constant, 1 of a sum of parts times constants; null: neither. */
function degreeOf(arithmetic: Arithmetic): 0 | 1 | null {
  switch (arithmetic.kind) {
    case 'number':
      return 0;
    case 'part':
      return 1;
    case 'negate':
      return degreeOf(arithmetic.of);
    case 'binary': {
      const [left, right] = [degreeOf(arithmetic.left), degreeOf(arithmetic.right)];
      if (left === null || right === null) return null;
      if (arithmetic.operator === '/') return right === 0 ? left : null;
      if (arithmetic.operator === '*') return left + right === 2 ? null : left === 1 || right === 1 ? 1 : 0;
      return left === right ? left : null;
    }
  }
}
