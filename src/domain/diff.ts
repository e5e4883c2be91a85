import type { GitOid } from './ids.ts';

/** As git writes it: plain file, executable file, symbolic link, submodule. */
export type FileMode = '100644' | '100755' | '120000' | '160000';

export type FileVersion = {
  /** Relative to the repository; bytes that are not UTF-8 show as U+FFFD, so read the file by its `oid`. */
  readonly path: string;
  readonly mode: FileMode;
  /** The blob, or the commit of a submodule. */
  readonly oid: GitOid;
};

/** One file that differs between two trees. A rename has both versions, with different paths. */
export type ChangedFile = {
  /** Null: the file was added. */
  readonly before: FileVersion | null;
  /** Null: the file was deleted. */
  readonly after: FileVersion | null;
  /** Null: binary. */
  readonly addedLines: number | null;
  readonly deletedLines: number | null;
  /** Size of the new version; 0 when deleted. */
  readonly bytes: number;
};

/** What a file holds. `text` is null when it is not UTF-8, holds a zero byte, or is larger than was asked for. */
export type FileContent = {
  readonly bytes: number;
  readonly text: string | null;
};

/** Every path that a change touches; of a rename both. */
export function pathsOf(file: ChangedFile): readonly string[] {
  const paths = [file.before?.path, file.after?.path].filter((path) => path !== undefined);
  return [...new Set(paths)];
}
