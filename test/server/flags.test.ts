import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { EngineConfig } from '../../src/catalog/catalog.ts';
import { optionsOfFlags } from '../../src/server/request-options.ts';
import { TRINO_CONFIG } from '../support/pretend-trino.ts';
import { folderWith } from '../support/service.ts';
import { TINY } from './support.ts';

const DUCKDB: EngineConfig = { kind: 'duckdb', path: null, threads: null, memoryLimit: null };
const IMPERSONATES: EngineConfig = { ...TRINO_CONFIG, impersonate: { header: 'x-user' } };

describe('flags of a request', () => {
  test.each([
    [{}, DUCKDB, { user: undefined, scanBudgetBytes: null }],
    [{ scanBudget: '10GB' }, TRINO_CONFIG, { user: undefined, scanBudgetBytes: 10e9 }],
    [{ user: 'ann@example.com' }, IMPERSONATES, { user: 'ann@example.com', scanBudgetBytes: null }],
  ])('%j', (flags, engine, expected) => {
    expect(optionsOfFlags(flags, engine)).toEqual(expected);
  });

  test.each([
    ['nobody where the engine impersonates', {}, IMPERSONATES, 'UNAUTHENTICATED'],
    ['a user where it does not', { user: 'ann' }, TRINO_CONFIG, 'BAD_USER_INPUT'],
    ['a user on DuckDB', { user: 'ann' }, DUCKDB, 'BAD_USER_INPUT'],
    ['an empty user', { user: '' }, IMPERSONATES, 'BAD_USER_INPUT'],
    ['a user with a line break', { user: 'a\nb' }, IMPERSONATES, 'BAD_USER_INPUT'],
    ['a budget that is no size', { scanBudget: 'much' }, TRINO_CONFIG, 'BAD_USER_INPUT'],
  ])('%s is refused', (_, flags, engine, code) => {
    expect(() => optionsOfFlags(flags, engine)).toThrow(expect.objectContaining({ code }));
  });
});

describe('liftql explain', () => {
  const explain = async (...more: readonly string[]) => {
    const directory = folderWith({
      ...TINY,
      'units.graphql': '{ experiment(key: "button") { assignments { units } } }',
    });
    const args = ['--import', 'tsx', 'src/cli/main.ts', 'explain', directory, 'units.graphql', ...more];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH } });
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { code, out, err };
  };

  test('prints what would be read in a line', async () => {
    const { code, out } = await explain();
    expect([code, out.trim().split('\n').at(-1)]).toEqual([0, '-- what this would read is not known']);
    expect(out).toMatch(/^-- statement 1 of 1: assignments\nwith\n/);
  });

  test('and in JSON', async () => {
    const { out } = await explain('--json');
    expect(JSON.parse(out)).toMatchObject({
      statements: [{ purpose: 'assignments', template: false }],
      estimatedRows: null,
      estimatedBytes: null,
    });
  });

  test('tells a user who counts for nothing', async () => {
    expect(await explain('--user', 'ann')).toMatchObject({ code: 1, out: '', err: expect.stringContaining('--user') });
  });
});
