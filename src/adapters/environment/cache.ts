import { lstat, mkdir, readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { z } from 'zod';
import { openFolder, removeTree } from '#adapters/files/remove-tree.ts';
import type { Millis } from '#kernel/clock.ts';
import type { Environment, EnvironmentMount } from '#domain/environment.ts';
import { BROUGHT_PROGRAMS } from './brought.ts';
import { CACHE, MANAGER_NAMES } from './managers.ts';
import type { Needs } from './needs.ts';

// Folders inside installed packages that tools write to while they run.
const SCRATCH = ['.vite-temp', '.vite', '.vitest', '.cache'];
const INDEX = 'environment.json';

const stored = z.object({
  kind: z.enum(['declared', ...MANAGER_NAMES]),
  /** Folder below the entry, and where it appears in the workspace. */
  mounts: z.array(z.object({ from: z.string(), at: z.string() })),
  scratch: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  path: z.array(z.string()).default([]),
  commands: z.array(z.string()),
});

export interface CachedEnvironment {
  readonly environment: Environment;
  /** What built it. */
  readonly commands: readonly string[];
}

/** A whole entry, or undefined; half-made ones never have the key's name. */
export async function readEntry(entry: string, key: string): Promise<CachedEnvironment | undefined> {
  const text = await readFile(join(entry, INDEX), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { kind, mounts, scratch, env, path, commands } = stored.parse(JSON.parse(text));
  const placed = mounts.map(({ from, at }): EnvironmentMount => ({ host: join(entry, from), at, scratch }));
  return { environment: { key, kind, mounts: placed, env, path }, commands };
}

/** Moves what was built out of the source tree into an entry beside it, and only then gives the entry its name. */
export async function writeEntry(
  entry: string,
  built: { readonly dir: string; readonly needs: Needs; readonly commands: readonly string[] },
): Promise<void> {
  const { dir, needs, commands } = built;
  const { declaration } = needs;
  const making = `${entry}.making`;
  await removeTree(making);
  await mkdir(making, { recursive: true });
  const places = needs.kind === 'declared' ? declaration.folders : await installedFolders(dir);
  const scratch = [...new Set([...SCRATCH, ...declaration.scratch])];
  const mounts: { from: string; at: string }[] = [];
  for (const [index, at] of places.entries()) {
    const from = `folder-${index}`;
    // What its owner may not write can neither be moved nor get places for scratch folders.
    await openFolder(join(dir, at));
    await rename(join(dir, at), join(making, from));
    // Mounted over with an empty folder in memory; the place for it must be there, since the rest is read-only.
    for (const name of scratch) await mkdir(join(making, from, name), { recursive: true });
    mounts.push({ from, at });
  }
  const path = [posix.join(declaration.directory, BROUGHT_PROGRAMS)].filter((at) =>
    mounts.some((mount) => at.startsWith(`${mount.at}/`)),
  );
  const index = { kind: needs.kind, mounts, scratch, env: declaration.env, path, commands };
  await writeFile(join(making, INDEX), JSON.stringify(index));
  await rename(making, entry);
}

/** Every `node_modules` that was filled, as a path below the folder; what lies inside of one is part of it. */
async function installedFolders(dir: string, below = ''): Promise<readonly string[]> {
  const found: string[] = [];
  for (const item of await readdir(join(dir, below), { withFileTypes: true })) {
    const path = below === '' ? item.name : `${below}/${item.name}`;
    if (!item.isDirectory() || item.name === '.git' || item.name === CACHE) continue;
    if (item.name === 'node_modules') found.push(path);
    else found.push(...(await installedFolders(dir, path)));
  }
  return found;
}

/** Says that the entry is in use now: what nobody uses goes at last. */
export async function touchEntry(entry: string, now: Millis): Promise<void> {
  await utimes(join(entry, INDEX), now / 1000, now / 1000);
}

/** When the entry was used last, ms since the epoch; undefined when there is none. */
export async function usedAt(entry: string): Promise<number | undefined> {
  return stat(join(entry, INDEX)).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

export async function hasEntry(entry: string): Promise<boolean> {
  return lstat(join(entry, INDEX)).then(
    () => true,
    () => false,
  );
}
