import { join } from 'node:path';
import { SafeWorkspaceFiles } from '#adapters/files/index.ts';
import { gitWorkspaces, GitTrees } from '#adapters/git/index.ts';
import { detectSandbox, endOrphans } from '#adapters/sandbox/index.ts';
import { SqlActionCache, SqlTestOutputs } from '#adapters/sql/index.ts';
import { verifyTree } from '#exec/index.ts';
import { Lazy } from '#kernel/lazy.ts';
import { AppError } from '../fault.ts';
import { forwarderCommand } from '../programs/forwarder-command.ts';
import type { House } from '../house.ts';
import type { Tools } from './tools.ts';

export type SandboxParts = Pick<
  House,
  | 'sandbox'
  | 'limits'
  | 'environments'
  | 'workspaces'
  | 'filesOf'
  | 'verify'
  | 'testOutputs'
  | 'endOrphans'
  | 'sweepTrees'
  | 'caches'
>;

/** Where untrusted programs run: walls, workspaces, environments, and the proof by tests. */
export function sandboxParts(
  tools: Tools,
  { sandbox, store, git, objects }: Pick<House, 'sandbox' | 'store' | 'git' | 'objects'>,
): SandboxParts {
  const { settings, clock, dataDir } = tools;
  const userOf = (ordinal: number): number | undefined => sandbox.userOf(ordinal);
  const limits = {
    wallMs: settings['sandbox.wall'],
    quietMs: settings['sandbox.quiet'],
    memoryBytes: settings['sandbox.memory'],
    processes: settings['sandbox.processes'],
    outputBytes: settings['sandbox.output'],
  };
  const trees = new GitTrees({ git, root: join(dataDir, 'work', 'trees'), userOf });
  const cache = new SqlActionCache({ sql: store.truth, clock });
  const outputs = new SqlTestOutputs({ sql: store.truth, clock });
  const verifyParts = { files: objects, trees, cache, outputs, sandbox, limits, nodeVersion: process.version };
  return {
    sandbox,
    limits,
    endOrphans,
    sweepTrees: (before) => trees.sweep(before),
    caches: {
      keepMs: settings['retention.work'],
      evictEnvironments: async (what) => (await loadEnvironments()).evictEnvironments(environmentsRoot(dataDir), what),
      evictResults: async (before) => (await cache.evict(before)) + (await outputs.evict(before)),
    },
    environments: lazyEnvironments(tools, { git, sandbox, limits, trees }),
    workspaces: gitWorkspaces({ git, clock, root: join(dataDir, 'work', 'runs'), userOf }),
    filesOf: ({ dir }) => new SafeWorkspaceFiles(dir),
    testOutputs: outputs,
    verify: { test: (request, signal) => verifyTree(verifyParts, request, signal) },
  };
}

function environmentsRoot(dataDir: string): string {
  return join(dataDir, 'environments');
}

/** Loading takes a moment, and most commands build none. */
const loadEnvironments = () => import('#adapters/environment/index.ts');

/** Asking npm for its settings takes a moment, so it is asked when the first environment is needed. */
function lazyEnvironments(
  { settings, clock, log, machine, searchPath, extraCa, dataDir }: Tools,
  parts: Pick<House, 'git' | 'sandbox' | 'limits'> & { readonly trees: GitTrees },
): House['environments'] {
  const environments = new Lazy(async (): Promise<House['environments']> => {
    const { environmentsIn, readNpmSettings } = await loadEnvironments();
    return environmentsIn({
      ...parts,
      clock,
      root: environmentsRoot(dataDir),
      forwarder: forwarderCommand(),
      npm: await readNpmSettings({ searchPath, home: machine.home, extraCa }),
      allowHosts: settings['egress.allow'],
      installScripts: settings['environment.installScripts'],
      stallMs: settings['environment.stall'],
      progress: (of) => log.log('info', 'an environment is being built', of),
    });
  });
  return {
    plan: async (request) => (await environments.get()).plan(request),
    ensure: async (request, signal) => (await environments.get()).ensure(request, signal),
    remakeLock: async (request, signal) => (await environments.get()).remakeLock(request, signal),
  };
}

/** The walls that this machine offers and the settings allow; they are tried once for real. Throws SANDBOX_REQUIRED. */
export async function sandboxOf({ settings, clock, random, machine, searchPath }: Tools): Promise<House['sandbox']> {
  const mode = settings['sandbox.mode'];
  const prefer = mode === 'process' ? 'process' : 'auto';
  const sandbox = await detectSandbox({ clock, random, node: machine.node, searchPath, prefer });
  const must = mode === 'bubblewrap' || mode === 'require';
  if (must && sandbox.profile.kind !== 'bubblewrap') {
    throw new AppError('SANDBOX_REQUIRED', `sandbox.mode is ${mode}: ${sandbox.profile.warnings.join('; ')}`);
  }
  return sandbox;
}
