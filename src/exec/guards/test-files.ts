import { pathGlobs } from '#domain/path-glob.ts';

const isTest = pathGlobs([
  '*.{test,spec}.*',
  '*_{test,spec}.*',
  'test_*.py',
  '*{Test,Tests}.{java,kt,cs,scala}',
  '**/{__tests__,__snapshots__,test,tests,spec,specs,e2e}/**',
]);

const isConfig = pathGlobs([
  '{vitest,vite,jest,playwright,cypress,karma,ava,wdio}.{config,conf}.*',
  'vitest.workspace.*',
  'jest.{setup,preset}.*',
  '.mocharc*',
  '.taprc*',
  '.c8rc*',
  '.nycrc*',
  'node.config.json',
  'pytest.ini',
  'tox.ini',
  'conftest.py',
]);

/** True for a test, or for what tests compare with, by the names that the common test programs look for. */
export function isTestFile(path: string): boolean {
  return isTest(path) !== undefined && !isTestConfig(path);
}

export function isTestConfig(path: string): boolean {
  return isConfig(path) !== undefined;
}

export function isPackageJson(path: string): boolean {
  return path === 'package.json' || path.endsWith('/package.json');
}
