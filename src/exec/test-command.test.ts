import { describe, expect, it } from 'vitest';
import { testCommandOf } from './test-command.ts';

const withTest = JSON.stringify({ scripts: { test: 'node --test' } });

describe('finding the test command', () => {
  it('takes the setting of the repository before anything else', () => {
    const found = testCommandOf({ setting: ['make', 'check'], rootNames: ['package.json'], packageJson: withTest });

    expect(found).toEqual({ kind: 'found', argv: ['make', 'check'] });
  });

  it.each([
    [['package-lock.json'], 'npm'],
    [['pnpm-lock.yaml'], 'pnpm'],
    [['yarn.lock', 'package.json'], 'yarn'],
    [[], 'npm'],
  ])('runs the test script by the program of the lock file %s: %s', (rootNames, program) => {
    expect(testCommandOf({ rootNames, packageJson: withTest })).toEqual({ kind: 'found', argv: [program, 'test'] });
  });

  it.each([
    ['no package.json', undefined, 'NO_TEST_COMMAND'],
    ['no scripts', '{}', 'NO_TEST_COMMAND'],
    ['an empty script', '{"scripts":{"test":" "}}', 'NO_TEST_COMMAND'],
    ["npm's placeholder", '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}', 'NO_TEST_COMMAND'],
    ['a script that is no text', '{"scripts":{"test":1}}', 'NO_TEST_COMMAND'],
    ['broken JSON', '{"scripts":', 'PACKAGE_JSON_UNREADABLE'],
    ['a list', '[]', 'PACKAGE_JSON_UNREADABLE'],
    ['bytes that are no text', null, 'PACKAGE_JSON_UNREADABLE'],
  ])('gives a reason with a cure for %s', (_, packageJson, code) => {
    const found = testCommandOf({ rootNames: [], packageJson });

    expect(found).toMatchObject({ kind: 'none', reason: { code, field: 'repo.testCommand' } });
    expect(found.kind === 'none' && found.reason.fix).toContain('test');
  });

  it('finds the script behind a byte order mark', () => {
    expect(testCommandOf({ rootNames: [], packageJson: `\uFEFF${withTest}` }).kind).toBe('found');
  });
});
