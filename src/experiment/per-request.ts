import type { StatementRecord } from '../evaluate/trace.ts';
import { Trace } from '../evaluate/trace.ts';
import type { Session } from './session.ts';

interface Made<T> {
  readonly value: Promise<T>;
  readonly trace: Trace;
  /** Made for the first who traces. */
  statements: Promise<readonly StatementRecord[]> | null;
}

/**
 * Something that many lines of a request need and that is made once, by key: it hangs off the request's session and goes with
 * it. Whoever asks has all of its statements in the own trace, the first and the last alike.
 */
export function oncePerRequest<T>(): (
  session: Session,
  key: string,
  make: (trace: Trace) => Promise<T>,
  trace?: Trace,
) => Promise<T> {
  const sessions = new WeakMap<Session, Map<string, Made<T>>>();
  return (session, key, make, trace) => {
    let known = sessions.get(session);
    if (known === undefined) {
      known = new Map();
      sessions.set(session, known);
    }
    let made = known.get(key);
    if (made === undefined) {
      const own = new Trace();
      made = { value: make(own), trace: own, statements: null };
      known.set(key, made);
    }
    if (trace !== undefined) {
      // Whoever asked for the value hears of its failure.
      const { trace: own } = made;
      const answered = () => own.answered();
      made.statements ??= made.value.then(answered, answered);
      trace.add(made.statements);
    }
    return made.value;
  };
}
