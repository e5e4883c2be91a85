import { constants } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { openFolder, removeTree } from '#adapters/files/remove-tree.ts';
import type { Environment } from '#domain/environment.ts';
import type { SandboxCommand } from '#domain/sandbox.ts';

type Place = Pick<SandboxCommand, 'workspace' | 'environment'>;

/** Mounts of one workspace, which programs at work in it at the same time share. */
interface Lent {
  users: number;
  isThere: boolean;
  turn: Promise<unknown>;
}

/** The mounts of workspaces: there from the first program to the last, and then the workspace is as the repository has it. */
export class LentMounts {
  readonly #lent = new Map<string, Lent>();

  async during<T>({ workspace, environment }: Place, work: () => Promise<T>): Promise<T> {
    const lent = this.#lent.get(workspace) ?? { users: 0, isThere: false, turn: Promise.resolve() };
    this.#lent.set(workspace, lent);
    lent.users++;
    try {
      await inTurn(lent, async () => {
        if (!lent.isThere) await lendMounts(workspace, environment);
        lent.isThere = true;
      });
      return await work();
    } finally {
      await inTurn(lent, async () => {
        if (--lent.users > 0) return;
        lent.isThere = false;
        await takeBackMounts(workspace, environment).finally(() => {
          if (lent.users === 0) this.#lent.delete(workspace); // else one more came meanwhile
        });
      });
    }
  }
}

/** One after another: nothing is lent while something is taken back. */
function inTurn(lent: Lent, act: () => Promise<void>): Promise<void> {
  const done = lent.turn.then(act);
  lent.turn = done.catch(() => undefined);
  return done;
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
