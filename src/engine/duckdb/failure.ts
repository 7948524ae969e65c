import { MetricLayerError } from '../../core/errors.ts';

/** What went wrong with a statement, as an error of ours. `reason`: what to say in place of DuckDB's own words. */
export function duckDbFailure(
  error: unknown,
  how: 'timeout' | 'cancelled' | 'failed',
  reason?: string,
): MetricLayerError {
  const said = reason ?? (error instanceof Error ? error.message : String(error));
  if (how === 'timeout')
    return new MetricLayerError(
      'ENGINE_TIMEOUT',
      'The query took longer than it may and was stopped. Ask for less at once, or raise the time limit.',
      { cause: error },
    );
  if (how === 'cancelled')
    return new MetricLayerError('ENGINE_CANCELLED', 'The query was cancelled because nobody waits for it any more.', {
      cause: error,
    });
  return new MetricLayerError('ENGINE_FAILED', 'The engine could not run the query.', {
    cause: error,
    details: { reason: said.split('\n')[0], ...(/^Out of Memory/i.test(said) ? { lacks: 'memory' } : {}) },
  });
}
