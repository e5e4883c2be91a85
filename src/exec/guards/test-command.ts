import { canonicalJson } from '#kernel/canonical-json.ts';
import type { Json } from '#kernel/json.ts';
import { type ChangedFile, type FileVersion, pathsOf } from '#domain/diff.ts';
import { objectOf, scriptsOf } from '../test-command.ts';
import { type Finding, needsHuman } from './finding.ts';
import { isPackageJson, isTestConfig, isTestFile } from './test-files.ts';

/** Keys of package.json that configure a test program. */
const CONFIG_KEYS = ['jest', 'vitest', 'mocha', 'ava', 'tap', 'c8', 'nyc'];

/**
 * Changes of what is run as tests: scripts, the files that they name, and the configuration of test programs.
 * `command` is what ran before the change: the repository's setting, and its package.json at the base.
 */
export function guardTestCommand(
  files: readonly ChangedFile[],
  textOf: (file: FileVersion) => string | null,
  command: { readonly setting: readonly string[]; readonly packageJson: string | null },
): readonly Finding[] {
  const asked = ['test', ...command.setting.flatMap(wordsOf)];
  // Also what scripts of the packages in a workspace are called by those of the root.
  const words = new Set([...asked, ...Object.values(scriptsFrom(asked, command.packageJson)).flatMap(wordsOf)]);
  const findings: Finding[] = [];
  for (const { before, after } of files) {
    if (before === null || !isPackageJson(before.path)) continue;
    const old = textOf(before);
    const text = after === null ? null : textOf(after);
    if (canonicalJson(scriptsFrom(words, old)) !== canonicalJson(scriptsFrom(words, text))) {
      findings.push(needsHuman('TEST_COMMAND_CHANGED', before.path, `the test scripts of ${before.path} changed`));
    }
    if (testSettings(old) !== testSettings(text)) {
      findings.push(needsHuman('TEST_CONFIG_CHANGED', before.path, `the test settings in ${before.path} changed`));
    }
  }
  for (const path of new Set(files.flatMap(pathsOf))) {
    if (isTestConfig(path)) {
      findings.push(needsHuman('TEST_CONFIG_CHANGED', path, `${path} configures the tests`));
    } else if (words.has(path) && !isTestFile(path) && !isPackageJson(path)) {
      findings.push(needsHuman('TEST_COMMAND_CHANGED', path, `${path} is named by the test command`));
    }
  }
  return findings;
}

/** The scripts of these names, their `pre` and `post`, and every script that one of them names. */
function scriptsFrom(names: Iterable<string>, packageJson: string | null): { readonly [name: string]: string } {
  const scripts = scriptsOf(packageJson) ?? {};
  const found: { [name: string]: string } = {};
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const script = scripts[name];
    if (script === undefined || name in found) continue;
    found[name] = script;
    waiting.push(`pre${name}`, `post${name}`, ...wordsOf(script));
  }
  return found;
}

function wordsOf(script: string): readonly string[] {
  return script.split(/[\s'"=;&|()]+/).map((word) => word.replace(/^\.\//, ''));
}

function testSettings(packageJson: string | null): string {
  const settings = objectOf(packageJson) ?? {};
  // The cast is true: the object came out of JSON.parse.
  return canonicalJson(Object.fromEntries(CONFIG_KEYS.map((key) => [key, (settings[key] ?? null) as Json])));
}
