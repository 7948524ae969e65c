import { describe, expect, test } from 'vitest';
import { faultsOf, good, load, messagesOf, SOURCES, unmark } from './catalog-folder.ts';

const DIMENSIONED = SOURCES.replace(
  'timestamp: assigned_at',
  'timestamp: assigned_at\n    dimensions: { country: {}, platform: {} }',
);
const VARIANTS = 'variants: { a: { control: true }, b: {} }';
const catalog = (experiment: string, rest = '') =>
  `${DIMENSIONED}${rest}experiments:\n  x: { assignments: assignments, ${VARIANTS}${experiment === '' ? '' : `, ${experiment}`} }\n`;
const built = (experiment: string, rest = '') => good(catalog(experiment, rest)).experiments.get('x')!;
const PLAN = 'plan: { unitsPerVariant: 1000 }';

describe('how results are computed', () => {
  test('nothing is said: no adjustment, no strata, a flat prior, the default policy', () => {
    expect(built('').analysis).toEqual({
      alpha: 0.05,
      correction: 'HOLM',
      lift: 'FIELLER',
      sequential: 'NONE',
      harmAlpha: 0.05,
    });
    expect(built('')).toMatchObject({ monitoring: 'FIXED', policy: 'default' });
  });

  test.each<[string, object]>([
    ['cuped: true', { cuped: true }],
    ['cuped: false', { cuped: false }],
    ['correction: dunnett', { correction: 'DUNNETT' }],
    ['sequential: groupObrienFleming', { sequential: 'GROUP_OBRIEN_FLEMING' }],
    ['sequential: mixture', { sequential: 'MIXTURE' }],
    ['stratifyBy: [country, platform]', { stratifyBy: ['country', 'platform'] }],
    ['prior: { scale: absolute, mean: -1, sd: 2 }', { prior: { scale: 'ABSOLUTE', mean: -1, sd: 2 } }],
    ['prior: { sd: 0.3 }', { prior: { scale: 'RELATIVE', mean: 0, sd: 0.3 } }],
  ])('%s, of an experiment and of the catalog', (yaml, said) => {
    expect(built(`analysis: { ${yaml} }`).analysis).toMatchObject(said);
    expect(built('', `analysis: { ${yaml} }\n`).analysis).toMatchObject(said);
  });

  test('the experiment goes before the catalog', () => {
    const analysis = 'analysis: { cuped: true, prior: { sd: 1 } }\n';
    expect(built('analysis: { cuped: false, prior: { sd: 0.1 } }', analysis).analysis).toMatchObject({
      cuped: false,
      prior: { scale: 'RELATIVE', mean: 0, sd: 0.1 },
    });
  });

  test.each<[string, object]>([
    ['{ looks: 4 }', { looks: [0.25, 0.5, 0.75, 1], spending: 'OBRIEN_FLEMING', power: 2 }],
    ['{ looks: [0.5, 1], spending: pocock }', { looks: [0.5, 1], spending: 'POCOCK', power: 2 }],
    ['{ looks: [1], spending: power, power: 3 }', { looks: [1], spending: 'POWER', power: 3 }],
  ])('group-sequential monitoring %s', (yaml, groupSequential) => {
    expect(built(`${PLAN}, monitoring: { groupSequential: ${yaml} }`)).toMatchObject({
      monitoring: 'GROUP_SEQUENTIAL',
      groupSequential,
    });
  });

  test('a policy by name', () => {
    expect(built('policy: confidence').policy).toBe('confidence');
  });

  test.each([
    'analysis: { cuped: ▸sometimes }',
    'analysis: { ▸prior: { mean: 0 } }',
    'analysis: { prior: { sd: ▸0 } }',
    'analysis: { prior: { sd: 1, scale: ▸percent } }',
    'analysis: { correction: ▸dunnet }',
    'policy: ▸spotify',
    `${PLAN}, monitoring: ▸groupSequential`,
    `${PLAN}, monitoring: { groupSequential: { looks: ▸1 } }`,
    `${PLAN}, monitoring: { groupSequential: { looks: ▸2.5 } }`,
    `${PLAN}, monitoring: { groupSequential: { looks: ▸[] } }`,
    `${PLAN}, monitoring: { groupSequential: { looks: ▸[0.5, 0.9] } }`,
    `${PLAN}, monitoring: { groupSequential: { looks: ▸[0.5, 0.5, 1] } }`,
    `${PLAN}, monitoring: { groupSequential: { looks: ▸[0, 1] } }`,
    `${PLAN}, monitoring: { groupSequential: { looks: 2, power: ▸-1 } }`,
    'monitoring: { ▸groupSequential: { looks: 2 } }',
    'plan: { end: 2026-01-01T00:00:00Z }, monitoring: { ▸groupSequential: { looks: 2 } }',
  ])('faults stand where they are: %s', (text) => {
    const { files, marks } = unmark(catalog(text));
    expect(faultsOf(files).map((fault) => fault.split(' ')[1])).toEqual(marks);
  });

  test('say what to write', () => {
    expect(messagesOf(load(catalog('monitoring: { groupSequential: { looks: 2 } }')))).toEqual([
      expect.stringContaining('`monitoring.groupSequential` needs `plan: { unitsPerVariant: … }`'),
    ]);
    expect(messagesOf(load(catalog(`${PLAN}, monitoring: groupSequential`)))).toEqual([
      expect.stringContaining('{ groupSequential: { looks: 4 } }'),
    ]);
  });

  test('a stratum must be a dimension of the assignments, whoever names it', () => {
    expect(messagesOf(load(catalog('analysis: { stratifyBy: [contry] }')))).toEqual([
      expect.stringContaining(
        'names the dimension of `assignments` `contry`, which is not defined. Did you mean `country`?',
      ),
    ]);
    expect(faultsOf(catalog('', 'analysis: { stratifyBy: [contry] }\n'))).toEqual([
      expect.stringContaining('CAT_UNKNOWN_NAME'),
    ]);
  });
});
