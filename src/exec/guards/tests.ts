import type { ChangedFile, FileVersion } from '#domain/diff.ts';
import { type Finding, needsHuman } from './finding.ts';
import { isTestFile } from './test-files.ts';
import { countTestWords, type TestWords } from './test-words.ts';

const NOTHING: TestWords = { tests: 0, skipped: 0, focused: 0, assertions: 0 };

/**
 * A test file that ends, and per test file: fewer tests, more skips, a focus, fewer assertions.
 * What it cannot see: an expectation that was changed, or code under test that was taught to please it.
 */
export function guardTests(
  files: readonly ChangedFile[],
  textOf: (file: FileVersion) => string | null,
): readonly Finding[] {
  return files.flatMap((file) => {
    const before = file.before !== null && isTestFile(file.before.path) ? file.before : null;
    const after = file.after !== null && isTestFile(file.after.path) ? file.after : null;
    if (before !== null && after === null) {
      const msg =
        file.after === null
          ? `${before.path} was deleted`
          : `${before.path} became ${file.after.path}, which is no test`;
      return [needsHuman('TEST_FILE_DELETED', before.path, msg)];
    }
    if (after === null) return [];
    return weakened(after.path, wordsOf(before, textOf), wordsOf(after, textOf));
  });
}

function wordsOf(file: FileVersion | null, textOf: (file: FileVersion) => string | null): TestWords {
  const text = file === null ? null : textOf(file);
  return file === null || text === null ? NOTHING : countTestWords(file.path, text);
}

function weakened(path: string, before: TestWords, after: TestWords): readonly Finding[] {
  const findings: Finding[] = [];
  const say = (what: string, was: number, is: number): string => `${path} has ${is} ${what}, it had ${was}`;
  if (after.tests < before.tests) {
    findings.push(needsHuman('TESTS_REMOVED', path, say('tests', before.tests, after.tests)));
  }
  if (after.skipped > before.skipped) {
    findings.push(needsHuman('TESTS_SKIPPED', path, say('skipped tests', before.skipped, after.skipped)));
  }
  if (after.focused > before.focused) {
    findings.push(needsHuman('TESTS_FOCUSED', path, say('focused tests', before.focused, after.focused)));
  }
  if (after.assertions < before.assertions) {
    findings.push(needsHuman('ASSERTIONS_REMOVED', path, say('assertions', before.assertions, after.assertions)));
  }
  return findings;
}
