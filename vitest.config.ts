import { defineConfig } from 'vitest/config';

// Node itself loads the sources, as in production: no transform, and no cost for each file.
// Unit tests share one process without isolation (15x faster), so each must leave nothing behind.
// Tests under test/ start engines, processes and repositories of their own and run isolated, two files at a time because
// they mostly wait, once the unit tests are through; those under test/soak/ take minutes each (many rounds, many mutants, real peers) and run by
// `npm run test:soak`, before a release.
const experimental = { viteModuleRunner: false };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          sequence: { groupOrder: 0 },
          include: ['src/**/*.test.ts', 'tools/**/*.test.ts'],
          pool: 'threads',
          isolate: false,
          testTimeout: 20_000,
          experimental,
        },
      },
      {
        test: {
          name: 'system',
          sequence: { groupOrder: 1 },
          include: ['test/**/*.test.ts'],
          exclude: ['test/soak/**'],
          pool: 'forks',
          maxWorkers: 2,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          provide: { fullSize: false },
          experimental,
        },
      },
      {
        test: {
          name: 'soak',
          sequence: { groupOrder: 2 },
          include: ['test/soak/**/*.test.ts'],
          pool: 'forks',
          testTimeout: 900_000,
          hookTimeout: 300_000,
          provide: { fullSize: true },
          experimental,
        },
      },
    ],
  },
});
