import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git, GitCommand } from '#domain/git.ts';
import type { RunId } from '#domain/ids.ts';

/**
 * One run's folder: `files` is the workspace; `git` is a git folder of the host's own with index and settings, which no
 * program of the run ever sees. Objects are read from and written to the bare repository straight away.
 */
export interface RunFolder {
  readonly files: string;
  readonly git: string;
  /** Where agents keep their state, a folder each. */
  readonly homes: string;
  /** Names the step that the files belong to: see `Workspaces.keep`. */
  readonly kept: string;
}

// Bytes in the repository are bytes in the workspace and back: no line ends, encodings, keywords or filters in between.
export const ATTRIBUTES = '* -text -eol -ident -filter -working-tree-encoding\n';

export function runFolder(root: string, run: RunId | string): RunFolder {
  if (!/^[\w-]+(\.half)?$/.test(run)) throw new RangeError(`not a run: ${run}`);
  const of = (name: string): string => join(root, run, name);
  return { files: of('files'), git: of('git'), homes: of('homes'), kept: of('kept-by') };
}

export async function makeOwnGit(git: Git, folder: RunFolder, repoDir: string): Promise<void> {
  await git.run({ args: ['init', '--quiet', '--bare', '--template=', folder.git] });
  await mkdir(join(folder.git, 'info'), { recursive: true });
  await writeFile(join(folder.git, 'info/attributes'), ATTRIBUTES);
  await writeFile(join(folder.git, 'repository'), repoDir);
}

/** The bare repository that the folder was made from. */
export function repositoryOf(folder: RunFolder): Promise<string> {
  return readFile(join(folder.git, 'repository'), 'utf8');
}

/** A command on the run's files that does not look into the `.git` among them. */
export function onFiles(folder: RunFolder, repoDir: string, args: readonly string[]): GitCommand {
  const env = { GIT_OBJECT_DIRECTORY: join(repoDir, 'objects') };
  return { args, gitDir: folder.git, workTree: folder.files, cwd: folder.files, env };
}
