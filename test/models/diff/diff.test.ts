import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { type CatalogDiff, flipsOf, movedResults, summaryLine } from '../../../src/models/diff/catalog-diff.ts';
import { type DiffOptions, diffCatalogs } from '../../../src/server/diff-catalogs.ts';
import { folderWith } from '../../support/service.ts';
import { CATALOG, EVENTS, git, repositoryWith, write } from './repository.ts';

const diffOf = (directory: string, options: Partial<DiffOptions> = {}): Promise<CatalogDiff> =>
  diffCatalogs(directory, 'HEAD', { env: {}, data: true, ...options });

/** The committed catalog against itself with a text of one file replaced. */
async function edited(file: string, from: string, to: string, options: Partial<DiffOptions> = {}) {
  expect(CATALOG[file]).toContain(from);
  const directory = repositoryWith();
  write(directory, { [file]: CATALOG[file]!.replace(from, to) });
  return diffOf(directory, options);
}

/** `METRIC revenue@1 CHANGED NUMBERS rewrites` and its fields as `name: old → new`. */
function said({ definitions }: CatalogDiff): readonly string[] {
  return definitions.map(
    ({ kind, name, version, change, effect, rewrites, fields }) =>
      `${kind} ${name}${version === null ? '' : `@${version}`} ${change} ${effect}${rewrites ? ' rewrites' : ''}${fields
        .map(({ field, before, after }) => `; ${field}: ${before} → ${after}`)
        .join('')}`,
  );
}

interface Expected {
  readonly summary: string;
  readonly definitions: readonly string[];
  readonly affected: readonly string[];
  /** Verdicts. */
  readonly flips?: readonly string[];
  /** `experiment metric` of lines that move. */
  readonly moves?: readonly string[];
}

const METRICS = CATALOG['metrics.yaml']!;
const REVENUE = METRICS.slice(METRICS.indexOf('  revenue:'), METRICS.indexOf('  load_time:'));

