import type { Catalog, Experiment } from '../catalog/catalog.ts';

/** A document to start from. */
export interface ExampleQuery {
  readonly name: string;
  readonly document: string;
}

/** Documents that answer something on this catalog, the most useful first; without an experiment, only what the service is. */
export function exampleQueries(catalog: Catalog): readonly ExampleQuery[] {
  const experiment = exampleExperiment(catalog);
  return experiment === null ? [{ name: 'Service', document: SERVICE }] : examplesOf(experiment);
}

/** The first experiment with metrics, else the first. */
export function exampleExperiment(catalog: Catalog): Experiment | null {
  const experiments = [...catalog.experiments.values()];
  return experiments.find(({ metrics }) => metrics.length > 0) ?? experiments[0] ?? null;
}

const SERVICE = `query Service {
  service { version engine catalogHash warnings sources { name rows latestAt stale } }
  metrics(first: 20) { totalCount nodes { name title type goodWhen } }
}
`;

function examplesOf(experiment: Experiment): readonly ExampleQuery[] {
  const key = JSON.stringify(experiment.key);
  const metric = experiment.metrics[0]?.metric;
  const only = metric === undefined ? '' : `(filter: { metrics: [${JSON.stringify(metric)}] })`;
  return [
    {
      name: 'Scorecard',
      document: `# Every metric, each treatment against the control.
query Scorecard {
  experiment(key: ${key}) {
    name
    status
    results {
      nodes {
        metric { name }
        role
        control { variant { key } units mean }
        treatment { variant { key } units mean }
        lift { value interval { lower upper level } unknown }
        pValue
        adjustedPValue
        outcome
        flags
      }
    }
  }
}
`,
    },
    {
      name: 'Verdict',
      document: `# What the policy says, and every rule that it looked at.
query Verdict {
  experiment(key: ${key}) {
    summary {
      verdict
      policy
      gates { name status message }
      treatments {
        variant { key }
        verdict
        recommendedAction
        harmSuspected
        reasons { code severity message metric { name } }
        rules { rule holds message inputs }
        goals { metric { name } outcome decisionTest { method pValue adjustedPValue alpha } }
      }
    }
  }
}
`,
    },
    {
      name: 'SampleRatio',
      document: `# Are the variants as large as their weights promise?
query SampleRatio {
  experiment(key: ${key}) {
    sampleRatioMismatch {
      detected
      pValue
      threshold
      arms { variant { key weight } expected observed }
      stages { stage pValue }
    }
    assignments { units excluded { reason units rows } }
  }
}
`,
    },
    {
      name: 'TableForBI',
      document: `# The same results as flat rows.
query TableForBI {
  experimentResults(experiments: [${key}], first: 100) {
    totalCount
    columns { name type role }
    records
    pageInfo { hasNextPage endCursor }
  }
}
`,
    },
    {
      name: 'Provenance',
      document: `# The SQL behind the numbers, and its parameters.
query Provenance {
  experiment(key: ${key}) {
    results${only} {
      nodes {
        metric { name version { number hash definition file line } }
        difference { value interval { lower upper } }
        provenance { catalogHash dataAsOf computedAt statements { purpose sql parameters rows elapsedMs } }
      }
    }
  }
}
`,
    },
  ];
}
