import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Catalog, Experiment } from '../../src/catalog/catalog.ts';
import { formatFault } from '../../src/catalog/fault.ts';
import { type LoadedCatalog, loadCatalog } from '../../src/catalog/load.ts';
import { shortInstant } from '../../src/core/instant.ts';
import { DAYS, type Design, dayAt, metricsOf, START, variantsOf, WINDOW_DAYS, weightsAt } from './design.ts';
import type { FleetMetric } from './population.ts';

export const EXPERIMENT = 'fleet';

const SOURCES = `
  assignments: { kind: assignments, table: raw.assignments, unit: user_id, variant: variant, timestamp: at }
  events: { kind: facts, table: raw.events, unit: user_id, timestamp: at }`;

function metricYaml({ name, type, goodWhen, origin }: FleetMetric): string {
  const sum = (column: string) => `{ column: ${column}, aggregate: sum }`;
  const numerator = origin.kind === 'amountPerSession' ? 'amount' : name;
  const value =
    type === 'PROPORTION'
      ? `value: { where: "event = '${name}'" }`
      : type === 'MEAN'
        ? `value: ${sum(name)}`
        : `numerator: ${sum(numerator)}, denominator: ${sum('session')}`;
  return `
  ${name}: { type: ${type.toLowerCase()}, source: events, ${value}, goodWhen: ${goodWhen.toLowerCase()}, window: { length: ${WINDOW_DAYS}d } }`;
}

const MONITORING = { FIXED: 'fixed', CONTINUOUS: 'continuous', GROUP_SEQUENTIAL: '{ groupSequential: { looks: 4 } }' };

/** The catalog as a user would write it. */
export function catalogYaml(design: Design): string {
  const metrics = metricsOf(design);
  const last = weightsAt(design, DAYS - 1);
  const variants = variantsOf(design).map((key, i) => `${key}: { weight: ${last[i]} }`);
  const guardrails = metrics
    .slice(design.goals)
    .map(({ name, margin }) => `${name}: ${margin === null ? '' : `{ margin: ${margin} }`}`);
  const end = design.planDay === null ? '' : `end: ${shortInstant(dayAt(design.planDay))}, `;
  const phases = design.phases.map(
    ({ day, weights }) =>
      `\n      - { from: ${shortInstant(dayAt(day))}, weights: { ${variantsOf(design)
        .map((key, i) => `${key}: ${weights[i]}`)
        .join(', ')} } }`,
  );
  return `
engine: { kind: duckdb }
sources:${SOURCES}
metrics:${metrics.map(metricYaml).join('')}
experiments:
  ${EXPERIMENT}:
    unit: user_id
    assignments: assignments
    start: ${shortInstant(START)}
    variants: { ${variants.join(', ')} }
    goals: [${metrics
      .slice(0, design.goals)
      .map(({ name }) => name)
      .join(', ')}]
    guardrails: { ${guardrails.join(', ')} }
    monitoring: ${MONITORING[design.monitoring]}
    plan: { ${end}unitsPerVariant: ${design.unitsPerVariant}, minRuntime: ${WINDOW_DAYS}d }${design.declaresPhases ? `\n    phases:${phases.join('')}` : ''}
`;
}

export interface Declared {
  readonly catalog: Catalog;
  readonly experiment: Experiment;
}

/** The experiment as `liftql` reads it from its file; throws what it finds wrong. */
export function declare(design: Design): Declared {
  const loaded = load(design);
  if (!loaded.ok) throw new Error(loaded.faults.map(formatFault).join('\n'));
  return { catalog: loaded.catalog, experiment: loaded.catalog.experiments.get(EXPERIMENT)! };
}

function load(design: Design): LoadedCatalog {
  const directory = mkdtempSync(join(tmpdir(), 'fleet-'));
  try {
    writeFileSync(join(directory, 'catalog.yaml'), catalogYaml(design));
    return loadCatalog(directory, { env: {} });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
