import { defineConfig } from 'vitest/config';

// Unit tests share one process without isolation (15x faster), so each must leave nothing behind.
// Tests under test/ start engines, processes and repositories of their own and run isolated; those under test/soak/ take
// minutes each (many rounds, many mutants, real peers) and run by `npm run test:soak`, as .ci/run does.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'tools/**/*.test.ts'],
          pool: 'threads',
          isolate: false,
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: ['test/soak/**'],
          pool: 'forks',
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'soak',
          include: ['test/soak/**/*.test.ts'],
          pool: 'forks',
          testTimeout: 900_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
