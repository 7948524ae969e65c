/** Ranks of the folders of src: a folder imports strictly lower ranks and itself. */
const RANKS = {
  core: 0,
  sql: 1,
  statistics: 1,
  plot: 1,
  'metric-types': 2,
  engine: 2,
  demo: 2,
  catalog: 3,
  plan: 4,
  evaluate: 5,
  experiment: 6,
  models: 7,
  graphql: 8,
  server: 9,
  cli: 10,
};

const upward = Object.entries(RANKS).map(([folder, rank]) => ({
  name: `${folder}-imports-down`,
  comment: `src/${folder} (rank ${rank}) may import lower ranks and itself only.`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: {
    path: `^src/(${Object.keys(RANKS)
      .filter((other) => other !== folder && RANKS[other] >= rank)
      .join('|')})/`,
  },
}));

module.exports = {
  forbidden: [
    ...upward,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: '\\.d\\.ts$|src/index\\.ts$' }, to: {} },
    {
      name: 'jstat-in-one-place',
      severity: 'error',
      from: { pathNot: '^src/statistics/distributions\\.ts$' },
      to: { path: 'node_modules/jstat' },
    },
    {
      name: 'trino-client-in-one-place',
      severity: 'error',
      from: { pathNot: '^src/engine/trino/walk\\.ts$' },
      to: { path: 'node_modules/(trino-client|axios)' },
    },
    {
      name: 'engines-apart',
      comment: 'An engine knows nothing of another; the server opens the one that a catalog names.',
      severity: 'error',
      from: { path: '^src/engine/(duckdb|trino)/' },
      to: { path: '^src/engine/(duckdb|trino)/', pathNot: '^src/engine/$1/' },
    },
    {
      name: 'duckdb-in-its-files',
      severity: 'error',
      from: { pathNot: '^src/(engine/duckdb/|demo/)' },
      to: { path: 'node_modules/@duckdb' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
