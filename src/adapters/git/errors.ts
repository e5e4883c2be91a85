import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Every fault that the git adapter can report, with its cure and exit code. */
export const GIT_ERRORS = Object.freeze({
  GIT_MISSING: { cure: 'Install git 2.38 or newer and put it on the PATH', exit: 4 },
  GIT_FAILED: { cure: "Read git's own words in the message; check the repository with `git fsck`", exit: 1 },
  GIT_OUTPUT_TOO_LARGE: { cure: 'Ask for fewer files or a smaller range of commits', exit: 1 },
  WORKSPACE_SUBMODULES: {
    cure: 'Submodules are not supported: give Maestro a repository that holds its own files (for example by `git subtree`)',
    exit: 1,
  },
  WORKSPACE_NESTED_REPOSITORY: {
    cure: 'Have the task remove the `.git` folder that it made inside the repository, or list its folder in `.gitignore`',
    exit: 1,
  },
  OBJECT_MISSING: { cure: 'Check the repository with `git fsck`; if it is damaged, add it again', exit: 1 },
  REF_LOCKED: {
    cure: 'See that no git runs in the repository, then remove the lock file that the message names',
    exit: 1,
  },
  BRANCH_REFUSED: { cure: 'Push to the branch of an open change; the default branch moves by landing only', exit: 2 },
  TREE_NOT_WRITABLE: { cure: 'Free space and check the rights of the work folder, or rename what collides', exit: 4 },
  SOURCE_NOT_FOUND: {
    cure: 'Give the path of a folder that exists, or an address such as https://host/repo.git',
    exit: 2,
  },
  SOURCE_NOT_ALLOWED: {
    cure: 'Give a path inside the folders that may be added from, or an https or ssh address',
    exit: 2,
  },
  SOURCE_UNREACHABLE: { cure: 'Check address, network and access rights with `git ls-remote ADDRESS`', exit: 4 },
  NOT_A_REPOSITORY: { cure: 'Give the top folder of a git repository, or make it one with `git init`', exit: 2 },
  EMPTY_REPOSITORY: { cure: 'Make a first commit on a branch, then add the repository again', exit: 2 },
  DETACHED_HEAD: { cure: 'Check out a branch in the source, or name one with --branch', exit: 2 },
  BRANCH_MISSING: { cure: 'Name a branch that the repository has', exit: 2 },
  SHALLOW_REPOSITORY: { cure: 'Fetch the whole history with `git fetch --unshallow`, then add it again', exit: 2 },
  OBJECT_FORMAT: { cure: 'Use a repository with SHA-1 object names; SHA-256 is not supported', exit: 2 },
  NAME_INVALID: {
    cure: 'Choose a name of lower-case letters, digits, dots, dashes and underscores with --name',
    exit: 2,
  },
  NAME_TAKEN: { cure: 'Choose another name with --name', exit: 2 },
  DATA_DIR_NOT_WRITABLE: { cure: 'Make the data directory writable and free space on its disk', exit: 4 },
} as const) satisfies ErrorTable;

export type GitErrorCode = keyof typeof GIT_ERRORS;

/** A fault of git or of a repository; `details.stderr` carries git's own words. */
export class GitError extends MaestroError<GitErrorCode> {}

/** The fault of that code, with the cure of the table. */
export function gitFault(
  code: GitErrorCode,
  message: string,
  more: { details?: ErrorDetails; cause?: unknown } = {},
): GitError {
  return new GitError({ code, message, cure: GIT_ERRORS[code].cure, ...more });
}
