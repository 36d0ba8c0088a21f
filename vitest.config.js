// How the tests run: units beside their source against that source, everything under test/ against the built packages.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { engineTable } from './test/browser/engine-table.js';
import { stateTable } from './test/observe/state-table.js';
import { environmentTable } from './test/packages/environment-table.js';
import { setUpTable } from './test/set-ups/set-up-table.js';

const source = (name) => fileURLToPath(new URL(`packages/${name}/src/index.ts`, import.meta.url));

const alias = [
  { find: '@genesys-guest/common', replacement: source('common') },
  { find: /^@genesys-guest\/browser$/, replacement: source('browser') },
];

export default defineConfig({
  test: {
    reporters: ['default', engineTable(), setUpTable(), stateTable(), environmentTable()],
    projects: [
      {
        resolve: { alias },
        test: { name: 'units', include: ['packages/*/src/**/*.test.ts'], testTimeout: 30_000 },
      },
      {
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Browsers, Redis and load share two cores: one file at a time keeps them out of each other's way.
          fileParallelism: false,
        },
      },
      {
        // `pnpm test:long`: minutes of real time.
        test: {
          name: 'long',
          include: ['test/**/*.long.ts'],
          testTimeout: 600_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
