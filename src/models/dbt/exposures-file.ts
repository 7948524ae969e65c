import type { Catalog } from '../../catalog/catalog.ts';
import { type Model, type ModelName } from '../model.ts';
import { yamlFile } from './header.ts';

const EXPOSURES: readonly {
  name: string;
  label: string;
  type: string;
  description: string;
  reads: readonly ModelName[];
}[] = [
  {
    name: 'experiment_scorecards',
    label: 'Experiment scorecards',
    type: 'dashboard',
    description: 'Results and verdicts of experiments, in any tool that reads SQL.',
    reads: ['metric_definitions', 'metric_calculations', 'experiment_results', 'experiment_summary'],
  },
  {
    name: 'experiment_health',
    label: 'Experiment health',
    type: 'dashboard',
    description: 'Sample-ratio mismatches and anomalies, in any tool that reads SQL.',
    reads: ['experiment_assignments', 'sample_ratio_mismatch', 'metric_anomalies'],
  },
];

/** models/exposures.yml: who reads the models. */
export function exposuresFile(catalog: Catalog, models: readonly Model[]): string {
  const known = new Set(models.map(({ name }) => name));
  const exposures = EXPOSURES.map(({ reads, ...exposure }) => ({
    ...exposure,
    owner: { name: 'liftql' },
    depends_on: reads.filter((name) => known.has(name)).map((name) => `ref('${name}')`),
  })).filter(({ depends_on }) => depends_on.length > 0);
  return yamlFile(catalog, { version: 2, exposures });
}
