import { mkdir, mkdtemp, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from '#adapters/files/remove-tree.ts';
import type { Millis } from '#kernel/clock.ts';

/** Makes an empty folder `<prefix>-<pid>-<random>` below `root`; the name says whose it is, so that `sweepScratch` can tell. */
export async function makeScratch(root: string, prefix: string): Promise<string> {
  await mkdir(root, { recursive: true });
  return mkdtemp(join(root, `${prefix}-${process.pid}-`));
}

/** Removes folders that `makeScratch` made in processes of this machine that are gone. Run it when nothing else starts here. */
export async function sweepScratch(root: string, prefix: string): Promise<readonly string[]> {
  const names = await readdir(root).catch(() => []);
  const left = names.filter((name) => {
    const match = name.startsWith(`${prefix}-`) ? /^(\d+)-/.exec(name.slice(prefix.length + 1)) : null;
    return match !== null && !isAlive(Number(match[1]));
  });
  for (const name of left) await removeTree(join(root, name));
  return left;
}

/** Removes folders of this prefix that were made before then, whoever made them; gives how many. */
export async function sweepOldScratch(root: string, prefix: string, before: Millis): Promise<number> {
  let swept = 0;
  for (const name of await readdir(root).catch(() => [])) {
    if (!name.startsWith(`${prefix}-`)) continue;
    const path = join(root, name);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || found.mtimeMs >= before) continue;
    await removeTree(path);
    swept += 1;
  }
  return swept;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
}
