import { join } from 'node:path';
import type { EnvironmentPlan, EnvironmentRequest, Environments, PreparedEnvironment } from '#agents/ports.ts';
import { EMPTY_ENVIRONMENT } from '#domain/environment.ts';
import type { Git } from '#domain/git.ts';
import type { GitOid } from '#domain/ids.ts';
import type { Trees } from '#exec/ports.ts';
import { build, type BuildOptions } from './build.ts';
import { hasEntry, readEntry, touchEntry, writeEntry } from './cache.ts';
import { acquireLease } from './lease.ts';
import { type Needs, readNeeds } from './needs.ts';
import { remakeLock } from './relock.ts';

export interface EnvironmentsOptions extends BuildOptions {
  readonly git: Git;
  readonly trees: Trees;
  /** Absolute folder of the cache; each tenant has a folder of its own in it. */
  readonly root: string;
}

/** Environments built in the sandbox with allow-listed egress, and kept by key under the data directory. */
export function environmentsIn(options: EnvironmentsOptions): Environments {
  const machine = {
    node: process.version,
    platform: process.platform,
    arch: process.arch,
    scripts: options.installScripts,
  };
  const entryOf = (ordinal: number, key: string): string => join(options.root, String(ordinal), key);

  const plan = async (request: EnvironmentRequest): Promise<EnvironmentPlan> => {
    const { kind, key } = await readNeeds(options.git, request, machine);
    const isReady = kind === 'empty' || (await hasEntry(entryOf(request.ordinal, key)));
    return { kind, key, isReady };
  };

  const ensure = async (request: EnvironmentRequest, signal: AbortSignal): Promise<PreparedEnvironment> => {
    const needs = await readNeeds(options.git, request, machine);
    if (needs.kind === 'empty') {
      return {
        environment: { ...EMPTY_ENVIRONMENT, key: needs.key, env: needs.declaration.env },
        built: false,
        commands: [],
        warnings: [],
      };
    }
    const entry = entryOf(request.ordinal, needs.key);
    const built = !(await hasEntry(entry)) && (await buildOnce(entry, needs, request, signal));
    const cached = await readEntry(entry, needs.key);
    if (cached !== undefined) await touchEntry(entry, options.clock.now());
    if (cached === undefined) throw new Error(`the environment ${entry} vanished`);
    const isConfined = options.sandbox.profile.network === 'none';
    const warnings = isConfined ? [] : ['The environment was built without walls: what it reached was not confined.'];
    return { ...cached, built, warnings };
  };

  /** False when another process built it in the meantime. */
  const buildOnce = async (
    entry: string,
    needs: Needs,
    request: EnvironmentRequest,
    signal: AbortSignal,
  ): Promise<boolean> => {
    await using lease = await acquireLease(`${entry}.lease`, options.clock, signal);
    if (await hasEntry(entry)) return false;
    const tree = await treeOf(options.git, request.repoDir, request.commit);
    const place = await options.trees.materialise({ repoDir: request.repoDir, tree, ordinal: request.ordinal });
    try {
      const both = AbortSignal.any([signal, lease.lost]);
      const commands = await build(needs, { dir: place.dir, ordinal: request.ordinal }, options, both);
      both.throwIfAborted();
      await writeEntry(entry, { dir: place.dir, needs, commands });
      return true;
    } finally {
      await place.remove();
    }
  };

  return { plan, ensure, remakeLock: (request, signal) => remakeLock(request, { ...options, machine }, signal) };
}

async function treeOf(git: Git, repoDir: string, commit: GitOid): Promise<GitOid> {
  // The cast is true: git printed a full object name.
  return (await git.text({ args: ['rev-parse', '--verify', `${commit}^{tree}`], gitDir: repoDir })) as GitOid;
}
