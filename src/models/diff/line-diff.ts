/** So many unchanged lines stand around a changed one. */
const CONTEXT = 3;
/** Beyond so many pairs of lines the longest common part is not looked for: all of the old goes, all of the new comes. */
const MOST_PAIRS = 4_000_000;

interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** A unified diff of two texts by their longest common subsequence of lines (Hunt & McIlroy 1976); empty where they are equal. */
export function lineDiff(before: string, after: string): string {
  const lines = editsOf(before.split('\n'), after.split('\n'));
  const isNear = lines.map((_, i) =>
    lines.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some(({ sign }) => sign !== ' '),
  );
  const shown: string[] = [];
  let [old, now] = [1, 1];
  lines.forEach(({ sign, text }, i) => {
    if (isNear[i] && !isNear[i - 1]) {
      const end = isNear.indexOf(false, i);
      const hunk = lines.slice(i, end === -1 ? undefined : end);
      const count = (other: '-' | '+') => hunk.filter((line) => line.sign !== other).length;
      shown.push(`@@ -${old},${count('+')} +${now},${count('-')} @@`);
    }
    if (isNear[i]) shown.push(`${sign}${text}`);
    if (sign !== '+') old += 1;
    if (sign !== '-') now += 1;
  });
  return shown.join('\n');
}

function editsOf(before: readonly string[], after: readonly string[]): readonly Line[] {
  const line = (sign: Line['sign']) => (text: string) => ({ sign, text });
  if (before.length * after.length > MOST_PAIRS) return [...before.map(line('-')), ...after.map(line('+'))];
  // common[i][j]: length of the longest common subsequence of before from i and after from j.
  const common = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i -= 1)
    for (let j = after.length - 1; j >= 0; j -= 1)
      common[i]![j] =
        before[i] === after[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ sign: ' ', text: before[i]! });
      i += 1;
      j += 1;
    } else if (j === after.length || (i < before.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      lines.push({ sign: '-', text: before[i]! });
      i += 1;
    } else {
      lines.push({ sign: '+', text: after[j]! });
      j += 1;
    }
  }
  return lines;
}
