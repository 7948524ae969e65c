/**
 * Errors that we mean. The message is a sentence that names the offender and the remedy; the code is stable and reaches
 * the client as `extensions.code`. Anything else that is thrown is a bug and is masked at the edge.
 */
export class MetricLayerError extends Error {
  readonly code: string;
  /** Facts that a program may read beside the code; no SQL, paths or secrets. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: { cause?: unknown; details?: Record<string, unknown> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MetricLayerError';
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** Closes a switch over a union: a new member that is not handled does not compile. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}

/** Whether the engine failed at something, as opposed to a fault of the request or of ours. */
export function isEngineFailure(error: unknown): error is MetricLayerError {
  return error instanceof MetricLayerError && error.code.startsWith('ENGINE_');
}

/** The result, or null where the engine failed at it; every other error goes on. */
export async function unlessEngineFails<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    if (isEngineFailure(error)) return null;
    throw error;
  }
}
