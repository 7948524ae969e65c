import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeGenerated } from '../../src/cli/write-generated.ts';
import { plainForJinja, templateOf } from '../../src/models/dbt/marks.ts';
import { dbtProject } from '../../src/models/dbt/project.ts';
import { sourceGroups } from '../../src/models/dbt/source-groups.ts';
import { MODELS } from '../../src/models/registry.ts';
import { folderWith, serveFiles } from '../support/service.ts';
import { ODD_CATALOG } from './odd-catalog.ts';

const NOW = '2026-06-01T00:00:00Z';
/** What Jinja makes of a template whose only expressions are texts in quotes. */
const rendered = (template: string): string => template.replaceAll(/\{\{ '([^']*)' \}\}/g, '$1');

describe('text of users in a template', () => {
  test.each(['{{ x }}', '{% raw %}', '{# a #}', '{{{', '{{{{ }}}}', '{%%}{{', "'{' || '{'", 'nothing', '{', '{ {'])(
    '%s stays what it is',
    (text) => {
      const escaped = plainForJinja(text);
      expect(rendered(escaped)).toBe(text);
      // Nothing but the escapes themselves opens a tag.
      expect(escaped.replaceAll("{{ '{' }}", '')).not.toMatch(/\{[{%#]/);
    },
  );

  test('a brace before what dbt fills in does not join it', () => {
    const text = '{\uFDD0ref metric_definitions\uFDD1';
    expect(templateOf(text, { ref: (name) => `{{ ref('${name}') }}`, source: () => '', asOf: '' })).toBe(
      "{{ '{' }}{{ ref('metric_definitions') }}",
    );
  });
});

describe('the project of a catalog', () => {
  test('names files by the variable of their folder, a dollar in a name doubled', async () => {
    const service = await serveFiles(ODD_CATALOG, NOW);
    const text = dbtProject(service.catalog(), MODELS).get('models/sources.yml')!;
    expect(text).toContain("{{ var('catalog_directory')");
    expect(text).toContain("/it''s $$5.csv");
    expect(text).not.toContain(service.catalog().directory);
  });

  test('has the text of queries in its models, not among the tables', async () => {
    const service = await serveFiles(ODD_CATALOG, NOW);
    const catalog = service.catalog();
    const groups = sourceGroups(catalog, new Set(catalog.sources.keys()));
    expect(groups.map(({ name, tables }) => [name, tables.map(({ source }) => source.name)])).toEqual([
      ['files', ['assignments', 'events']],
    ]);
  });

  test('holds each model, each column and the hash of the catalog', async () => {
    const service = await serveFiles(ODD_CATALOG, NOW);
    const catalog = service.catalog();
    const files = dbtProject(catalog, MODELS);
    for (const text of files.values()) expect(text.split('\n', 1)[0]).toContain(catalog.hash);
    for (const { name } of MODELS) expect(files.has(`models/${name}.sql`)).toBe(true);
    expect([...files.values()].join('')).not.toMatch(/[\uFDD0\uFDD1]/);
  });
});

describe('writing', () => {
  const files = new Map([
    ['a.sql', 'mine, generated\n'],
    ['models/b.sql', 'mine, generated\n'],
  ]);

  test('what another wrote stays, and nothing is written beside it', () => {
    const directory = folderWith({ 'models/b.sql': 'theirs' });
    expect(() => writeGenerated(directory, files, 'mine')).toThrow(
      /models\/b\.sql is there already and not from liftql/,
    );
    expect(readFileSync(join(directory, 'models/b.sql'), 'utf8')).toBe('theirs');
    expect(existsSync(join(directory, 'a.sql'))).toBe(false);
  });

  test('what is generated no more goes; files of others in the folder stay', () => {
    const directory = folderWith({ 'models/theirs.sql': 'select 1' });
    writeGenerated(directory, new Map([...files, ['models/old.sql', 'mine\n']]), 'mine');
    writeFileSync(join(directory, 'models/b.sql'), 'mine, changed by hand\n');
    writeGenerated(directory, files, 'mine');
    expect(existsSync(join(directory, 'models/old.sql'))).toBe(false);
    expect(existsSync(join(directory, 'models/theirs.sql'))).toBe(true);
    expect(readFileSync(join(directory, 'models/b.sql'), 'utf8')).toBe('mine, generated\n');
  });
});
