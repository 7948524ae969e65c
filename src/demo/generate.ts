import { rename, rm } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { assignmentsSql } from './assignments.ts';
import { eventsSql } from './events.ts';
import { exposuresSql } from './exposures.ts';
import { flagsSql } from './flags.ts';
import { sessionsSql } from './sessions.ts';
import { DEMO_SETTINGS, type DemoSettings, scaled } from './settings.ts';
import { randomMacros } from './sql-text.ts';
import { surveysSql } from './surveys.ts';
import { usersSql } from './users.ts';

/** How `generateDemo` works; nothing here but `scale` changes a row. */
export interface GenerateDemoOptions {
  /** Called before each step with what it makes, in words. */
  readonly onProgress?: (step: string) => void;
  /** Size relative to the shipped demo; the intended verdicts hold at 1. */
  readonly scale?: number;
  /** Threads of the engine; left out: all. */
  readonly threads?: number;
}

/** How many rows the tables of a generated demo have. */
export interface DemoRows {
  readonly users: number;
  readonly events: number;
  readonly assignments: number;
}

/**
 * Writes the demo's warehouse, a DuckDB file with the schema `raw`, and replaces what was at `path`. Every row follows from
 * a seeded hash: the same bytes of data on every run, whatever the threads. The file appears under its name only when it
 * is whole.
 */
export async function generateDemo(path: string, options: GenerateDemoOptions = {}): Promise<DemoRows> {
  const { onProgress = () => {}, scale = 1, threads } = options;
  const draft = `${path}.${process.pid}.tmp`;
  try {
    const rows = await writeWarehouse(draft, scaled(DEMO_SETTINGS, scale), {
      onProgress,
      config: threads === undefined ? {} : { threads: String(threads) },
    });
    // A write-ahead log of the file that is replaced would be replayed into the new one.
    await rm(`${path}.wal`, { force: true });
    await rename(draft, path);
    return rows;
  } finally {
    for (const leftover of [draft, `${draft}.wal`, `${draft}.tmp`])
      await rm(leftover, { force: true, recursive: true });
  }
}

/** The steps of the generation: what each makes, and its statements. */
function steps(settings: DemoSettings): readonly (readonly [string, readonly string[]])[] {
  return [
    ['users', ["SET TimeZone = 'UTC'", 'CREATE SCHEMA raw', ...randomMacros(settings), ...usersSql(settings)]],
    ['experiment assignments', [...exposuresSql(settings), ...assignmentsSql(settings)]],
    ['sessions', sessionsSql(settings)],
    ['events', eventsSql(settings)],
    ['surveys and flags', [...surveysSql(settings), ...flagsSql(), 'CHECKPOINT']],
  ];
}

async function writeWarehouse(
  path: string,
  settings: DemoSettings,
  { onProgress, config }: { onProgress: (step: string) => void; config: Record<string, string> },
): Promise<DemoRows> {
  const instance = await DuckDBInstance.create(path, config);
  try {
    const connection = await instance.connect();
    try {
      for (const [step, statements] of steps(settings)) {
        onProgress(step);
        for (const sql of statements) await connection.run(sql);
      }
      const reader = await connection.runAndReadAll(
        `SELECT (SELECT count(*) FROM raw.users)::INTEGER, (SELECT count(*) FROM raw.user_events)::INTEGER,
           (SELECT count(*) FROM raw.experiment_assignments)::INTEGER`,
      );
      // Three INTEGER counts, as just selected
      const [users, events, assignments] = reader.getRows()[0] as [number, number, number];
      return { users, events, assignments };
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}
