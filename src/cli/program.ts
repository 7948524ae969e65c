import { Command } from 'commander';
import { printSchema } from 'graphql';
import { catalogJsonSchema } from '../catalog/json-schema.ts';
import { createSchema } from '../graphql/schema.ts';
import { VERSION } from '../server/version.ts';
import { aa } from './aa.ts';
import { audit } from './audit.ts';
import { build } from './build.ts';
import { dbt } from './dbt.ts';
import { demo } from './demo.ts';
import { diff } from './diff.ts';
import { explain } from './explain.ts';
import { importDbt } from './import-dbt.ts';
import { EXIT, print } from './output.ts';
import { query } from './query.ts';
import { serve } from './serve.ts';
import { validate } from './validate.ts';

/** The command line: every command is a file here beside. */
export function createProgram(): Command {
  const program = new Command('liftql')
    .description('A GraphQL semantic metric layer for experiments.')
    .version(VERSION)
    .showHelpAfterError()
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? 0 : EXIT.usage);
    });
  program
    .command('serve')
    .description('serve a catalog over HTTP; without one, the demo')
    .argument('[catalogDir]')
    .option('-p, --port <port>', 'port to listen on (env PORT, else 4000)')
    .option('--host <host>', 'address to listen on (env HOST, else 127.0.0.1)')
    .action(serve);
  program
    .command('validate')
    .description('check a catalog and its warehouse; every fault at once')
    .argument('<catalogDir>')
    .option('--json', 'for programs')
    .action(validate);
  program
    .command('query')
    .description('run a GraphQL document in this process and print the answer as JSON')
    .argument('<catalogDir>')
    .argument('<file.graphql>', 'looked for here, then in the catalog folder')
    .option('--variables <file.json>', 'variables of the document')
    .option('--operation <name>', 'which operation of the document')
    .option('--user <name>', 'who asks, where the engine impersonates')
    .option('--scan-budget <size>', 'what may be read at most, such as 10GB')
    .action(query);
  program
    .command('explain')
    .description('print the SQL that a document would run, and what it would read; runs nothing')
    .argument('<catalogDir>')
    .argument('<file.graphql>', 'looked for here, then in the catalog folder')
    .option('--variables <file.json>', 'variables of the document')
    .option('--operation <name>', 'which operation of the document')
    .option('--user <name>', 'who asks, where the engine impersonates')
    .option('--json', 'for programs')
    .action(explain);
  program
    .command('schema')
    .description('print the JSON Schema of the catalog, or the GraphQL schema')
    .option('--graphql', 'the GraphQL schema')
    .action((options: { graphql?: boolean }) =>
      print(options.graphql ? printSchema(createSchema()) : JSON.stringify(catalogJsonSchema(), null, 2)),
    );
  program
    .command('aa')
    .description('vet metrics by A/A tests over their real units; exit 1 if one fails')
    .argument('<catalogDir>')
    .option('--metric <names...>', 'which metrics; all by default', [])
    .option('--experiment <key>', 'the units of this experiment, all variants together, not those of the source')
    .option('--runs <n>', 'how many A/A tests a metric', '2000')
    .option('--alpha <p>', 'level of the tests', '0.05')
    .option('--seed <text>', 'names the random halves', 'aa')
    .option('--lookback <days>', 'days of the history of the source', '28')
    .option('--cuped', 'with the covariates of the metrics')
    .option('--out <dir>', 'draw a histogram of the p-values of each metric there, as SVG')
    .option('--json', 'for programs')
    .action(aa);
  program
    .command('dbt')
    .description('write a dbt project that builds the models, on DuckDB or Trino')
    .argument('<catalogDir>')
    .argument('<dir>')
    .action(dbt);
  program
    .command('diff')
    .description('what changes against the catalog at a git ref, as the comment of a pull request')
    .argument('<catalogDir>')
    .argument('<git-ref>')
    .option('--as-of <instant>', 'when both are evaluated; by default the clock of the catalog, else now')
    .option('--no-data', 'definitions and SQL only; the warehouse is not opened')
    .option('--fail-on <what>', 'exit 1 if there are: flips (of decisions) or moves (of results)')
    .option('--user <name>', 'who asks, where the engine impersonates')
    .option('--json', 'for programs')
    .action(diff);
  program
    .command('build')
    .description('build the models in the warehouse, as `models` of the catalog says')
    .argument('<catalogDir>')
    .option(
      '--select <models>',
      'model, +model (with what it is made from), model+ (with what is made from it), with commas',
    )
    .option('--full-refresh', 'build again what nothing has changed of')
    .option('--as-of <instant>', 'rows until then; by default the clock of the catalog, else this minute')
    .option('--json', 'for programs: a JSON object a line')
    .action(build);
  program
    .command('audit')
    .description('print the SQL that gives a result from raw rows, run it and compare; exit 1 if the numbers differ')
    .argument('<catalogDir>')
    .requiredOption('--experiment <key>', 'the experiment')
    .requiredOption('--metric <name>', 'one of its metrics')
    .option('--treatment <key>', 'one treatment; all by default')
    .option('--as-of <instant>', 'as it was then')
    .option('--dialect <name>', "duckdb or trino; the engine's by default")
    .option('--user <name>', 'who asks, where the engine impersonates')
    .option('--json', 'for programs')
    .action(audit);
  program
    .command('import')
    .description('make a catalog of what another tool defines')
    .command('dbt')
    .description("make sources and metrics of dbt's semantic models")
    .argument('<semantic_manifest.json>')
    .requiredOption('--unit <entity>', 'the entity that experiments randomise')
    .option('--out <file.yaml>', 'a new file; without it, print')
    .action(importDbt);
  program.command('demo').description('make the demo data in a folder').argument('<dir>').action(demo);
  return program;
}
