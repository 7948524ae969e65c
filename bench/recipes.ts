/** What the metrics of bench/catalog sum up, for the SQL that is written by hand. */
export type Side = { readonly event: string; readonly of: 'count' | 'value' };
export type Recipe =
  | { readonly kind: 'converted'; readonly event: string }
  | { readonly kind: 'total'; readonly side: Side; readonly capped: boolean }
  | { readonly kind: 'ratio'; readonly numerator: Side; readonly denominator: Side };

const count = (event: string): Side => ({ event, of: 'count' });
const value = (event: string): Side => ({ event, of: 'value' });
const total = (side: Side, capped = false): Recipe => ({ kind: 'total', side, capped });

/** The metrics of bench/catalog. */
const RECIPES: ReadonlyMap<string, Recipe> = new Map<string, Recipe>([
  ...['purchase', 'signup', 'subscribe', 'checkout', 'add_to_cart', 'search', 'share', 'click'].map(
    (event) => [`cv_${event}`, { kind: 'converted', event }] as const,
  ),
  ...['page_view', 'search', 'click', 'add_to_cart', 'ad_view', 'error'].map(
    (event) => [`ct_${event}`, total(count(event))] as const,
  ),
  ['sm_revenue', total(value('purchase'))],
  ['sm_revenue_w', total(value('purchase'), true)],
  ['sm_refund', total(value('refund'))],
  ['sm_ad_revenue', total(value('ad_view'))],
  ['rt_aov', { kind: 'ratio', numerator: value('purchase'), denominator: count('purchase') }],
  ['rt_ctr', { kind: 'ratio', numerator: count('click'), denominator: count('page_view') }],
]);
/** Kinds of events in the data. */
export const EVENT_NAMES = 12;

/** Sums of one metric in one variant, as `Moments` names them. */
export interface Sums {
  readonly units: number;
  readonly sums: readonly number[];
  readonly products: readonly (readonly number[])[];
}

/** The sums of each metric by variant. */
export type Statistics = ReadonlyMap<string, ReadonlyMap<string, Sums>>;

const sidesOf = (recipe: Recipe): readonly Side[] => {
  if (recipe.kind === 'converted') return [count(recipe.event)];
  return recipe.kind === 'total' ? [recipe.side] : [recipe.numerator, recipe.denominator];
};

export interface Needs {
  readonly recipes: readonly (readonly [string, Recipe])[];
  readonly sides: readonly Side[];
  readonly events: readonly string[];
  readonly capped: boolean;
}

export function needsOf(metrics: readonly string[]): Needs {
  const recipes = metrics.map((metric) => [metric, RECIPES.get(metric)!] as const);
  const sides = [
    ...new Map(recipes.flatMap(([, recipe]) => sidesOf(recipe)).map((s) => [`${s.of}${s.event}`, s])).values(),
  ];
  const capped = recipes.some(([, recipe]) => recipe.kind === 'total' && recipe.capped);
  return { recipes, sides, events: [...new Set(sides.map(({ event }) => event))], capped };
}

export type Row = Readonly<Record<string, string | number>>;

/** The name of a side in a statement with one row a unit and event. */
export const letter = ({ of }: Side) => (of === 'count' ? 'c' : 'v');

/** Rows of a statement with one column a sum: `<metric>_s0`, `_p00` and so on, one row a variant. */
export function decodeWide({ recipes }: Needs, rows: readonly Row[]): Statistics {
  return new Map(
    recipes.map(([metric, recipe]) => [
      metric,
      new Map(
        rows.map((row) => {
          const at = (name: string) => Number(row[`${metric}_${name}`]);
          const products =
            recipe.kind === 'converted'
              ? [[at('s0')]]
              : recipe.kind === 'total'
                ? [[at('p00')]]
                : [[at('p00')], [at('p10'), at('p11')]];
          return [
            String(row.variant),
            { units: Number(row.n), sums: recipe.kind === 'ratio' ? [at('s0'), at('s1')] : [at('s0')], products },
          ];
        }),
      ),
    ]),
  );
}

/** Rows of a statement with one row a variant and event; a ratio of two events has its cross product in a column of its name. */
export function decodeLong({ recipes }: Needs, rows: readonly Row[]): Statistics {
  const arms = new Map(rows.map((row) => [String(row.variant), Number(row.n)]));
  const rowOf = new Map(rows.map((row) => [`${row.variant} ${row.event_name}`, row]));
  return new Map(
    recipes.map(([metric, recipe]) => [
      metric,
      new Map(
        [...arms].map(([variant, units]) => {
          const at = (event: string, name: string) => Number(rowOf.get(`${variant} ${event}`)?.[name] ?? 0);
          const own = (side: Side, power: 1 | 2) => at(side.event, letter(side).repeat(power));
          if (recipe.kind === 'converted') {
            const converted = at(recipe.event, 'units');
            return [variant, { units, sums: [converted], products: [[converted]] }];
          }
          if (recipe.kind === 'total') {
            const { side, capped: cut } = recipe;
            return [
              variant,
              {
                units,
                sums: [cut ? at(side.event, 'w') : own(side, 1)],
                products: [[cut ? at(side.event, 'ww') : own(side, 2)]],
              },
            ];
          }
          const { numerator, denominator } = recipe;
          const product =
            numerator.event === denominator.event ? at(numerator.event, 'vc') : at(numerator.event, metric);
          return [
            variant,
            {
              units,
              sums: [own(numerator, 1), own(denominator, 1)],
              products: [[own(numerator, 2)], [product, own(denominator, 2)]],
            },
          ];
        }),
      ),
    ]),
  );
}
