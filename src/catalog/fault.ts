import type { Place } from '../metric-types/expression.ts';
import { FAULT_MESSAGES, type FaultCode, type FaultParameters, formatPlace } from './fault-messages.ts';
import { nearestName } from './nearest-name.ts';

/** Something wrong in a catalog, where it stands, and what to do about it. */
export interface Fault {
  readonly code: FaultCode;
  /** One or two sentences that name the offender and the remedy. */
  readonly message: string;
  /** The file is relative to the catalog's folder. */
  readonly place: Place;
}

/** `file:line:column: sentence`. */
export function formatFault(fault: Fault): string {
  return `${formatPlace(fault.place)}: ${fault.message}`;
}

const SUGGESTIONS = 200;

/** Collects faults so that all are told at once. */
export class FaultList {
  readonly #faults: Fault[] = [];
  #suggestions = 0;

  add<Code extends FaultCode>(code: Code, place: Place, parameters: FaultParameters<Code>): void {
    // The table pairs each code with its own parameters; the compiler does not follow that through an index.
    const message = (FAULT_MESSAGES[code] as (p: FaultParameters<Code>) => string)(parameters);
    this.#faults.push({ code, message, place });
  }

  /** The nearest known name; after many of them none, because comparing every name with every other takes long. */
  suggest(name: string, known: Iterable<string>): string | null {
    this.#suggestions += 1;
    return this.#suggestions > SUGGESTIONS ? null : nearestName(name, known);
  }

  get isEmpty(): boolean {
    return this.#faults.length === 0;
  }

  /** By file, line and column; each said once. */
  sorted(): readonly Fault[] {
    const seen = new Set<string>();
    return this.#faults
      .filter((fault) => {
        const key = `${fault.code} ${formatFault(fault)}`;
        return !seen.has(key) && seen.add(key) !== undefined;
      })
      .sort(
        (a, b) => compare(a.place.file, b.place.file) || a.place.line - b.place.line || a.place.column - b.place.column,
      );
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
