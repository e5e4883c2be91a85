import { mkdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { LockRequest, RemadeLock } from '#agents/ports.ts';
import type { Git } from '#domain/git.ts';
import { digestOf } from '#kernel/digest.ts';
import type { Json } from '#kernel/json.ts';
import type { Trees } from '#exec/ports.ts';
import { type BuildOptions, managerProgram, withEgress } from './build.ts';
import { EnvironmentError } from './errors.ts';
import { isLater, MANAGER_NAMES, type ManagerName, MANAGERS } from './managers.ts';
import { type Needs, readNeeds } from './needs.ts';

interface RelockOptions extends BuildOptions {
  readonly git: Git;
  readonly trees: Trees;
  /** The cache; each tenant has a folder of its own in it. */
  readonly root: string;
  readonly machine: Json;
}

/** Ending of a lock file that is kept in the cache; its name is the key. */
export const REMADE = '.remade';

/** Makes one lock file anew in the sandbox; what was made before from the same tree is not made again. */
export async function remakeLock(
  request: LockRequest,
  options: RelockOptions,
  signal: AbortSignal,
): Promise<RemadeLock> {
  const { path, repoDir, tree } = request;
  const kind = MANAGER_NAMES.find((name) => MANAGERS[name].locks.includes(posix.basename(path)));
  if (kind === undefined) return { kind: 'cannot', why: `no package manager is known here that writes ${path}` };
  try {
    const needs = await readNeeds(options.git, { repoDir, commit: tree }, options.machine);
    const kept = join(
      options.root,
      String(request.ordinal),
      digestOf({ path, tree, machine: options.machine }) + REMADE,
    );
    const { relock, version } = relockOf(kind, needs);
    const command = relock.command.join(' ');
    const known = await readFile(kept, 'utf8').catch(() => undefined);
    const text = known ?? (await run(kind, { needs, request, options, version }, signal));
    if (/^<{7} /m.test(text)) return { kind: 'cannot', why: `\`${command}\` left conflict markers in it` };
    await keep(kept, text, options.clock.now());
    return { kind: 'made', text, command };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof EnvironmentError) return { kind: 'cannot', why: `${error.code}: ${error.message}` };
    throw error;
  }
}

function relockOf(kind: ManagerName, needs: Needs) {
  const version = needs.kind === kind ? needs.managerVersion : undefined;
  return { version, relock: MANAGERS[kind].relock(isLater(version)) };
}

async function run(
  kind: ManagerName,
  what: { needs: Needs; request: LockRequest; options: RelockOptions; version: string | undefined },
  signal: AbortSignal,
): Promise<string> {
  const { needs, request, options, version } = what;
  const { path, repoDir, tree, ordinal, ours } = request;
  const directory = posix.dirname(path);
  const here: Needs = { ...needs, kind, managerVersion: version, declaration: { ...needs.declaration, directory } };
  const { relock } = relockOf(kind, here);
  const place = await options.trees.materialise({ repoDir, tree, ordinal });
  try {
    const lock = join(place.dir, path);
    if (!relock.readsMarkers) await writeFile(lock, ours);
    await withEgress(here, { dir: place.dir, ordinal }, options, signal, async ({ must }) => {
      const program = await managerProgram(kind, version, must);
      await must(program(relock.command));
    });
    return await readFile(lock, 'utf8');
  } finally {
    await place.remove();
  }
}

/** Whole or not at all, and used now. */
async function keep(path: string, text: string, now: number): Promise<void> {
  const making = `${path}.making`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(making, text);
  await utimes(making, now / 1000, now / 1000);
  await rename(making, path);
}
