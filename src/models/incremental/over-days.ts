import type { Measure } from '../../metric-types/metric-type.ts';

/**
 * How a measure's values of a unit's days become that of all of them; null: they do not, and its rows are read anew. What another
 * source's rows decide (`exists`) may be decided later, about a day that is over.
 */
export function overDays({ aggregate, exists }: Measure): 'sum' | 'min' | 'max' | null {
  if (exists !== undefined) return null;
  switch (aggregate) {
    case 'sum':
    case 'count':
      return 'sum';
    case 'min':
    case 'time_to_first':
      return 'min';
    case 'max':
      return 'max';
    default:
      return null;
  }
}
