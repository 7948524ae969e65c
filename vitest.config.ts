import { defineConfig } from 'vitest/config';

export default defineConfig({
  // graphql ships two builds; vitest must load one of them for every importer.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: { include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
});
