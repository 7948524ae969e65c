import { expect, test } from 'vitest';
import { draft, formulaSteps } from '../../src/models/statistics/formula.ts';
import { KNOWN } from '../../src/models/statistics/unknown.ts';
import { welchTest } from '../../src/models/statistics/welch.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import { compile, ident, sql } from '../../src/sql/sql.ts';

const textOf = (step: { readonly query: Parameters<typeof compile>[0] }) => compile(step.query, () => '?').sql;

function chain(prefix: string) {
  const { define, formula } = draft(prefix, `Chain ${prefix}`);
  const first = define('first', sql`${ident('x')} + 1e0`);
  return formula({ second: define('second', sql`${first} * ${first}`) });
}

test('independent formulas go side by side, each step over the one before', () => {
  const [a, b] = [chain('a'), chain('b')];
  const keep = [ident('id'), a.columns.second, b.columns.second];
  const definitions = [...chain('a').definitions, ...chain('b').definitions, ...chain('a').definitions];
  const steps = formulaSteps('answers', ident('rows'), definitions, keep);
  expect(steps.map(({ name, comment }) => [name, comment])).toEqual([
    ['answers_1', 'Chain a; Chain b'],
    ['answers', 'Chain a; Chain b'],
  ]);
  expect(steps.map(textOf)).toEqual([
    'select "id",\n  "x" + 1e0 as "a_first",\n  "x" + 1e0 as "b_first"\nfrom "rows"',
    'select "id",\n  "a_first" * "a_first" as "a_second",\n  "b_first" * "b_first" as "b_second"\nfrom "answers_1"',
  ]);
});

test('one name for two things is refused', () => {
  const { define, formula } = draft('a', 'Another');
  define('first', sql`0e0`);
  const twice = [...chain('a').definitions, ...formula({}).definitions];
  expect(() => formulaSteps('answers', ident('rows'), twice, [])).toThrow('a_first is defined twice, not alike.');
});

test.each(['DUCKDB', 'TRINO'] as const)('every step of a test is read once, in %s', (name) => {
  const arm = (prefix: string) => ({
    n: ident(`${prefix}_n`),
    mean: ident(`${prefix}_mean`),
    variance: ident(`${prefix}_variance`),
    unknown: KNOWN,
  });
  const arms = { control: arm('c'), treatment: arm('t') };
  const { definitions, columns } = welchTest('welch', arms, { level: 0.95 }, DIALECTS[name]);
  const steps = formulaSteps('answers', ident('rows'), definitions, Object.values(columns));
  const texts = steps.map(textOf).join('\n');
  for (const step of ['rows', ...steps.slice(0, -1).map((one) => one.name)])
    expect(texts.split(`from "${step}"`)).toHaveLength(2);
});
