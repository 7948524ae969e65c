import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineDiff } from '../../../src/models/diff/line-diff.ts';
import { folderWith } from '../../support/service.ts';

const lines = (...letters: readonly string[]) => letters.join('\n');

describe('a diff of lines', () => {
  test.each<[string, string, string, string]>([
    ['nothing', 'a\nb', 'a\nb', ''],
    ['one line', 'a\nb\nc', 'a\nx\nc', '@@ -1,3 +1,3 @@\n a\n-b\n+x\n c'],
    ['a line more', 'a\nc', 'a\nb\nc', '@@ -1,2 +1,3 @@\n a\n+b\n c'],
    [
      'two places far apart',
      lines(...'abcdefghijklm'),
      lines('A', ...'bcdefghijkl', 'M'),
      '@@ -1,4 +1,4 @@\n-a\n+A\n b\n c\n d\n@@ -10,4 +10,4 @@\n j\n k\n l\n-m\n+M',
    ],
  ])('%s', (_, before, after, expected) => {
    expect(lineDiff(before, after)).toBe(expected);
  });

  test('git applies it to the one text and gets the other', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const diff = lineDiff(before.join('\n'), after.join('\n'));
        if (diff === '') {
          expect(before).toEqual(after);
          return;
        }
        const folder = folderWith({ 't.txt': `${before.join('\n')}\n` });
        const patch = `--- a/t.txt\n+++ b/t.txt\n${diff}\n`;
        execFileSync('git', ['apply', '--unidiff-zero', '-'], { cwd: folder, input: patch, stdio: 'pipe' });
        const patched = execFileSync('cat', [join(folder, 't.txt')], { encoding: 'utf8' });
        expect(patched).toBe(`${after.join('\n')}\n`);
      }),
      { numRuns: 40 },
    );
  });
});
