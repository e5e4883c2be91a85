import type { Reason } from '#domain/reason.ts';

/** Every reason that this room gives, with the smallest safe next step. */
export const EXEC_REASONS = Object.freeze({
  NO_TEST_COMMAND: 'Add a `test` script to package.json, or set the command of the repository',
  PACKAGE_JSON_UNREADABLE: 'Make package.json valid JSON, or set the test command of the repository',
  TEST_TIMEOUT:
    'See where they stood (`maestro task tests ID`), then make the tests faster or raise the wall time of tests',
  TEST_ABORTED: 'Start the task again',
  TEST_PROGRAM_MISSING: 'Declare the program in the environment of the repository, or install it on this machine',
  BASE_RED:
    'Read what they printed (`maestro task tests ID`), repair the tests on the default branch, then start the task again',
  TESTS_FAILED: 'Read what they printed (`maestro task tests ID`), correct the change and start the task again',
  FEWER_TESTS_PASSED:
    'Look at which tests no longer run (`maestro task tests ID --output`) and approve the change if that is right',
  EMPTY_CHANGE: 'Nothing is to be done: end the task as `no_change`',
  DENIED_PATH: 'Leave the file as it was, or have the tenant’s `deniedPaths` changed',
  OUT_OF_SCOPE: 'Leave files outside the scope as they were, or widen the scope of the task',
  PROTECTED_PATH: 'A person reads the change of this file and approves it',
  DEPENDENCIES_CHANGED: 'A person reads what is installed now and approves it',
  SUBMODULE_ADDED: 'Add the files themselves in place of the submodule',
  SYMLINK_OUTSIDE: 'Let the link lead, without `..` after a name, to a file inside the repository',
  FILE_TOO_LARGE: 'Keep the file out of the repository, or have a person approve it',
  CHANGE_TOO_LARGE: 'Split the task into smaller ones, or have a person approve it',
  KEY_IN_CHANGE: 'Take the key out of the file and out of whatever wrote it there; it ends with its run',
  PRIVATE_KEY_IN_CHANGE: 'Take the key out, or have a person approve it, for example as that of a test',
  TEST_FILE_DELETED: 'Bring the test file back, or have a person approve its end',
  TESTS_REMOVED: 'Bring the tests back, or have a person approve their end',
  TESTS_SKIPPED: 'Let the tests run again, or have a person approve the skip',
  TESTS_FOCUSED: 'Remove `.only`, which keeps every other test from running',
  ASSERTIONS_REMOVED: 'Bring the assertions back, or have a person approve their end',
  TEST_COMMAND_CHANGED: 'A person reads the new test command and approves it',
  TEST_CONFIG_CHANGED: 'A person reads the new test configuration and approves it',
});

export type ExecReasonCode = keyof typeof EXEC_REASONS;

export function reason(code: ExecReasonCode, field: string, msg: string): Reason {
  return { code, msg, field, fix: EXEC_REASONS[code] };
}
