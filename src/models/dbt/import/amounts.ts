import { all, conditionsOf, within } from './filters.ts';
import type { DbtMeasure, DbtMetric, Manifest, SemanticModel } from './manifest.ts';
import type { FactsYaml, Sources } from './sources.ts';
import { Unsayable } from './unsayable.ts';

/** YAML of an aggregate over the rows of one unit. */
export interface MeasureYaml {
  readonly aggregate: string;
  readonly column?: string;
  readonly where?: string;
}

/** What a measure of dbt's is of one unit. */
export type Amount =
  /** What adds up over units. */
  | { readonly kind: 'total'; readonly source: FactsYaml; readonly value: MeasureYaml }
  /** How many units have a row. */
  | { readonly kind: 'units'; readonly source: FactsYaml; readonly where: string | undefined }
  | {
      readonly kind: 'average';
      readonly source: FactsYaml;
      readonly column: string;
      readonly where: string | undefined;
    }
  | { readonly kind: 'extreme'; readonly source: FactsYaml; readonly value: MeasureYaml }
  | {
      readonly kind: 'quantile';
      readonly source: FactsYaml;
      readonly column: string;
      readonly where: string | undefined;
      readonly probability: number;
      readonly discrete: boolean;
    };

/** What a simple metric is of one unit, the filters of whoever uses it added. */
export function amountOf(
  metric: DbtMetric,
  filters: readonly string[],
  { manifest, sources }: { readonly manifest: Manifest; readonly sources: Sources },
): Amount {
  const input = metric.type_params.measure;
  if (metric.type !== 'simple' || input == null)
    throw new Unsayable(`is made of \`${metric.name}\`, which is ${metric.type} and no measure of one unit`);
  const { model, measure } = measureOf(input.name, manifest);
  if (measure.non_additive_dimension != null)
    throw new Unsayable(`is of the measure \`${measure.name}\`, which adds up over some dimensions only`);
  const source = sources.of(model, measure);
  return madeOf(measure, source, conditionsOf([...filters, ...metric.filter, ...input.filter], model));
}

function measureOf(name: string, { semantic_models }: Manifest): { model: SemanticModel; measure: DbtMeasure } {
  for (const model of semantic_models)
    for (const measure of model.measures) if (measure.name === name) return { model, measure };
  throw new Unsayable(`is of the measure \`${name}\`, which no semantic model has`);
}

function madeOf(measure: DbtMeasure, source: FactsYaml, conditions: readonly string[]): Amount {
  const column = measure.expr ?? measure.name;
  const total = (value: MeasureYaml, ...more: readonly string[]): Amount => {
    const where = all([...more, ...conditions]);
    return { kind: 'total', source, value: { ...value, ...(where === undefined ? {} : { where }) } };
  };
  const where = all(conditions);
  const isOne = /^\s*(1|\*)\s*$/.test(column);
  switch (measure.agg) {
    case 'sum':
      return isOne ? total({ aggregate: 'count' }) : total({ aggregate: 'sum', column });
    case 'count':
      return isOne ? total({ aggregate: 'count' }) : total({ aggregate: 'count' }, `${within(column)} is not null`);
    case 'sum_boolean':
      return total({ aggregate: 'count' }, column);
    case 'count_distinct':
      return column === source.unit ? { kind: 'units', source, where } : total({ aggregate: 'count_distinct', column });
    case 'average':
      return { kind: 'average', source, column, where };
    case 'min':
    case 'max':
      return {
        kind: 'extreme',
        source,
        value: { aggregate: measure.agg, column, ...(where === undefined ? {} : { where }) },
      };
    case 'median':
    case 'percentile': {
      const probability = measure.agg === 'median' ? 0.5 : (measure.agg_params?.percentile ?? null);
      if (probability === null)
        throw new Unsayable(`is of the measure \`${measure.name}\`, which states no percentile`);
      const discrete = measure.agg_params?.use_discrete_percentile ?? false;
      return { kind: 'quantile', source, column, where, probability, discrete };
    }
    default:
      throw new Unsayable(
        `is of the measure \`${measure.name}\`, whose aggregation \`${measure.agg}\` is not known here`,
      );
  }
}
