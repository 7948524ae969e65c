import type { Catalog } from '../catalog/catalog.ts';
import { exampleExperiment } from './example-queries.ts';
import { VERSION } from './version.ts';

const SHOWN = 30;

/** What is served where, and what to try first. */
export function greeting(catalog: Catalog, url: string): string {
  const keys = [...catalog.experiments.keys()];
  const more = keys.length > SHOWN ? `, and ${keys.length - SHOWN} more` : '';
  return [
    `liftql ${VERSION}: ${keys.length} experiments, ${catalog.metrics.size} metrics`,
    '',
    `  GraphQL      ${url}/graphql`,
    `  GraphiQL     ${url}/   (in a browser; example queries are filled in)`,
    `  Try          ${curl(catalog, url)}`,
    `  Experiments  ${keys.slice(0, SHOWN).join(', ') || 'none'}${more}`,
    '',
  ].join('\n');
}

function curl(catalog: Catalog, url: string): string {
  const experiment = exampleExperiment(catalog);
  const query =
    experiment === null
      ? '{ service { version } }'
      : `{ experiment(key: ${JSON.stringify(experiment.key)}) { summary { verdict treatments { variant { key } verdict } } } }`;
  const body = JSON.stringify({ query }).replaceAll("'", "'\\''");
  return `curl -s ${url}/graphql -H 'content-type: application/json' -d '${body}'`;
}
