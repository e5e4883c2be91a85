import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from '#adapters/files/remove-tree.ts';
import type { Millis } from '#kernel/clock.ts';
import { usedAt } from './cache.ts';
import { REMADE } from './relock.ts';

// What a process that died left behind is half made or half removed; a build never takes this long.
const ABANDONED_MS = 24 * 3_600_000;

interface Eviction {
  readonly before: Millis;
  readonly now: Millis;
  readonly inUse: ReadonlySet<string>;
}

/**
 * Removes environments that nobody has used since `before`, but none whose key is in use, and what dead processes left
 * half made. Gives how many went, and what could not be removed: that ends nothing else.
 */
export async function evictEnvironments(
  root: string,
  what: Eviction,
): Promise<{ readonly gone: number; readonly faults: readonly string[] }> {
  let gone = 0;
  const faults: string[] = [];
  for (const tenant of await namesIn(root)) {
    for (const name of await namesIn(join(root, tenant))) {
      try {
        if (await evictOne(join(root, tenant), name, what)) gone += 1;
      } catch (fault) {
        faults.push(String(fault));
      }
    }
  }
  return { gone, faults };
}

/** True when an environment went. It loses its name first, so that nobody finds it half removed. */
async function evictOne(folder: string, name: string, { before, now, inUse }: Eviction): Promise<boolean> {
  const path = join(folder, name);
  if (/\.(making|evicted)$/.test(name)) {
    if (await isOlder(path, now - ABANDONED_MS)) await removeTree(path);
  } else if (name.endsWith(REMADE)) {
    if (await isOlder(path, before)) await rm(path, { force: true });
  } else if (!name.includes('.') && !inUse.has(name)) {
    const used = await usedAt(path);
    if (used === undefined || used >= before) return false;
    await rename(path, `${path}.evicted`);
    await removeTree(`${path}.evicted`);
    return true;
  }
  return false;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

async function isOlder(path: string, than: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && found.mtimeMs < than;
}
