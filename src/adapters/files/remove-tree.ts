import { chmod, lstat, readdir, rm } from 'node:fs/promises';

/** Removes a folder with all in it, also folders that a program closed to their owner. Links are never followed. */
export async function removeTree(path: string | Buffer): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch {
    await openFolders(Buffer.from(path));
    await rm(path, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Removes all that is in a folder, also where a program closed the folder itself. */
export async function emptyFolder(folder: string): Promise<void> {
  await openFolder(folder);
  for (const path of await pathsIn(Buffer.from(folder))) await removeTree(path);
}

/** Lets its owner read and write a folder; false where there is none. Links are never followed. */
export async function openFolder(path: string | Buffer): Promise<boolean> {
  const found = await lstat(path).catch(passMissing);
  if (found === undefined || !found.isDirectory()) return false;
  if ((found.mode & 0o700) !== 0o700) await chmod(path, (found.mode & 0o7777) | 0o700).catch(passMissing);
  return true;
}

/** What goes away meanwhile needs no opening: the removal that failed still goes on where it can. */
async function openFolders(folder: Buffer): Promise<void> {
  if (!(await openFolder(folder))) return;
  for (const path of (await pathsIn(folder).catch(passMissing)) ?? []) await openFolders(path);
}

function passMissing(error: unknown): undefined {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}

/** As bytes, since names need not be UTF-8. */
async function pathsIn(folder: Buffer): Promise<readonly Buffer[]> {
  const names = await readdir(folder, { encoding: 'buffer' });
  return names.map((name) => Buffer.concat([folder, Buffer.from('/'), name]));
}
