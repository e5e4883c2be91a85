import type { Git } from '#domain/git.ts';
import type { GitOid } from '#domain/ids.ts';
import { GIT_ERRORS, GitError } from './errors.ts';
import { onFiles, type RunFolder } from './run-folder.ts';

/** A commit that holds other repositories cannot be run: their files are not in it. */
export async function refuseSubmodules(git: Git, repoDir: string, commit: GitOid): Promise<void> {
  const listed = await git.run({ args: ['ls-tree', '-r', '-z', commit], gitDir: repoDir });
  const paths = gitlinks(listed.stdout);
  if (paths.length === 0) return;
  throw new GitError({
    code: 'WORKSPACE_SUBMODULES',
    message: `the repository has submodules: ${paths.slice(0, 5).join(', ')}`,
    cure: GIT_ERRORS.WORKSPACE_SUBMODULES.cure,
    details: { paths },
  });
}

/** Git would record a repository inside the workspace as a submodule, without its files. */
export async function refuseNested(git: Git, folder: RunFolder, repoDir: string): Promise<void> {
  const listed = await git.run(onFiles(folder, repoDir, ['ls-files', '--others', '--exclude-standard', '-z']));
  // Git lists a folder as one entry, with a slash at its end, only where it is a repository of its own.
  const paths = listed.stdout
    .toString('utf8')
    .split('\0')
    .filter((path) => path.endsWith('/'));
  if (paths.length === 0) return;
  throw new GitError({
    code: 'WORKSPACE_NESTED_REPOSITORY',
    message: `the task made a repository inside the repository: ${paths.slice(0, 5).join(', ')}`,
    cure: GIT_ERRORS.WORKSPACE_NESTED_REPOSITORY.cure,
    details: { paths },
  });
}

/** Paths with mode 160000 in the rows of `ls-tree -z`. */
function gitlinks(rows: Buffer): readonly string[] {
  const links = rows
    .toString('utf8')
    .split('\0')
    .filter((row) => row.startsWith('160000 '));
  return links.map((row) => row.slice(row.indexOf('\t') + 1));
}
