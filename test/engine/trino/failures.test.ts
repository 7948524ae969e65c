import { describe, expect, test } from 'vitest';
import { trinoFailure } from '../../../src/engine/trino/failures.ts';

const plain = (text: string) => text;

describe('what Trino says', () => {
  test.each<[string, string, string]>([
    ['COLUMN_NOT_FOUND', 'USER_ERROR', 'ENGINE_FAILED'],
    ['SYNTAX_ERROR', 'USER_ERROR', 'ENGINE_FAILED'],
    ['DIVISION_BY_ZERO', 'USER_ERROR', 'ENGINE_FAILED'],
    ['QUERY_HAS_TOO_MANY_STAGES', 'USER_ERROR', 'ENGINE_FAILED'],
    ['PERMISSION_DENIED', 'USER_ERROR', 'ENGINE_UNAUTHORIZED'],
    ['USER_CANCELED', 'USER_ERROR', 'ENGINE_CANCELLED'],
    ['EXCEEDED_TIME_LIMIT', 'INSUFFICIENT_RESOURCES', 'ENGINE_TIMEOUT'],
    ['EXCEEDED_CPU_LIMIT', 'INSUFFICIENT_RESOURCES', 'ENGINE_TIMEOUT'],
    ['QUERY_QUEUE_FULL', 'INSUFFICIENT_RESOURCES', 'ENGINE_OVERLOADED'],
    ['EXCEEDED_GLOBAL_MEMORY_LIMIT', 'INSUFFICIENT_RESOURCES', 'ENGINE_FAILED'],
    ['EXCEEDED_LOCAL_MEMORY_LIMIT', 'INSUFFICIENT_RESOURCES', 'ENGINE_FAILED'],
    ['EXCEEDED_SCAN_LIMIT', 'INSUFFICIENT_RESOURCES', 'ENGINE_FAILED'],
    ['NO_NODES_AVAILABLE', 'INSUFFICIENT_RESOURCES', 'ENGINE_UNAVAILABLE'],
    ['ADMINISTRATIVELY_KILLED', 'INSUFFICIENT_RESOURCES', 'ENGINE_UNAVAILABLE'],
    ['ADMINISTRATIVELY_PREEMPTED', 'INSUFFICIENT_RESOURCES', 'ENGINE_UNAVAILABLE'],
    ['ICEBERG_CANNOT_OPEN_SPLIT', 'EXTERNAL', 'ENGINE_UNAVAILABLE'],
    ['GENERIC_INTERNAL_ERROR', 'INTERNAL_ERROR', 'ENGINE_UNAVAILABLE'],
    ['SERVER_STARTING_UP', 'INTERNAL_ERROR', 'ENGINE_UNAVAILABLE'],
    ['OF_TOMORROW', 'OF_TOMORROW', 'ENGINE_UNAVAILABLE'],
    ['constructor', 'toString', 'ENGINE_UNAVAILABLE'],
  ])('%s (%s) is %s', (errorName, errorType, code) => {
    expect(trinoFailure({ message: 'x', errorName, errorType }, 'q', plain)).toMatchObject({
      code,
      details: { errorName, queryId: 'q' },
    });
  });

  test('is kept: the sentence without its place, the place, and the whole as the cause', () => {
    const sent = {
      message: "line 2:8: Column 'nope' cannot be resolved\nmore",
      errorName: 'COLUMN_NOT_FOUND',
      errorType: 'USER_ERROR',
      errorLocation: { lineNumber: 2, columnNumber: 8 },
      failureInfo: { stack: ['at io.trino'] },
    };
    const failure = trinoFailure(sent, 'q', plain);
    expect(failure).toMatchObject({
      message: 'The engine could not run the query.',
      details: { reason: "Column 'nope' cannot be resolved", line: 2, column: 8 },
      cause: new Error("COLUMN_NOT_FOUND: line 2:8: Column 'nope' cannot be resolved\nmore"),
    });
    expect(JSON.stringify(failure)).not.toContain('io.trino');
  });

  test.each([true, 1, 'x', {}, [], { message: 1, errorName: {}, errorType: null, errorLocation: 1 }])(
    'may be anything: %j',
    (sent) => {
      expect(trinoFailure(sent, 'q', plain)).toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    },
  );
});
