import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A repository whose own tests judge merges: how they run, and which of its files they cover. */
export interface Suite {
  readonly repo: string;
  readonly covers: (path: string) => boolean;
  /** True: only tests that import one of the merged files, directly or not; else the whole suite, which is quick. */
  readonly affected: boolean;
  /** The runner and its arguments; it prints a report in JSON or writes it to `report`. */
  readonly runner: (run: { dir: string; report: string; paths: readonly string[] }) => readonly string[];
}

const isSource = (path: string): boolean => /\.[cm]?[jt]sx?$/.test(path);

/** Mocha's own files and `test/` of express; jest or vitest, whichever the commit came with, for the others. */
export const suites: readonly Suite[] = [
  {
    repo: 'colinhacks+zod',
    covers: (path) => isSource(path) && !/deno|benchmark|^docs/.test(path),
    affected: false,
    // Its other packages check how the built one is published, which no merge of its source touches.
    runner: (run) => [...jestOrVitest(run), ...(existsSync(join(run.dir, 'packages/zod')) ? ['packages/zod'] : [])],
  },
  {
    repo: 'immerjs+immer',
    covers: isSource,
    affected: false,
    runner: jestOrVitest,
  },
  {
    repo: 'tj+commander.js',
    covers: isSource,
    affected: false,
    runner: jestOrVitest,
  },
  {
    repo: 'date-fns+date-fns',
    covers: isSource,
    affected: true,
    runner: jestOrVitest,
  },
  {
    repo: 'honojs+hono',
    covers: (path) => isSource(path) && /^src\//.test(path),
    affected: true,
    runner: jestOrVitest,
  },
  {
    repo: 'expressjs+express',
    covers: (path) => isSource(path) && /^(lib|test|index|examples)/.test(path),
    affected: false,
    runner: ({ dir }) => [
      'mocha',
      ...(existsSync(join(dir, 'test/support/env.js')) ? ['--require', 'test/support/env'] : []),
      ...['--reporter', 'json', '--check-leaks', '--exit', 'test/'],
      ...(existsSync(join(dir, 'test/acceptance')) ? ['test/acceptance/'] : []),
    ],
  },
];

function jestOrVitest({ dir, report, paths }: Parameters<Suite['runner']>[0]): readonly string[] {
  const has = (program: string): boolean => existsSync(join(dir, 'node_modules/.bin', program));
  if (has('jest')) return ['jest', '--json', `--outputFile=${report}`, '--silent', '--coverage=false'];
  return [
    'vitest',
    ...(paths.length > 0 ? ['related', ...paths] : []),
    '--run',
    '--coverage.enabled=false',
    '--typecheck.enabled=false',
    '--reporter=json',
    `--outputFile=${report}`,
  ];
}
