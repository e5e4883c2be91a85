import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { WorkspaceFiles } from '#plugins/ports.ts';
import { PluginStoreError } from './errors.ts';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Reads and replaces files of a workspace without following links: each folder is opened relative to the one before, and
 * new contents are written beside the old in that very folder. All files are staged before the first is put in place.
 */
export const workspaceFiles: WorkspaceFiles = {
  read: (root, path) =>
    inFolder(root, path, async (at) => {
      await using file = await open(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      const stats = await file.stat();
      return stats.isFile() && stats.nlink === 1 ? new Uint8Array(await file.readFile()) : null;
    }),
  replace: async (root, files) => {
    const staged: { path: string; before: Uint8Array }[] = [];
    const placed: { path: string; before: Uint8Array }[] = [];
    try {
      for (const { path, before, after } of files) {
        if ((await inFolder(root, path, async (at) => stage(at, after))) === null) throw gone(path);
        staged.push({ path, before });
      }
      for (const file of staged) {
        if ((await inFolder(root, file.path, place)) === null) throw gone(file.path);
        placed.push(file);
      }
    } catch (error) {
      for (const { path, before } of placed) {
        await inFolder(root, path, async (at) => {
          await stage(at, before);
          await place(at);
        });
      }
      throw error;
    } finally {
      for (const { path } of staged) await inFolder(root, path, async (at) => rm(`${at}${SUFFIX}`, { force: true }));
    }
  },
};

const SUFFIX = '.maestro-new';

async function place(at: string): Promise<true> {
  await rename(`${at}${SUFFIX}`, at);
  return true;
}

/** Keeps the old file's mode and owner, since programs of the sandbox work on it too. */
async function stage(at: string, bytes: Uint8Array): Promise<true> {
  await using old = await open(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  const { mode, uid, gid } = await old.stat();
  await using file = await openNew(`${at}${SUFFIX}`, mode & 0o777);
  try {
    const own = await file.stat();
    if (own.uid !== uid || own.gid !== gid) await file.chown(uid, gid);
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await rm(`${at}${SUFFIX}`, { force: true });
    throw error;
  }
  return true;
}

async function openNew(path: string, mode: number): Promise<FileHandle> {
  try {
    return await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause) || cause.code !== 'EEXIST') throw cause;
    const message = `there is a ${basename(path)} already, which someone else wrote`;
    throw new PluginStoreError('WORKSPACE_CHANGED', message, { cause });
  }
}

function gone(path: string): PluginStoreError {
  return new PluginStoreError('WORKSPACE_CHANGED', `${path} is no longer a plain file of the workspace`);
}

/** Calls `use` with a path through the descriptor of the file's folder; null when the way there is not plain. */
async function inFolder<T>(root: string, path: string, use: (at: string) => Promise<T>): Promise<T | null> {
  const segments = path.split('/');
  const name = segments.pop() ?? '';
  if ([...segments, name].some((each) => each === '' || each === '.' || each === '..' || each.includes('\0')))
    return null;
  let folder: FileHandle = await open(root, O_RDONLY | O_DIRECTORY);
  try {
    for (const segment of segments) {
      const next = await open(`/proc/self/fd/${folder.fd}/${segment}`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      await folder.close();
      folder = next;
    }
    return await use(`/proc/self/fd/${folder.fd}/${name}`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return null;
    throw error;
  } finally {
    await folder.close();
  }
}
