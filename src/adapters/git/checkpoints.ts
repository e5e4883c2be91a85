import type { Checkpoint, Workspace } from '#agents/ports.ts';
import type { Git } from '#domain/git.ts';
import type { RunId } from '#domain/ids.ts';
import type { Clock } from '#kernel/clock.ts';
import { gitOid } from './oid.ts';
import { onFiles, type RunFolder } from './run-folder.ts';
import { refuseNested } from './submodules.ts';

interface Place {
  readonly git: Git;
  readonly clock: Clock;
  readonly folder: RunFolder;
  readonly repoDir: string;
}

/** Commits all files into the bare repository, on top of the base. Again with the same files, it is the same commit. */
export async function commitFiles(
  { git, clock, folder, repoDir }: Place,
  workspace: Workspace,
  { seq, message }: { readonly seq: number; readonly message: string },
): Promise<Checkpoint> {
  await refuseNested(git, folder, repoDir);
  await git.run(onFiles(folder, repoDir, ['add', '--all', '.']));
  const tree = gitOid(await git.text(onFiles(folder, repoDir, ['write-tree'])));

  const ref = `refs/maestro/ckpt/${workspace.run}/${seq}`;
  const known = await git.run({ args: ['rev-parse', '-q', '--verify', ref], gitDir: repoDir, accept: [0, 1] });
  if (known.exitCode === 0) {
    const commit = gitOid(known.stdout.toString('utf8').trim());
    if ((await git.text({ args: ['rev-parse', `${commit}^{tree}`], gitDir: repoDir })) === tree)
      return { seq, commit, tree };
  }
  const args = ['commit-tree', tree, '-p', workspace.base, '-F', '-'];
  const commit = gitOid(await git.text({ args, gitDir: repoDir, stdin: message, env: signature(clock) }));
  await git.run({ args: ['update-ref', ref, commit], gitDir: repoDir });
  return { seq, commit, tree };
}

/** `git diff --stat` of all files against the base, also of new ones, without the workspace's own git. */
export async function changedSince(git: Git, folder: RunFolder, repoDir: string, base: string): Promise<string> {
  await git.run(onFiles(folder, repoDir, ['add', '--all', '.']));
  const args = ['diff', '--cached', '--stat=100', '--no-color', '--no-ext-diff', '--no-textconv', base];
  return git.text(onFiles(folder, repoDir, args));
}

/** Takes away all checkpoint refs of a run. */
export async function forgetCheckpoints(git: Git, repoDir: string, run: RunId): Promise<void> {
  const args = ['for-each-ref', '--format=delete %(refname)', `refs/maestro/ckpt/${run}/`];
  const lines = await git.text({ args, gitDir: repoDir });
  if (lines !== '') await git.run({ args: ['update-ref', '--stdin'], gitDir: repoDir, stdin: `${lines}\n` });
}

function signature(clock: Clock): { readonly [name: string]: string } {
  const date = `${Math.floor(clock.now() / 1000)} +0000`;
  const [name, email] = ['Maestro Conductor', 'maestro@localhost'];
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  };
}
