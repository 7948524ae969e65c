import { DEMO_EXPERIMENTS } from './experiments.ts';
import { instant, literal } from './sql-text.ts';

/** `raw.experiments`: what the feature-flag system knows of the experiments that were started from it. */
export function flagsSql(): readonly string[] {
  const rows = DEMO_EXPERIMENTS.filter((experiment) => experiment.flagged).map((experiment) => {
    const variants = Object.fromEntries(
      experiment.arms.map((arm, i) => [
        arm.variant,
        i === 0 ? { weight: arm.weight, control: true } : { weight: arm.weight },
      ]),
    );
    const { key, name, start } = experiment;
    return `(${literal(key)}, ${literal(name)}, ${instant(start)}, NULL, 'running', ${literal(JSON.stringify(variants))})`;
  });
  return [
    `
CREATE TABLE raw.experiments (
  key VARCHAR, name VARCHAR, start_at TIMESTAMP, end_at TIMESTAMP, status VARCHAR, variants_json VARCHAR
)`,
    `INSERT INTO raw.experiments VALUES\n${rows.join(',\n')}`,
  ];
}
