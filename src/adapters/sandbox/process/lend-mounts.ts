import { constants } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { openFolder, removeTree } from '#adapters/files/remove-tree.ts';
import type { Environment } from '#domain/environment.ts';
import type { SandboxCommand } from '#domain/sandbox.ts';

/** Does something while the workspace has its mounts, and leaves it as the repository has it. */
export async function withMounts<T>(
  { workspace, environment }: Pick<SandboxCommand, 'workspace' | 'environment'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    await lendMounts(workspace, environment);
    return await work();
  } finally {
    await takeBackMounts(workspace, environment);
  }
}

/**
 * Puts a private copy of each mount into the workspace, since without walls the cached files could be written.
 * Where the file system can (btrfs, xfs, APFS) the copy shares its blocks and costs almost nothing.
 */
async function lendMounts(workspace: string, environment: Environment): Promise<void> {
  await takeBackMounts(workspace, environment);
  for (const { host, at } of environment.mounts) {
    const copy = { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE };
    await cp(host, join(workspace, at), copy);
  }
}

async function takeBackMounts(workspace: string, environment: Environment): Promise<void> {
  for (const { at } of environment.mounts) {
    await openWay(workspace, at);
    await removeTree(join(workspace, at));
  }
}

/** A program may have closed the workspace itself, or folders on the way to a mount. */
async function openWay(workspace: string, at: string): Promise<void> {
  const names = at.split('/');
  for (const depth of names.keys()) await openFolder(join(workspace, ...names.slice(0, depth)));
}
