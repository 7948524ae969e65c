import type { AssignmentSource, Catalog, FactSource } from '../catalog/catalog.ts';
import { relationSql } from './relation.ts';

const PREFIX = 'history of ';
/** The one variant that all units of a history are in. */
export const HISTORY_VARIANT = 'all';
const VARIANT_COLUMN = 'liftql variant';

/** The name under which an experiment can have the units of a fact source for its assignments. */
export const historyName = (source: string): string => `${PREFIX}${source}`;

/**
 * The units of a fact source as if each had been exposed, in the one variant `all`, at the first row that it has in the
 * experiment's period: what an experiment over that source would have seen. null: the name is not that of a history.
 */
export function historySource(catalog: Catalog, name: string): AssignmentSource | null {
  const facts = name.startsWith(PREFIX) ? catalog.sources.get(name.slice(PREFIX.length)) : undefined;
  return facts?.kind === 'facts' ? asAssignments(facts, name) : null;
}

function asAssignments(facts: FactSource, name: string): AssignmentSource {
  // A relation binds no values: its text is all of it.
  const relation = relationSql(facts).pieces.join('');
  return {
    name,
    kind: 'assignments',
    place: facts.place,
    relation: {
      kind: 'sql',
      query: {
        text: `select h.*, '${HISTORY_VARIANT}' as "${VARIANT_COLUMN}" from ${relation} as h`,
        place: facts.place,
      },
    },
    columns: new Map([...facts.columns, [VARIANT_COLUMN, { type: 'STRING', engineType: 'VARCHAR' }]]),
    unit: facts.unit,
    experiment: null,
    variant: VARIANT_COLUMN,
    timestamp: facts.timestamp,
    dimensions: [],
    exclude: null,
    loadedAt: facts.loadedAt ?? null,
  };
}
