import { MaestroError } from '#kernel/error.ts';

/** Every fault of the sandboxes themselves; what a program does is a result and never one of these. */
export const SANDBOX_ERRORS = Object.freeze({
  SANDBOX_NOT_STARTED: {
    cure: "Read the sandbox's own words in the message, mend what they name, then retry the task",
    exit: 4,
  },
  SANDBOX_MOUNT_BLOCKED: {
    cure: 'Remove the file or link at that path from the repository, or declare the environment elsewhere in `.maestro.yaml`',
    exit: 1,
  },
  SANDBOX_TREE_SURVIVED: {
    cure: 'End the processes that the message names by hand, then retry the task',
    exit: 1,
  },
}) satisfies { readonly [code: string]: { readonly cure: string; readonly exit: 1 | 2 | 3 | 4 } };

export type SandboxErrorCode = keyof typeof SANDBOX_ERRORS;

export class SandboxError extends MaestroError<SandboxErrorCode> {}
