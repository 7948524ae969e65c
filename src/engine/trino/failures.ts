import { MetricLayerError } from '../../core/errors.ts';

/** The query took longer than it may. `waitedFor`: what kept Trino from answering, if it was not the query itself. */
export function timeoutFailure(waitedFor: MetricLayerError | null = null): MetricLayerError {
  return new MetricLayerError(
    'ENGINE_TIMEOUT',
    waitedFor === null
      ? 'The query took longer than it may and was stopped. Ask for less at once, or raise the time limit.'
      : 'Trino did not answer in the time that the query may take. Try again in a moment.',
    waitedFor === null ? {} : { cause: waitedFor },
  );
}

export function cancelledFailure(cause?: unknown): MetricLayerError {
  return new MetricLayerError(
    'ENGINE_CANCELLED',
    'The query was cancelled because nobody waits for it any more.',
    cause === undefined ? {} : { cause },
  );
}

export function closedFailure(): MetricLayerError {
  return new MetricLayerError('ENGINE_CANCELLED', 'The service is stopping and takes no more queries.');
}

/** The network's or the server's fault. `said`: for the operator; it must hold no secrets. */
export function unavailable(message: string, said?: string): MetricLayerError {
  return new MetricLayerError('ENGINE_UNAVAILABLE', message, said === undefined ? {} : { cause: new Error(said) });
}

/** An answer that breaks the protocol: nothing that came with it is used. */
export function badAnswer(what: string, said?: string): MetricLayerError {
  return unavailable(
    `Trino's answer is not to be trusted: ${what}. The query was given up; check what stands between this service and Trino.`,
    said,
  );
}

/** The `error` of a page, as far as it is what Trino sends. */
interface TrinoError {
  readonly message: string;
  readonly errorName: string;
  readonly errorType: string;
  readonly line: number | null;
  readonly column: number | null;
}

/** What Trino says went wrong with a query, as an error of ours; its stack stays behind. */
export function trinoFailure(sent: unknown, queryId: string, redact: (text: string) => string): MetricLayerError {
  const error = read(sent, redact);
  const code = codeOf(error);
  const reason = error.message.replace(/^line \d+:\d+: /, '').split('\n')[0]!;
  return new MetricLayerError(code, MESSAGES[code]!, {
    cause: new Error(`${error.errorName}: ${error.message}`),
    details: {
      reason,
      errorName: error.errorName,
      ...(error.line === null ? {} : { line: error.line, column: error.column }),
      ...(/MEMORY/.test(error.errorName) ? { lacks: 'memory' } : {}),
      queryId,
    },
  });
}

const MESSAGES: Readonly<Record<string, string>> = {
  ENGINE_FAILED: 'The engine could not run the query.',
  ENGINE_TIMEOUT: 'The query took longer than it may and was stopped. Ask for less at once, or raise the time limit.',
  ENGINE_OVERLOADED: 'Too many queries are waiting for the engine. Try again in a moment.',
  ENGINE_CANCELLED: 'The query was cancelled on Trino.',
  ENGINE_UNAVAILABLE: 'Trino gave the query up for a reason of its own. Try again in a moment.',
  ENGINE_UNAUTHORIZED: 'Trino does not let this user run the query. Ask whoever runs it for access to the tables.',
};

/** By name first; Trino's four kinds of errors decide for the names that are not listed. */
const CODES: ReadonlyMap<string, string> = new Map([
  ['PERMISSION_DENIED', 'ENGINE_UNAUTHORIZED'],
  ['USER_CANCELED', 'ENGINE_CANCELLED'],
  ['ADMINISTRATIVELY_KILLED', 'ENGINE_UNAVAILABLE'],
  ['ADMINISTRATIVELY_PREEMPTED', 'ENGINE_UNAVAILABLE'],
  ['EXCEEDED_TIME_LIMIT', 'ENGINE_TIMEOUT'],
  ['EXCEEDED_CPU_LIMIT', 'ENGINE_TIMEOUT'],
  ['QUERY_QUEUE_FULL', 'ENGINE_OVERLOADED'],
  ['NO_NODES_AVAILABLE', 'ENGINE_UNAVAILABLE'],
  ['USER_ERROR', 'ENGINE_FAILED'],
  ['INSUFFICIENT_RESOURCES', 'ENGINE_FAILED'],
]);

function codeOf({ errorName, errorType }: TrinoError): string {
  return CODES.get(errorName) ?? CODES.get(errorType) ?? 'ENGINE_UNAVAILABLE';
}

function read(sent: unknown, redact: (text: string) => string): TrinoError {
  const fields = (typeof sent === 'object' && sent !== null ? sent : {}) as Record<string, unknown>; // only looked into
  const location = (fields.errorLocation ?? {}) as Record<string, unknown>; // likewise
  const text = (value: unknown, otherwise: string) =>
    typeof value === 'string' && value !== '' ? redact(value) : otherwise;
  const whole = (value: unknown) => (Number.isSafeInteger(value) ? (value as number) : null); // just checked
  return {
    message: text(fields.message, 'Trino says no more.'),
    errorName: text(fields.errorName, 'UNKNOWN_ERROR'),
    errorType: text(fields.errorType, 'UNKNOWN_TYPE'),
    line: whole(location.lineNumber),
    column: whole(location.columnNumber),
  };
}
