import { describe, expect, test, vi } from 'vitest';
import { diff } from '../../../src/cli/diff.ts';
import type { CatalogDiff } from '../../../src/models/diff/catalog-diff.ts';
import { code, fenced, prose } from '../../../src/models/diff/escape.ts';
import { markdownOf } from '../../../src/models/diff/markdown.ts';
import { CATALOG, repositoryWith, write } from './repository.ts';

describe('what a catalog says, in Markdown', () => {
  test.each([
    ['plain', '`plain`'],
    ['a | b', '`a \\| b`'],
    ['a `b` c', '``a `b` c``'],
    ['`b`', '`` `b` ``'],
    ['select 1\n  from t', '`select 1 ⏎ from t`'],
    ['', '(empty)'],
    [null, '–'],
  ])('code %j', (text, expected) => {
    expect(code(text)).toBe(expected);
  });

  test.each([
    ['a_b is *not* <b>', 'a\\_b is \\*not\\* &lt;b&gt;'],
    ['ask @team in #12', 'ask @\u200bteam in \\#12'],
    ['[x](http://y) | z', '\\[x\\](http://y) \\| z'],
  ])('prose %j', (text, expected) => {
    expect(prose(text)).toBe(expected);
  });

  test('a fence is longer than those inside', () => {
    expect(fenced('```\nx', 'sql')).toBe('````sql\n```\nx\n````');
  });
});

const EMPTY: CatalogDiff = {
  base: { ref: 'main', commit: 'a'.repeat(40), state: 'COMPARED', faults: [] },
  ...{ asOf: '2026-04-01T00:00:00Z', evaluated: true, affected: [], unaffected: 2 },
  ...{ definitions: [], statements: [], decisions: [], results: [], faults: [] },
};

describe('the comment', () => {
  test('of nothing is two lines', () => {
    expect(markdownOf(EMPTY)).toBe(
      `### Nothing changes\n\nAgainst \`main\` (${'a'.repeat(12)}): 0 experiments affected, 2 not. Results as of 2026-04-01T00:00:00Z.\n`,
    );
  });

  test('leaves out what a comment cannot hold, and counts it', () => {
    const long = { metric: 'm', experiment: 'x', diff: '+'.repeat(50_000) };
    const text = markdownOf({ ...EMPTY, statements: [long, long, { ...long, diff: '+ short' }] });
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain('+ short');
    expect(text).toContain('1 part too long for a comment; `--json` has everything.');
  });
});

/** Standard output and exit code of the command. */
async function run(directory: string, flags: Partial<Parameters<typeof diff>[2]>) {
  const written: string[] = [];
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const progress = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  try {
    await diff(directory, 'HEAD', { data: true, ...flags });
    return { text: written.join(''), exitCode: process.exitCode ?? 0 };
  } finally {
    out.mockRestore();
    progress.mockRestore();
    process.exitCode = undefined;
  }
}

describe('liftql diff', () => {
  const repository = (from: string, to: string) => {
    const directory = repositoryWith();
    write(directory, { 'experiments.yaml': CATALOG['experiments.yaml']!.replace(from, to) });
    return directory;
  };

  test('tells decisions that flip first, and with --fail-on exits 1', async () => {
    const directory = repository('margin: 5%', 'margin: 1%');
    const { text, exitCode } = await run(directory, {});
    expect(exitCode).toBe(0);
    expect(text.split('\n').slice(0, 8).join('\n')).toMatch(
      /^### 1 decision flips\n\nAgainst `HEAD` \([0-9a-f]{12}\): /,
    );
    expect(text).toContain('| `button` | `treatment` | SHIP → **INCONCLUSIVE** | load\\_time is not shown');
    expect(text).toContain(
      '| experiment `button` | `metrics.load_time.margin` | `0.05` | `0.01` | `experiments.yaml:2` |',
    );
    expect(text.indexOf('#### Decisions')).toBeLessThan(text.indexOf('#### How decisions are made'));
    expect((await run(directory, { failOn: 'flips' })).exitCode).toBe(1);
    expect((await run(directory, { failOn: 'moves' })).exitCode).toBe(1);
  });

  test('exits 0 where results move and only flips fail; the JSON has the same facts', async () => {
    const directory = repository('guardrails: { load_time: { margin: 5% } }', 'diagnostics: [load_time]');
    const { text, exitCode } = await run(directory, { failOn: 'flips', json: true });
    expect(exitCode).toBe(0);
    expect(JSON.parse(text)).toMatchObject({
      base: { ref: 'HEAD', state: 'COMPARED' },
      decisions: [],
      results: [
        { experiment: 'button', metric: 'load_time', before: { role: 'GUARDRAIL' }, after: { role: 'DIAGNOSTIC' } },
      ],
    });
    expect((await run(directory, { failOn: 'moves' })).exitCode).toBe(1);
  });

  test.each([{ failOn: 'anything' }, { failOn: 'flips', data: false }])('refuses %j', async (flags) => {
    await expect(run(repositoryWith(), flags)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});
