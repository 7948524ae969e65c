import { formatPlace } from '../../catalog/fault-messages.ts';
import type { CatalogDiff } from './catalog-diff.ts';
import { counted, flipsOf, rewritesOf, summaryLine } from './catalog-diff.ts';
import type { DefinitionChange, FieldChange } from './change.ts';
import { code, details, fenced, prose, table } from './escape.ts';
import { resultsSection } from './markdown-results.ts';

/** A comment of GitHub holds 65 536 characters; what does not fit is counted. */
const LONGEST = 60_000;

/** The diff as the comment of a pull request: what matters most first, the rest folded away. */
export function markdownOf(diff: CatalogDiff): string {
  const sections = [
    `### ${prose(summaryLine(diff))}`,
    aboutLine(diff),
    ...decisionsSection(diff),
    ...rewritesSection(diff),
    ...decisiveSection(diff),
    ...resultsSection(diff),
    ...faultsSection(diff),
    ...definitionsSection(diff),
    ...diff.statements.map(({ metric, experiment, diff: text }) =>
      details(`SQL of <code>${html(metric)}</code> in <code>${html(experiment)}</code>`, fenced(text, 'diff')),
    ),
  ];
  return fitting(sections);
}

/** As many sections as fit, in order; those that do not are counted. */
function fitting(sections: readonly string[]): string {
  const kept: string[] = [];
  let length = 0;
  for (const section of sections) {
    if (length + section.length > LONGEST) continue;
    kept.push(section);
    length += section.length + 2;
  }
  const left = sections.length - kept.length;
  if (left > 0) kept.push(`${counted(left, 'part')} too long for a comment; \`--json\` has everything.`);
  return `${kept.join('\n\n')}\n`;
}

function aboutLine({ base, asOf, affected, unaffected, evaluated }: CatalogDiff): string {
  const against = `Against ${code(base.ref)} (${base.commit.slice(0, 12)})`;
  if (base.state === 'FAULTY' || base.state === 'NEW') return `${against}, as of ${asOf}.`;
  const counts = `${counted(affected.length, 'experiment')} affected, ${unaffected} not`;
  return `${against}: ${counts}. ${evaluated ? `Results as of ${asOf}.` : 'Results were not evaluated.'}`;
}

function decisionsSection(diff: CatalogDiff): readonly string[] {
  const flips = flipsOf(diff);
  const others = diff.decisions.filter((one) => !flips.includes(one));
  const rows = [...flips, ...others].map(({ experiment, treatment, before, after, reasons }) => [
    code(experiment),
    code(treatment),
    `${before ?? '–'} → **${after ?? '–'}**`,
    prose(reasons.join(' ')) || '–',
  ]);
  if (rows.length === 0) return [];
  return ['#### Decisions', table(['experiment', 'treatment', 'verdict', 'because'], rows)];
}

function rewritesSection(diff: CatalogDiff): readonly string[] {
  const rows = rewritesOf(diff).map((change) => [
    nameOf(change),
    change.change === 'REMOVED' ? 'removed' : 'changed',
    placeOf(change),
  ]);
  if (rows.length === 0) return [];
  return [
    '#### History is not kept',
    'A version that was there gives other numbers now, so that results already reported with it cannot be had again. Give the new definition a new `version`, and keep the old one under `versions`.',
    table(['version', '', 'at'], rows),
  ];
}

function decisiveSection({ definitions }: CatalogDiff): readonly string[] {
  const rows = definitions.flatMap((change) =>
    change.fields
      .filter(({ effect }) => effect === 'DECISIONS')
      .map((field) => [nameOf(change), ...fieldCells(field), placeOf(change)]),
  );
  if (rows.length === 0) return [];
  return ['#### How decisions are made', table(['definition', 'field', 'old', 'new', 'at'], rows)];
}

const WORD = { NUMBERS: 'numbers', DECISIONS: 'decisions', WORDS: 'words only' } as const;

function definitionsSection({ definitions }: CatalogDiff): readonly string[] {
  if (definitions.length === 0) return [];
  const rows = definitions.flatMap((change): readonly (readonly string[])[] => {
    if (change.change !== 'CHANGED')
      return [[nameOf(change), change.change.toLowerCase(), '', '', '', placeOf(change)]];
    return change.fields.map((field) => [nameOf(change), WORD[field.effect], ...fieldCells(field), placeOf(change)]);
  });
  const title = `${counted(definitions.length, 'definition')}, field by field`;
  return [details(title, table(['definition', 'changes', 'field', 'old', 'new', 'at'], rows))];
}

function faultsSection({ base, faults }: CatalogDiff): readonly string[] {
  const failed = faults.map(
    ({ experiment, side, message }) =>
      `- ${code(experiment)} cannot be evaluated at the ${side.toLowerCase()}: ${prose(message)}`,
  );
  const faulty = base.faults.map(
    ({ message, place }) => `- ${place === null ? '' : `${code(formatPlace(place))}: `}${prose(message)}`,
  );
  return [
    ...(failed.length === 0 ? [] : ['#### Not evaluated', failed.join('\n')]),
    ...(faulty.length === 0 ? [] : [details(`${counted(faulty.length, 'fault')} at the base`, faulty.join('\n'))]),
  ];
}

function nameOf({ kind, name, version }: DefinitionChange): string {
  return `${kind.toLowerCase()} ${code(name)}${version === null ? '' : ` version ${version}`}`;
}

/** Of what was removed, where it stood is no place of the head. */
function placeOf({ place, change }: DefinitionChange): string {
  return place === null || change === 'REMOVED' ? '–' : code(`${place.file}:${place.line}`);
}

function fieldCells({ field, before, after }: FieldChange): readonly string[] {
  return [code(field), code(before), code(after)];
}

function html(text: string): string {
  return text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign]!);
}
