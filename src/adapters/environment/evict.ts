import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Millis } from '#kernel/clock.ts';
import { usedAt } from './cache.ts';
import { REMADE } from './relock.ts';

// What a process that died left behind is half made or half removed; a build never takes this long.
const ABANDONED_MS = 24 * 3_600_000;

/**
 * Removes environments that nobody has used since `before`, but none whose key is in use, and what dead processes left
 * half made. An entry loses its name first, so that nobody finds it half removed. Gives how many went.
 */
export async function evictEnvironments(
  root: string,
  what: { readonly before: Millis; readonly now: Millis; readonly inUse: ReadonlySet<string> },
): Promise<number> {
  let gone = 0;
  for (const tenant of await namesIn(root)) {
    for (const name of await namesIn(join(root, tenant))) {
      const path = join(root, tenant, name);
      if (/\.(making|evicted)$/.test(name)) {
        if (await isOlder(path, what.now - ABANDONED_MS)) await rm(path, { recursive: true, force: true });
      } else if (name.endsWith(REMADE)) {
        if (await isOlder(path, what.before)) await rm(path, { force: true });
      } else if (!name.includes('.') && !what.inUse.has(name)) {
        const used = await usedAt(path);
        if (used === undefined || used >= what.before) continue;
        await rename(path, `${path}.evicted`);
        await rm(`${path}.evicted`, { recursive: true, force: true });
        gone += 1;
      }
    }
  }
  return gone;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

async function isOlder(path: string, than: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && found.mtimeMs < than;
}
