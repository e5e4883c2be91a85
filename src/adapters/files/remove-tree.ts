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

export async function emptyFolder(folder: string): Promise<void> {
  for (const path of await pathsIn(Buffer.from(folder))) await removeTree(path);
}

/** What goes away meanwhile needs no opening: the removal that failed still goes on where it can. */
async function openFolders(folder: Buffer): Promise<void> {
  try {
    if (!(await lstat(folder)).isDirectory()) return;
    await chmod(folder, 0o700);
    for (const path of await pathsIn(folder)) await openFolders(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

/** As bytes, since names need not be UTF-8. */
async function pathsIn(folder: Buffer): Promise<readonly Buffer[]> {
  const names = await readdir(folder, { encoding: 'buffer' });
  return names.map((name) => Buffer.concat([folder, Buffer.from('/'), name]));
}
