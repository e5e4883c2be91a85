import { copyFile, lstat, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyFolder, removeTree } from '#adapters/files/remove-tree.ts';
import type { Checkpoint, KeptNote, Workspace, Workspaces } from '#agents/ports.ts';
import type { Git } from '#domain/git.ts';
import type { GitOid, RunId } from '#domain/ids.ts';
import type { Clock } from '#kernel/clock.ts';
import { changedSince, commitFiles, forgetCheckpoints } from './checkpoints.ts';
import { chownTree, exists } from './folders.ts';
import { gitOid } from './oid.ts';
import { ATTRIBUTES, makeOwnGit, onFiles, repositoryOf, type RunFolder, runFolder } from './run-folder.ts';
import { refuseSubmodules } from './submodules.ts';
import { unlocked } from './unlocked.ts';

export interface WorkspacesOptions {
  readonly git: Git;
  readonly clock: Clock;
  /** Absolute folder in which each run gets a folder of its own. */
  readonly root: string;
  /** Who must own the files of a tenant; undefined: the user of Maestro itself. See `Sandbox.userOf`. */
  userOf(ordinal: number): number | undefined;
}

// Owner and change time differ between host and sandbox; programs inside need not read every file again for that.
const CONFIG = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = false
\tcheckStat = minimal
\ttrustctime = false
[gc]
\tauto = 0
`;

/** Workspaces that borrow their objects from a bare repository, as `git clone --shared` makes them. */
export function gitWorkspaces(options: WorkspacesOptions): Workspaces {
  const { git, clock, root } = options;

  const create = async (request: Parameters<Workspaces['create']>[0]): Promise<Workspace> => {
    const folder = runFolder(root, request.run);
    const repoDir = await realpath(request.repoDir);
    const baseTree = gitOid(await git.text({ args: ['rev-parse', `${request.base}^{tree}`], gitDir: repoDir }));
    const workspace = {
      run: request.run,
      dir: folder.files,
      base: request.base,
      baseTree,
      sharedObjects: join(repoDir, 'objects'),
    };
    if (await exists(folder.files)) return workspace;

    await refuseSubmodules(git, repoDir, request.base);
    await keepObjects(git, repoDir, clock);
    const half = runFolder(root, `${request.run}.half`);
    await removeTree(join(half.files, '..'));
    await mkdir(half.files, { recursive: true });
    await makeOwnGit(git, half, repoDir);
    await fill(git, half, { repoDir, base: request.base, commit: request.base });
    const user = options.userOf(request.ordinal);
    if (user !== undefined) await chownTree(half.files, user);
    // Only a whole folder ever has the run's name.
    await rename(join(half.files, '..'), join(folder.files, '..'));
    return workspace;
  };

  const checkpoint = async (workspace: Workspace, seq: number, message: string): Promise<Checkpoint> => {
    const folder = runFolder(root, workspace.run);
    await unlocked(folder, clock);
    const place = { git, clock, folder, repoDir: await repositoryOf(folder) };
    return commitFiles(place, workspace, { seq, message });
  };

  const restore = async (workspace: Workspace, commit: GitOid): Promise<void> => {
    const folder = runFolder(root, workspace.run);
    const owner = await lstat(folder.files);
    await unlocked(folder, clock);
    await rm(folder.kept, { force: true });
    await emptyFolder(folder.files);
    await rm(join(folder.git, 'index'), { force: true });
    await fill(git, folder, { repoDir: await repositoryOf(folder), base: workspace.base, commit });
    if (owner.uid !== process.getuid?.()) await chownTree(folder.files, owner.uid);
  };

  const changes = async (workspace: Workspace): Promise<string> => {
    const folder = runFolder(root, workspace.run);
    await unlocked(folder, clock);
    return changedSince(git, folder, await repositoryOf(folder), workspace.base);
  };

  return { create, checkpoint, restore, changes, ...notes(root), ...removal(git, root) };
}

/** What is there, and how it goes. */
function removal(git: Git, root: string): Pick<Workspaces, 'remove' | 'list'> {
  return {
    remove: async (run) => {
      const folder = runFolder(root, run);
      // Without its name the removal was broken off after the checkpoints, or the folder never was whole.
      const repoDir = await repositoryOf(folder).catch(() => undefined);
      if (repoDir !== undefined && (await exists(repoDir))) await forgetCheckpoints(git, repoDir, run);
      await removeTree(join(folder.files, '..'));
      await removeTree(join(runFolder(root, `${run}.half`).files, '..'));
    },
    list: async () => {
      const names = (await readdir(root).catch(() => [])).map((name) => name.replace(/\.half$/, ''));
      // The cast is true: only `create` names folders here, after runs.
      return [...new Set(names)].filter((name) => /^[\w-]+$/.test(name)) as RunId[];
    },
  };
}

/** What a run's folder holds beside files and git. */
function notes(root: string): Pick<Workspaces, 'home' | 'keep' | 'kept'> {
  return {
    home: async ({ run }, name) => {
      const folder = runFolder(root, run);
      if (!/^[\w-]+$/.test(name)) throw new RangeError(`not a name of a home: ${name}`);
      const home = join(folder.homes, name);
      await mkdir(home, { recursive: true });
      const { uid } = await lstat(folder.files);
      if (uid !== process.getuid?.()) await chownTree(home, uid);
      return home;
    },
    keep: async ({ run }, note) => {
      const { kept } = runFolder(root, run);
      await writeFile(`${kept}.half`, JSON.stringify(note));
      await rename(`${kept}.half`, kept);
    },
    kept: async ({ run }) => {
      const text = await readFile(runFolder(root, run).kept, 'utf8').catch(() => undefined);
      // The cast is true: only `keep` writes this file, as a whole.
      return text === undefined ? undefined : (JSON.parse(text) as KeptNote);
    },
  };
}

interface Filling {
  readonly repoDir: string;
  readonly base: GitOid;
  readonly commit: GitOid;
}

/** Files of `commit` and a fresh `.git` that stands on the base, in an empty folder. */
async function fill(git: Git, folder: RunFolder, { repoDir, base, commit }: Filling): Promise<void> {
  const inner = join(folder.files, '.git');
  const head = await git.text({ args: ['symbolic-ref', 'HEAD'], gitDir: repoDir });
  await git.run({ args: ['init', '--quiet', '--template=', folder.files] });
  await mkdir(join(inner, 'info'), { recursive: true });
  await writeFile(join(inner, 'info/attributes'), ATTRIBUTES);
  await mkdir(join(inner, 'objects/info'), { recursive: true });
  await writeFile(join(inner, 'objects/info/alternates'), `${join(repoDir, 'objects')}\n`);
  await writeFile(join(inner, 'config'), CONFIG);
  await git.run({ args: ['symbolic-ref', 'HEAD', head], gitDir: inner });
  await git.run({ args: ['update-ref', 'HEAD', base], gitDir: inner });
  await git.run(onFiles(folder, repoDir, ['read-tree', '--reset', '-u', commit]));
  await copyFile(join(folder.git, 'index'), join(inner, 'index'));
}

/** Workspaces borrow the repository's objects, so none may ever be pruned. */
async function keepObjects(git: Git, repoDir: string, clock: Clock): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const set = await git.run({ args: ['config', '--local', '--get', 'gc.auto'], gitDir: repoDir, accept: [0, 1] });
    if (set.stdout.toString('utf8').trim() === '0') return;
    // 255: another run holds the lock of the config, most likely to write the same.
    await git.run({ args: ['config', '--local', 'gc.auto', '0'], gitDir: repoDir, accept: [0, 255] });
    await clock.sleep(attempt);
  }
}
