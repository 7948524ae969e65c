import { Command } from 'commander';
import { printSchema } from 'graphql';
import { catalogJsonSchema } from '../catalog/json-schema.ts';
import { createSchema } from '../graphql/schema.ts';
import { VERSION } from '../server/version.ts';
import { aa } from './aa.ts';
import { demo } from './demo.ts';
import { explain } from './explain.ts';
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
  program.command('demo').description('make the demo data in a folder').argument('<dir>').action(demo);
  return program;
}