describe('an edit of the catalog', () => {
  test.each<[string, readonly [string, string, string], Expected]>([
    [
      'no edit at all',
      ['metrics.yaml', 'title: Revenue', 'title: Revenue'],
      { summary: 'Nothing changes', definitions: [], affected: [] },
    ],
    [
      'a comment',
      ['metrics.yaml', 'metrics:', '# Reviewed.\nmetrics:'],
      { summary: 'Nothing changes', definitions: [], affected: [] },
    ],
    [
      'words of a metric',
      ['metrics.yaml', 'title: Revenue\n    owner: growth@example.com', 'title: Sales\n    tags: [money]'],
      {
        summary: 'Words only: 1 definition, no number moves',
        definitions: [
          'METRIC revenue CHANGED WORDS; owner: growth@example.com → null; tags: null → money; title: Revenue → Sales',
        ],
        affected: [],
      },
    ],
    [
      'a default spelled out',
      ['metrics.yaml', 'where: "name = \'purchase\'" }', 'where: "name = \'purchase\'", whenMissing: zero }'],
      {
        summary: 'Words only: 1 definition, no number moves',
        definitions: ['METRIC revenue@1 CHANGED WORDS; value.whenMissing: null → zero'],
        affected: [],
      },
    ],
    [
      'a title of a dimension',
      ['catalog.yaml', 'title: Country', 'title: Land'],
      {
        summary: 'Words only: 1 definition, no number moves',
        definitions: ['SOURCE assignments CHANGED WORDS; dimensions.country.title: Country → Land'],
        affected: [],
      },
    ],
    [
      'words of an experiment and its variants',
      ['experiments.yaml', 'treatment: { weight: 0.5 } }', 'treatment: { weight: 0.5, name: Big } }\n    owner: me'],
      {
        summary: 'Words only: 1 definition, no number moves',
        definitions: ['EXPERIMENT button CHANGED WORDS; owner: null → me; variants.treatment.name: treatment → Big'],
        affected: [],
      },
    ],
    [
      'the rows of a metric, its version kept',
      ['metrics.yaml', "name = 'purchase'", "name = 'purchase' and amount > 15"],
      {
        summary: '1 result moves, 1 definition changed without a new version',
        definitions: [
          "METRIC revenue@1 CHANGED NUMBERS rewrites; value.where: name = 'purchase' → name = 'purchase' and amount > 15",
        ],
        affected: ['button'],
        moves: ['button revenue'],
      },
    ],
    [
      'the window of a metric, in a new version',
      [
        'metrics.yaml',
        REVENUE,
        `${REVENUE.replace('length: 7d', 'length: 2d').replace('    goodWhen', '    version: 2\n    goodWhen')}    versions:
      - { version: 1, source: events, value: { column: amount, aggregate: sum, where: "name = 'purchase'" }, window: { length: 7d } }
`,
      ],
      {
        summary: '1 decision flips, 1 result moves',
        definitions: ['METRIC revenue@2 ADDED NUMBERS'],
        affected: ['button'],
        flips: ['button treatment SHIP → INCONCLUSIVE'],
        moves: ['button revenue'],
      },
    ],
    [
      'which direction of a metric is good',
      ['metrics.yaml', 'goodWhen: down', 'goodWhen: up'],
      {
        summary: '1 result moves',
        definitions: ['METRIC load_time@1 CHANGED DECISIONS; goodWhen: down → up'],
        affected: ['button'],
        moves: ['button load_time'],
      },
    ],
    [
      'a margin of a guardrail, tightened',
      ['experiments.yaml', 'margin: 5%', 'margin: 1%'],
      {
        summary: '1 decision flips',
        definitions: ['EXPERIMENT button CHANGED DECISIONS; metrics.load_time.margin: 0.05 → 0.01'],
        affected: ['button'],
        flips: ['button treatment SHIP → INCONCLUSIVE'],
      },
    ],
    [
      'a guardrail taken away',
      ['experiments.yaml', 'guardrails: { load_time: { margin: 5% } }', 'diagnostics: [load_time]'],
      {
        summary: '1 result moves',
        definitions: [
          'EXPERIMENT button CHANGED DECISIONS; metrics.load_time.margin: 0.05 → null; metrics.load_time.role: guardrail → diagnostic',
        ],
        affected: ['button'],
        moves: ['button load_time'],
      },
    ],
    [
      'a goal more',
      ['experiments.yaml', 'goals: [revenue]', 'goals: [revenue, visits]'],
      {
        summary: '1 result is new',
        definitions: ['EXPERIMENT button CHANGED DECISIONS; metrics.visits.role: null → goal'],
        affected: ['button'],
      },
    ],
    [
      'the level of the whole catalog',
      ['catalog.yaml', 'sources:', 'analysis: { alpha: 1e-8 }\nsources:'],
      {
        summary: '1 decision flips, 2 results move',
        definitions: ['SETTING analysis CHANGED DECISIONS; alpha: 0.05 → 1e-8'],
        affected: ['banner', 'button'],
        flips: ['button treatment SHIP → INCONCLUSIVE'],
        moves: ['button revenue', 'button load_time'],
      },
    ],
    [
      'the level of one experiment',
      ['experiments.yaml', 'goals: [revenue]', 'analysis: { alpha: 1e-8 }\n    goals: [revenue]'],
      {
        summary: '1 decision flips, 2 results move',
        definitions: ['EXPERIMENT button CHANGED DECISIONS; analysis.alpha: 0.05 → 1e-8'],
        affected: ['button'],
        flips: ['button treatment SHIP → INCONCLUSIVE'],
        moves: ['button revenue', 'button load_time'],
      },
    ],
    [
      'a plan that is not reached yet',
      ['experiments.yaml', 'plan: { end: 2026-03-15T00:00:00Z }', 'plan: { unitsPerVariant: 5000 }'],
      {
        summary: '1 decision flips',
        definitions: [
          'EXPERIMENT button CHANGED DECISIONS; plan.end: 2026-03-15T00:00:00Z → null; plan.unitsPerVariant: null → 5000',
        ],
        affected: ['button'],
        flips: ['button treatment SHIP → KEEP_RUNNING'],
      },
    ],
    [
      'weights that the sizes do not have',
      [
        'experiments.yaml',
        'control: true, weight: 0.5 }, treatment: { weight: 0.5 }',
        'control: true, weight: 0.9 }, treatment: { weight: 0.1 }',
      ],
      {
        summary: '1 decision flips',
        definitions: [
          'EXPERIMENT button CHANGED DECISIONS; variants.control.weight: 0.5 → 0.9; variants.treatment.weight: 0.5 → 0.1',
        ],
        affected: ['button'],
        flips: ['button treatment SHIP → INVALID'],
      },
    ],
    [
      'an experiment more',
      [
        'experiments.yaml',
        '  banner:',
        '  other:\n    assignments: assignments\n    variants: { control: { control: true }, treatment: {} }\n    goals: [visits]\n  banner:',
      ],
      {
        summary: '1 result is new',
        definitions: ['EXPERIMENT other ADDED NUMBERS'],
        affected: ['other'],
      },
    ],
    [
      'where the models are built',
      ['catalog.yaml', 'sources:', 'models: { schema: reporting }\nsources:'],
      {
        summary: 'Words only: 1 definition, no number moves',
        definitions: [
          'SETTING models CHANGED WORDS; lookback: null → 2d; maxAge: null → 0s; path: null → models.duckdb; schema: null → reporting',
        ],
        affected: [],
      },
    ],
  ])('%s', async (_, [file, from, to], expected) => {
    const found = await edited(file, from, to);
    expect(summaryLine(found)).toBe(expected.summary);
    expect(said(found)).toEqual(expected.definitions);
    expect(found.affected).toEqual(expected.affected);
    expect(found.unaffected + found.affected.length).toBe(expected.affected.includes('other') ? 3 : 2);
    expect(
      flipsOf(found).map(
        ({ experiment, treatment, before, after }) => `${experiment} ${treatment} ${before} → ${after}`,
      ),
    ).toEqual(expected.flips ?? []);
    expect(movedResults(found).map(({ experiment, metric }) => `${experiment} ${metric}`)).toEqual(
      expected.moves ?? [],
    );
    expect(found.faults).toEqual([]);
  });
});

