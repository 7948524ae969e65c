import { compareInstants, readInstant, shortInstant } from '../core/instant.ts';
import { EXPERIMENT_STATUSES } from '../core/vocabulary.ts';
import type { Row } from '../engine/engine.ts';
import type { Experiment, ExperimentsSource, Instant, Variant } from './catalog.ts';
import { keyFault } from './names.ts';
import { readVariants } from './variants-json.ts';

/** What a row of the table says of an experiment; undefined: nothing, or nothing that can be read. */
export interface TableEntry {
  readonly key: string;
  readonly name?: string | undefined;
  readonly owner?: string | undefined;
  readonly hypothesis?: string | undefined;
  readonly start?: Instant | undefined;
  readonly end?: Instant | undefined;
  readonly status?: Experiment['status'] | undefined;
  readonly variants?: readonly Variant[] | undefined;
}

/** Takes a sentence for people who look after the catalog. */
export type Warn = (sentence: string) => void;

/** What the rows of a `kind: experiments` source say, by key; what cannot be read is left out with a warning. */
export function readEntries(
  rows: readonly Row[],
  source: ExperimentsSource,
  warn: Warn,
): ReadonlyMap<string, TableEntry> {
  const entries = new Map<string, TableEntry>();
  for (const row of rows) {
    const entry = readEntry(row, source, warn);
    if (entry === null) continue;
    if (entries.has(entry.key)) warn(`experiment \`${entry.key}\` is in the table twice; the first row counts.`);
    else entries.set(entry.key, entry);
  }
  return entries;
}

type Field = Parameters<ExperimentsSource['fields']['get']>[0];

function readEntry(row: Row, { fields }: ExperimentsSource, warn: Warn): TableEntry | null {
  const folded = new Map(Object.entries(row).map(([column, value]) => [column.toLowerCase(), value]));
  const text = (field: Field): string | undefined => {
    const column = fields.get(field);
    const value = column === undefined ? null : (row[column] ?? folded.get(column.toLowerCase()) ?? null);
    return value === null || String(value).trim() === '' ? undefined : String(value);
  };
  const key = text('key');
  if (key === undefined) {
    warn('a row without a key is left out.');
    return null;
  }
  const unfit = keyFault(key);
  if (unfit !== null) {
    warn(`the key ${JSON.stringify(key.slice(0, 60))} ${unfit}; the row is left out.`);
    return null;
  }
  const say: Warn = (sentence) => warn(`experiment \`${key}\`: ${sentence}`);
  const start = instantOf('start', text('start'), say);
  const end = instantOf('end', text('end'), say);
  const isBackwards = start !== undefined && end !== undefined && compareInstants(start, end) >= 0;
  if (isBackwards) say(`its end, ${end}, is not after its start, ${start}; both are left out.`);
  return {
    key,
    name: text('name'),
    owner: text('owner'),
    hypothesis: text('hypothesis'),
    start: isBackwards ? undefined : start,
    end: isBackwards ? undefined : end,
    status: readStatus(text('status'), say),
    variants: readVariants(text('variants'), say),
  };
}

/** Engines hand timestamps out in UTC; one without an offset is read as that. */
function instantOf(field: string, text: string | undefined, warn: Warn): Instant | undefined {
  if (text === undefined) return undefined;
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00` : text;
  const zoned = /([Zz]|[+-]\d{2}:\d{2})$/.test(day) ? day : `${day}Z`;
  const parsed = readInstant(zoned);
  if (parsed.ok) return shortInstant(parsed.instant);
  warn(`its ${field}, \`${text.slice(0, 60)}\`, ${parsed.reason}; it is left out.`);
  return undefined;
}

function readStatus(text: string | undefined, warn: Warn): TableEntry['status'] {
  if (text === undefined) return undefined;
  const status = EXPERIMENT_STATUSES.find((word) => word.toLowerCase() === text.trim().toLowerCase());
  if (status === undefined)
    warn(
      `its status \`${text.slice(0, 60)}\` is none of ${EXPERIMENT_STATUSES.map((word) => `\`${word.toLowerCase()}\``).join(', ')}; it is left out.`,
    );
  return status;
}
