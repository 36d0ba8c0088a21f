// How Stryker runs the tests: the server's units alone, against the source.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const common = fileURLToPath(new URL('packages/common/src/index.ts', import.meta.url));

export default defineConfig({
  resolve: { alias: { '@genesys-guest/common': common } },
  test: {
    include: [
      'packages/server/src/{handler,tokens,upstream,lib}/**/*.test.ts',
      'packages/server/src/*.test.ts',
    ],
    testTimeout: 30_000,
  },
});
