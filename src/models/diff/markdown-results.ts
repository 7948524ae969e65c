import { type CatalogDiff, counted, movedResults } from './catalog-diff.ts';
import { code, details, table } from './escape.ts';
import type { EvaluatedResult } from './evaluated.ts';
import type { ResultChange } from './moves.ts';

/** So many rows stand open; more are folded away. */
const OPEN_ROWS = 20;
/** So many rows are shown at most. */
const MOST_ROWS = 200;
const DIGITS = 4;
const SMALLEST_P = 0.0001;

/** Which results move: difference, lift and p, old and new. */
export function resultsSection(diff: CatalogDiff): readonly string[] {
  const moved = movedResults(diff);
  const others = diff.results.filter((one) => !moved.includes(one));
  const rows = [...moved, ...others].slice(0, MOST_ROWS).map(cells);
  if (rows.length === 0) return [];
  const left = diff.results.length - rows.length;
  const note = left === 0 ? '' : `\n\n${counted(left, 'more result')}: \`--json\` has them.`;
  const body =
    table(['experiment', 'metric', 'treatment', 'difference', 'moves by', 'lift', 'p', 'outcome'], rows) + note;
  return rows.length <= OPEN_ROWS
    ? ['#### Results', body]
    : [details(`${counted(diff.results.length, 'result')}`, body)];
}

function cells({ experiment, metric, treatment, before, after, relativeMove }: ResultChange): readonly string[] {
  const pair = (of: (result: EvaluatedResult) => string) => {
    const [was, is] = [before, after].map((result) => (result === null ? '–' : of(result)));
    return was === is ? was! : `${was} → ${is}`;
  };
  return [
    code(experiment),
    code(metric),
    code(treatment),
    pair(({ numbers }) => plain(numbers.difference)),
    relativeMove === null || relativeMove === 0 ? '' : percent(relativeMove),
    pair(({ numbers }) => percent(numbers.lift)),
    pair(({ numbers }) => pValue(numbers.adjusted_p_value ?? numbers.p_value)),
    pair(({ outcome, unknown }) => (unknown === null ? outcome : `${outcome} (${unknown})`)),
  ];
}

function plain(value: number | null): string {
  return value === null ? 'unknown' : String(Number(value.toPrecision(DIGITS)));
}

function percent(value: number | null): string {
  if (value === null) return 'unknown';
  const share = 100 * value;
  return `${value > 0 ? '+' : ''}${Number(share.toPrecision(Math.abs(share) >= 1000 ? DIGITS : DIGITS - 1))} %`;
}

function pValue(value: number | null): string {
  return value === null
    ? 'unknown'
    : value < SMALLEST_P
      ? value.toExponential(1)
      : String(Number(value.toPrecision(2)));
}
