import { MaestroError } from '#kernel/error.ts';

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
}) satisfies { readonly [code: string]: { readonly cure: string; readonly exit: 1 | 2 | 3 | 4 } };

export type GitErrorCode = keyof typeof GIT_ERRORS;

/** A fault of git or of a repository; `details.stderr` carries git's own words. */
export class GitError extends MaestroError<GitErrorCode> {}
