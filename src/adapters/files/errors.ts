import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Faults of folders of evidence, of workspaces and for temporary files, each with its cure and exit code. */
export const FOLDER_ERRORS = Object.freeze({
  FILE_UNREADABLE: { cure: 'Check the path and that it may be read', exit: 2 },
  FOLDER_UNREADABLE: { cure: 'Name a folder made by `maestro evidence export`', exit: 2 },
  FOLDER_FOREIGN: { cure: 'It holds files of yours: name an empty folder, or one that does not exist yet', exit: 2 },
  FOLDER_UNWRITABLE: { cure: 'Check that the parent folder can be written and the disk has space', exit: 4 },
  TEMP_FOLDER_UNUSABLE: { cure: 'Set TMPDIR to a folder that is there and that Maestro may write', exit: 4 },
  WORKSPACE_FILE_TOO_LARGE: { cure: 'Work on it by a program in the sandbox', exit: 1 },
  WORKSPACE_PATH_OUTSIDE: {
    cure: 'Name a plain file inside the workspace by a relative path; links and `.git` are out of reach',
    exit: 1,
  },
  JSON_FILE_UNREADABLE: { cure: 'Check the path, that the file may be read, and that it is JSON', exit: 2 },
} as const satisfies ErrorTable);

export type FolderErrorCode = keyof typeof FOLDER_ERRORS;

export class FolderError extends MaestroError<FolderErrorCode> {
  constructor(code: FolderErrorCode, message: string, details: ErrorDetails, cause?: unknown) {
    super({ code, message, cure: FOLDER_ERRORS[code].cure, details, cause });
  }
}
