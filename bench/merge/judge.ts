import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { givePackages } from './packages.ts';
import type { Suite } from './suites.ts';

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
  /** Counts from 1. */
  readonly run: number;
}

/** Runs the tests of a tree, with packages from `cache`; undefined when they do not install or do not end. */
export function judge(suite: Suite, tree: JudgedTree, cache: string): Verdict | undefined {
  const dir = join(cache, 'tree', suite.repo);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const archive = spawnSync('git', ['--git-dir', tree.gitDir, 'archive', tree.commit], { maxBuffer: 2 ** 30 });
  if (spawnSync('tar', ['-x', '-C', dir], { input: archive.stdout }).status !== 0) return undefined;
  if (!givePackages(dir, cache)) return undefined;
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
    timeout: 300_000,
    env: { ...process.env, NODE_ENV: 'test', CI: '1', NO_COLOR: '1' },
  });
  if (error) return undefined;
  return readReport(existsSync(report) ? readFileSync(report, 'utf8') : stdout.slice(Math.max(0, stdout.indexOf('{'))));
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
