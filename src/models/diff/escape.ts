/** Names, numbers and SQL of a catalog as Markdown shows them: nothing in them is markup, a mention or the end of a cell. */

/** A code span on one line, also inside a table; null: a dash. */
export function code(text: string | null): string {
  if (text === null) return '–';
  const line = text.trim().replace(/\s*\n\s*/g, ' ⏎ ');
  if (line === '') return '(empty)';
  const fence = '`'.repeat(longestRun(line) + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${line.replaceAll('|', '\\|')}${pad}${fence}`;
}

/** Running text: what Markdown, HTML or the host would read as markup is escaped. */
export function prose(text: string): string {
  return text
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign]!)
    .replace(/[\\`*_{}[\]|~#!]/g, '\\$&')
    .replaceAll('@', '@\u200b');
}

/** A fenced block that its text cannot end. */
export function fenced(text: string, language: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

/** A part that is folded away. The title must be escaped already. */
export function details(title: string, body: string): string {
  return `<details>\n<summary>${title}</summary>\n\n${body}\n\n</details>`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