/** Files of the committed catalog as they are in the work tree; null: deleted. */
async function rewritten(files: Readonly<Record<string, string | null>>, options: Partial<DiffOptions> = {}) {
  const directory = repositoryWith();
  for (const [name, text] of Object.entries(files)) {
    if (text === null) rmSync(join(directory, name));
    else write(directory, { [name]: text });
  }
  return diffOf(directory, options);
}

describe('files of a catalog', () => {
  test('one that only has another name changes nothing', async () => {
    const found = await rewritten({ 'metrics.yaml': null, 'measures.yml': METRICS });
    expect(summaryLine(found)).toBe('Nothing changes');
    expect(found).toMatchObject({ definitions: [], affected: [], unaffected: 2 });
  });

  test('a metric and its goal removed: nothing is moved, one result is gone', async () => {
    const metrics = METRICS.slice(0, METRICS.indexOf('  visits:'));
    const experiments = CATALOG['experiments.yaml']!.replace('goals: [visits]', 'goals: [revenue]');
    const found = await rewritten({ 'metrics.yaml': metrics, 'experiments.yaml': experiments });
    expect(summaryLine(found)).toBe('1 decision flips, 1 result is new, 1 result is gone');
    expect(said(found)).toEqual([
      'METRIC visits REMOVED NUMBERS',
      'EXPERIMENT banner CHANGED DECISIONS; metrics.revenue.role: null → goal; metrics.visits.role: goal → null',
    ]);
    expect(flipsOf(found)).toMatchObject([{ experiment: 'banner', after: 'SHIP' }]);
  });

  test('a version removed is history that is not kept', async () => {
    const two = `${REVENUE.replace('    goodWhen', '    version: 2\n    goodWhen')}    versions:
      - { version: 1, source: events, value: { column: amount, aggregate: sum }, window: { length: 7d } }
`;
    const directory = repositoryWith({ ...CATALOG, 'metrics.yaml': METRICS.replace(REVENUE, two) });
    write(directory, { 'metrics.yaml': METRICS.replace(REVENUE, two.slice(0, two.indexOf('    versions:'))) });
    const found = await diffOf(directory);
    expect(said(found)).toEqual(['METRIC revenue@1 REMOVED NUMBERS rewrites']);
    expect(summaryLine(found)).toBe('1 version removed');
  });

  test('a source that moved: its paths are those of the work tree, on both sides', async () => {
    const directory = repositoryWith();
    const rows = EVENTS.filter(({ name }) => name === 'load').map(({ unit }) => `u${unit},load,2026-03-03T00:00:00Z,7`);
    write(directory, {
      'catalog.yaml': CATALOG['catalog.yaml']!.replace('events.csv', 'other/events.csv'),
      'other/events.csv': ['user_id,name,at,amount', ...rows, 'x,load,2026-03-31T00:00:00Z,1'].join('\n'),
    });
    const found = await diffOf(directory);
    expect(said(found)).toEqual(['SOURCE events CHANGED NUMBERS; file: events.csv → other/events.csv']);
    const { before, after } = movedResults(found).find(({ metric }) => metric === 'load_time')!;
    expect([before!.numbers.control_mean, after!.numbers.control_mean]).toEqual([meanOf('load', false), 7]);
  });

  test('environment variables are filled in on both sides', async () => {
    const directory = repositoryWith();
    renameSync(join(directory, 'assignments.csv'), join(directory, 'people.csv'));
    write(directory, { 'experiments.yaml': CATALOG['experiments.yaml']!.replace('margin: 5%', 'margin: 1%') });
    const found = await diffOf(directory, { env: { DATA: 'people' } });
    expect(summaryLine(found)).toBe('1 decision flips');
  });
});

