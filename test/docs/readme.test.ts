import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { executeDocument } from '../../src/graphql/execute.ts';
import { openService } from '../../src/server/open-service.ts';

const readme = readFileSync('README.md', 'utf8');
const block = (language: string) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g');

describe('the README', () => {
  test('has a least catalog that works on the files it names', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'liftql-readme-'));
    writeFileSync(join(directory, 'catalog.yaml'), [...readme.matchAll(block('yaml'))][0]![1]!);
    const events = [
      'user_id,event_name,event_at,amount',
      '1,purchase,2026-03-22T10:00:00Z,20',
      '2,purchase,2026-03-22T11:00:00Z,30',
    ];
    writeFileSync(join(directory, 'events.csv.gz'), gzipSync(events.join('\n')));
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(
      `copy (select i as user_id, 'checkout_button' as experiment_id, if(i % 2 = 0, 'control', 'treatment') as variant,
         timestamp '2026-03-21 00:00:00' as assigned_at from range(1, 101) r(i))
       to '${join(directory, 'assignments.parquet')}' (format parquet)`,
    );
    instance.closeSync();
    const service = await openService(directory, { env: {} });
    const { result } = await executeDocument(service, {
      document:
        '{ experiment(key: "checkout_button") { results { nodes { metric { name } control { sum } treatment { sum } } } } }',
    });
    await service.close();
    expect(result.errors).toBeUndefined();
    expect(JSON.parse(JSON.stringify(result.data))).toMatchObject({
      experiment: {
        results: {
          nodes: [
            { control: { sum: 30 }, treatment: { sum: 20 } },
            { control: { sum: 1 }, treatment: { sum: 1 } },
          ],
        },
      },
    });
  });

  test('names commands, files and documents that exist', () => {
    const commands = createProgram().commands.map((command) => command.name());
    for (const [, command] of readme.matchAll(/npx liftql (\w+)/g)) expect(commands).toContain(command);
    for (const [, path] of readme.matchAll(/\]\(([^):]+)\)/g)) expect(existsSync(path!), path).toBe(true);
    for (const [, path] of readme.matchAll(/(examples\/\S+\.graphql)/g)) expect(existsSync(path!), path).toBe(true);
    const scripts = (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }).scripts;
    for (const [, script] of readme.matchAll(/npm (start|test)\b/g)) expect(scripts).toHaveProperty(script!);
  });

  test('asks what the schema answers', () => {
    const schema = buildSchema(readFileSync('schema/schema.graphql', 'utf8'));
    const queries = [...readme.matchAll(/"query":"((?:[^"\\]|\\.)*)"/g)].map(
      ([, text]) => JSON.parse(`"${text}"`) as string,
    );
    const documents = ['scorecard', 'verdicts', 'by-country'].map((name) =>
      readFileSync(`examples/queries/${name}.graphql`, 'utf8'),
    );
    expect(queries.length).toBeGreaterThan(0);
    for (const document of [...queries, ...documents]) expect(validate(schema, parse(document))).toEqual([]);
  });
});
