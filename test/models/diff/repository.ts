import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { folderWith } from '../../support/service.ts';

/** The catalog of these tests: a goal that is better, a guardrail within its margin, a plan that is reached. */
export const CATALOG: Readonly<Record<string, string>> = {
  'catalog.yaml': `clock: 2026-04-01T00:00:00Z
engine: { kind: duckdb, threads: 1 }
sources:
  assignments:
    kind: assignments
    file: \${DATA:-assignments}.csv
    unit: user_id
    experiment: experiment
    variant: variant
    timestamp: assigned_at
    dimensions: { country: { title: Country } }
  events: { kind: facts, file: events.csv, unit: user_id, timestamp: at }
`,
  'metrics.yaml': `metrics:
  revenue:
    type: mean
    title: Revenue
    owner: growth@example.com
    source: events
    value: { column: amount, aggregate: sum, where: "name = 'purchase'" }
    window: { length: 7d }
    goodWhen: up
  load_time:
    type: mean
    source: events
    value: { column: amount, aggregate: sum, where: "name = 'load'" }
    window: { length: 7d }
    goodWhen: down
  visits:
    type: mean
    source: events
    value: { aggregate: count, where: "name = 'load'" }
    window: { length: 7d }
    goodWhen: up
`,
  'experiments.yaml': `experiments:
  button:
    assignments: assignments
    start: 2026-03-01T00:00:00Z
    end: 2026-03-15T00:00:00Z
    variants: { control: { control: true, weight: 0.5 }, treatment: { weight: 0.5 } }
    goals: [revenue]
    guardrails: { load_time: { margin: 5% } }
    plan: { end: 2026-03-15T00:00:00Z }
  banner:
    assignments: assignments
    start: 2026-03-01T00:00:00Z
    end: 2026-03-15T00:00:00Z
    variants: { control: { control: true }, treatment: {} }
    goals: [visits]
`,
};

const UNITS = 400;

export interface EventRow {
  readonly unit: number;
  readonly isTreatment: boolean;
  readonly name: 'purchase' | 'load';
  readonly amount: number;
  /** Whole days after the exposure. */
  readonly day: number;
}

/**
 * Two rows a unit: a purchase of 10 to 20.0, 1.5 more in the treatment, and a page load of 95 to 104.9 ms, 1 more in the treatment.
 * Every fourth pair of units buys on the third day, not the first. The spread is a fixed permutation; nothing is drawn.
 */
export const EVENTS: readonly EventRow[] = Array.from({ length: UNITS }, (_, unit) => {
  const isTreatment = unit % 2 === 1;
  const spread = ((unit >> 1) * 37) % 101;
  return [
    {
      ...{ unit, isTreatment, name: 'purchase' as const, day: (unit >> 1) % 4 === 0 ? 3 : 1 },
      amount: 10 + spread / 10 + (isTreatment ? 1.5 : 0),
    },
    {
      ...{ unit, isTreatment, name: 'load' as const, day: 1 },
      amount: 95 + (((unit >> 1) * 53) % 100) / 10 + (isTreatment ? 1 : 0),
    },
  ];
}).flat();

function assignmentRows(): readonly string[] {
  return ['button', 'banner'].flatMap((experiment) =>
    Array.from(
      { length: UNITS },
      (_, unit) => `${experiment},u${unit},${unit % 2 === 1 ? 'treatment' : 'control'},2026-03-02T00:00:00Z,de`,
    ),
  );
}

/** What the catalog reads. It is never committed. */
export const DATA: Readonly<Record<string, string>> = {
  'assignments.csv': ['experiment,user_id,variant,assigned_at,country', ...assignmentRows()].join('\n'),
  'events.csv': [
    'user_id,name,at,amount',
    ...EVENTS.map(({ unit, name, amount, day }) => `u${unit},${name},2026-03-0${2 + day}T00:00:00Z,${amount}`),
    // Nobody's row, so that the source is as fresh as the clock.
    'nobody,load,2026-03-31T00:00:00Z,1',
  ].join('\n'),
};

/** Runs git with nobody's settings. */
export function git(directory: string, ...words: readonly string[]): string {
  const { GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE, GIT_PREFIX, ...inherited } = process.env;
  const env = { ...inherited, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  return execFileSync('git', ['-C', directory, ...who, ...words], { env, encoding: 'utf8' });
}

export function write(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
}

/** A repository whose folder `catalog` holds these files, committed, beside data that is not. Answers with that folder. */
export function repositoryWith(files: Readonly<Record<string, string>> = CATALOG): string {
  const root = folderWith({ '.gitignore': '*.csv\n' });
  const directory = join(root, 'catalog');
  write(directory, { ...files, ...DATA });
  git(root, 'init', '--quiet', '--initial-branch=main');
  git(root, 'add', '.');
  git(root, 'commit', '--quiet', '--message=base');
  return directory;
}