/** Mean over the units of an arm, of rows with more than `above`. */
function meanOf(name: string, isTreatment: boolean, above = 0): number {
  const own = EVENTS.filter((row) => row.name === name && row.isTreatment === isTreatment);
  return own.reduce((sum, { amount }) => sum + (amount > above ? amount : 0), 0) / own.length;
}

describe('what is told of a result', () => {
  test('its numbers before and after are those of the rows', async () => {
    const found = await edited('metrics.yaml', "name = 'purchase'", "name = 'purchase' and amount > 15");
    const [moved] = movedResults(found);
    const [before, after] = [0, 15].map((above) => meanOf('purchase', true, above) - meanOf('purchase', false, above));
    expect(moved!.before!.numbers.difference).toBeCloseTo(before!, 9);
    expect(moved!.after!.numbers.difference).toBeCloseTo(after!, 9);
    expect(moved!.relativeMove).toBeCloseTo((after! - before!) / Math.abs(before!), 9);
  });

  test('its statement is compared line by line, with its values', async () => {
    const found = await edited('metrics.yaml', 'length: 7d', 'length: 2d');
    expect(found.statements).toMatchObject([{ metric: 'revenue', experiment: 'button' }]);
    const lines = found.statements[0]!.diff.split('\n');
    expect(lines.filter((line) => /^-.*604800/.test(line))).not.toEqual([]);
    expect(lines.filter((line) => /^\+.*172800/.test(line))).not.toEqual([]);
  });

  test('without data, definitions and statements are the same, and no warehouse is opened', async () => {
    const directory = repositoryWith();
    write(directory, { 'metrics.yaml': METRICS.replace('length: 7d', 'length: 2d') });
    const whole = await diffOf(directory);
    rmSync(join(directory, 'events.csv'));
    const found = await diffOf(directory, { data: false });
    expect(found.definitions).toEqual(whole.definitions);
    expect(found.statements).toHaveLength(1);
    expect(found).toMatchObject({ evaluated: false, results: [], decisions: [], affected: ['button'], unaffected: 1 });
    await expect(diffOf(directory)).rejects.toMatchObject({ code: 'CATALOG_INVALID' });
  });

  test('where only words differ, no warehouse is opened either', async () => {
    const directory = repositoryWith();
    write(directory, { 'metrics.yaml': METRICS.replace('title: Revenue', 'title: Sales') });
    rmSync(join(directory, 'events.csv'));
    expect(summaryLine(await diffOf(directory))).toBe('Words only: 1 definition, no number moves');
  });

  test('both catalogs are as of one instant: the one asked for, else the head’s clock', async () => {
    const clock = CATALOG['catalog.yaml']!.replace('2026-04-01', '2026-03-20');
    const moved = await rewritten({ 'catalog.yaml': clock });
    expect(moved).toMatchObject({ asOf: '2026-03-20T00:00:00Z', affected: [], results: [], decisions: [] });
    expect(said(moved)).toEqual(['SETTING clock CHANGED NUMBERS; clock: 2026-04-01T00:00:00Z → 2026-03-20T00:00:00Z']);
    const early = { 'experiments.yaml': CATALOG['experiments.yaml']!.replace('margin: 5%', 'margin: 1%') };
    const found = await rewritten(early, { asOf: '2026-03-02T12:00:00Z' });
    expect(found).toMatchObject({ asOf: '2026-03-02T12:00:00Z', decisions: [], affected: ['button'] });
    await expect(rewritten({}, { asOf: 'today' })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

describe('a base that cannot be compared', () => {
  /** What is left of the copies that are made from now on. */
  const watchCopies = () => {
    const folder = folderWith({});
    vi.stubEnv('TMPDIR', folder);
    return () => {
      vi.unstubAllEnvs();
      return readdirSync(folder);
    };
  };

  test('that has faults is told with them; the head is evaluated all the same, and no copy stays behind', async () => {
    const directory = repositoryWith({ ...CATALOG, 'metrics.yaml': METRICS.replace('type: mean', 'type: mode') });
    write(directory, CATALOG);
    const copies = watchCopies();
    const found = await diffOf(directory);
    expect(summaryLine(found)).toBe('The catalog at HEAD has 1 fault: nothing can be compared');
    expect(found.base.faults).toMatchObject([{ code: 'CAT_VALUE', place: { file: 'metrics.yaml', line: 3 } }]);
    expect(found).toMatchObject({ definitions: [], statements: [], affected: ['banner', 'button'] });
    expect(found.decisions).toMatchObject([{ before: null }, { experiment: 'button', before: null, after: 'SHIP' }]);
    expect(copies()).toEqual([]);
  });

  test('whose columns the warehouse does not have: definitions are compared, the head is evaluated', async () => {
    const directory = repositoryWith({
      ...CATALOG,
      'metrics.yaml': METRICS.replace('column: amount', 'column: price'),
    });
    write(directory, CATALOG);
    const found = await diffOf(directory);
    expect(found.base).toMatchObject({ state: 'UNREADABLE', faults: [{ place: { file: 'metrics.yaml' } }] });
    expect(said(found)).toEqual(['METRIC revenue@1 CHANGED NUMBERS rewrites; value.column: price → amount']);
    expect(found.affected).toEqual(['button']);
    expect(found.decisions).toMatchObject([{ experiment: 'button', before: null, after: 'SHIP' }]);
  });

  test('that has no such folder: the catalog is new', async () => {
    const directory = repositoryWith();
    renameSync(directory, `${directory}-new`);
    const found = await diffOf(`${directory}-new`);
    expect(summaryLine(found)).toBe('There is no catalog at HEAD: this one is new');
    expect(found.definitions.filter(({ change }) => change === 'ADDED')).toHaveLength(7);
    expect(found.decisions).toMatchObject([{ experiment: 'banner' }, { experiment: 'button', after: 'SHIP' }]);
  });

  test('a head with faults is thrown, and no copy stays behind', async () => {
    const directory = repositoryWith();
    write(directory, { 'metrics.yaml': METRICS.replace('column: amount', 'column: price') });
    const copies = watchCopies();
    await expect(diffOf(directory)).rejects.toMatchObject({ code: 'CATALOG_INVALID' });
    expect(copies()).toEqual([]);
  });

  test.each(['nosuch', '--help', 'HEAD:catalog', '', '$(touch x)'])('a ref that is no commit: "%s"', async (ref) => {
    await expect(diffCatalogs(repositoryWith(), ref, { env: {}, data: false })).rejects.toMatchObject({
      code: 'UNKNOWN_REF',
    });
  });

  test('a folder in no repository', async () => {
    const directory = folderWith(CATALOG);
    await expect(diffOf(directory, { data: false })).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' });
  });

  test('a branch, a tag and an earlier commit are refs, and a catalog may be the whole repository', async () => {
    const directory = folderWith(CATALOG);
    git(directory, 'init', '--quiet', '--initial-branch=main');
    git(directory, 'add', '.');
    git(directory, 'commit', '--quiet', '--message=one');
    git(directory, 'tag', 'v1');
    write(directory, { 'metrics.yaml': METRICS.replace('title: Revenue', 'title: Sales') });
    git(directory, 'commit', '--quiet', '--all', '--message=two');
    for (const [ref, count] of [
      ['v1', 1],
      ['HEAD~1', 1],
      ['main', 0],
    ] as const)
      expect((await diffCatalogs(directory, ref, { env: {}, data: false })).definitions).toHaveLength(count);
    mkdirSync(join(directory, 'sub'));
    expect(git(directory, 'status', '--porcelain')).toBe('');
  });
});
