import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

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
  {
    repo: 'colinhacks+zod',
    covers: (path) => isSource(path) && !/deno|benchmark|^docs/.test(path),
    affected: false,
    runner: jestOrVitest,
  },
  {
    repo: 'honojs+hono',
    covers: (path) => isSource(path) && /^src\//.test(path),
    affected: true,
    runner: jestOrVitest,
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
    '--reporter=json',
    `--outputFile=${report}`,
  ];
}

/** Tests by name. */
export interface Verdict {
  readonly passed: readonly string[];
  readonly failed: number;
}

/** A commit's tree with some files replaced. `paths`: the files that the merge is about. */
export interface JudgedTree {
  readonly gitDir: string;
  readonly commit: string;
  readonly files: ReadonlyMap<string, string>;
  readonly paths: readonly string[];
}

/** Runs the tests of a tree, with packages from `cache`; undefined when they do not install or do not end. */
export function judge(suite: Suite, tree: JudgedTree, cache: string): Verdict | undefined {
  const dir = join(cache, 'tree', suite.repo);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const archive = spawnSync('git', ['--git-dir', tree.gitDir, 'archive', tree.commit], { maxBuffer: 2 ** 30 });
  if (spawnSync('tar', ['-x', '-C', dir], { input: archive.stdout }).status !== 0) return undefined;
  const modules = installed(dir, cache);
  if (modules === undefined) return undefined;
  symlinkSync(modules, join(dir, 'node_modules'));
  for (const [path, text] of tree.files) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  const report = join(dir, 'maestro-report.json');
  const [program = '', ...args] = suite.runner({ dir, report, paths: suite.affected ? tree.paths : [] });
  const { stdout, error } = spawnSync(join(dir, 'node_modules/.bin', program), args, {
    cwd: dir,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    timeout: 240_000,
    env: { ...process.env, NODE_ENV: 'test', CI: '1', NO_COLOR: '1' },
  });
  if (error) return undefined;
  return readReport(existsSync(report) ? readFileSync(report, 'utf8') : stdout.slice(Math.max(0, stdout.indexOf('{'))));
}

/** A folder of packages for this manifest, shared by all commits that ask for the same majors; undefined when none installs. */
function installed(dir: string, cache: string): string | undefined {
  const path = join(dir, 'package.json');
  if (!existsSync(path)) return undefined;
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  const wanted = Object.fromEntries(
    Object.entries({ ...manifest.devDependencies, ...manifest.dependencies }).filter(([name]) => !isAside(name)),
  );
  const majors = Object.entries(wanted).map(
    ([name, range]) =>
      `${name}@${/\d+(\.0\.\d+|\.\d+(?=\.))?/.exec(range)?.[0].replace(/^([1-9]\d*)\..*/, '$1') ?? range}`,
  );
  const key = createHash('sha256').update(majors.toSorted().join('\n')).digest('hex').slice(0, 16);
  const home = join(cache, 'modules', key);
  const modules = join(home, 'node_modules');
  if (existsSync(home)) return existsSync(modules) ? modules : undefined;
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name: 'x', version: '1.0.0', dependencies: wanted }));
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps', '--no-package-lock'];
  const { status, stderr } = spawnSync('npm', args, { cwd: home, encoding: 'utf8', timeout: 300_000 });
  if (status !== 0) {
    rmSync(modules, { recursive: true, force: true });
    writeFileSync(join(home, 'npm.log'), stderr);
    return undefined;
  }
  for (const file of readdirSync(home).filter((name) => name.startsWith('package-lock'))) rmSync(join(home, file));
  return modules;
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Packages that format, lint, publish or measure: no test needs them. */
function isAside(name: string): boolean {
  return /eslint|prettier|^(nyc|istanbul|husky|lint-staged|release-it|rollup.*|vuepress|benchmark|np|denoify|tinybench|@rollup.*|netlify.*|wrangler|@cloudflare\/vite.*|arktype|typebox|recheck|publint)$/.test(
    name,
  );
}

/** The reports of mocha, and of jest and vitest, which share one form. */
function readReport(text: string): Verdict {
  try {
    const report = JSON.parse(text.slice(0, text.lastIndexOf('}') + 1)) as Report;
    if (report.passes)
      return { passed: report.passes.map((one) => one.fullTitle), failed: report.failures?.length ?? 0 };
    const all = report.testResults?.flatMap((one) => one.assertionResults) ?? [];
    const passed = all.filter((one) => one.status === 'passed').map((one) => one.fullName);
    return { passed, failed: all.filter((one) => one.status === 'failed').length };
  } catch {
    // The runner ended without a report: nothing passed.
    return { passed: [], failed: 1 };
  }
}

interface Report {
  readonly passes?: readonly { readonly fullTitle: string }[];
  readonly failures?: readonly unknown[];
  readonly testResults?: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}
