import { chown } from 'node:fs/promises';
import { removeTree } from '#adapters/files/remove-tree.ts';
import { makeTempFolder } from '#adapters/files/temp-folder.ts';
import { EMPTY_ENVIRONMENT } from '#domain/environment.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Random } from '#kernel/random.ts';
import type { Sandbox } from '#domain/sandbox.ts';
import { bubblewrapSandbox } from './bubblewrap/sandbox.ts';
import { systemBinds } from './bubblewrap/system-binds.ts';
import { findTools } from './bubblewrap/tools.ts';
import { findProgram } from './find-program.ts';
import { findMemoryGroups } from './memory-group.ts';
import { processSandbox } from './process/sandbox.ts';

export interface SandboxOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Absolute path of the Node that programs get. */
  readonly node: string;
  readonly searchPath: string;
  /** `auto` takes bubblewrap where it works; `process` never does. */
  readonly prefer?: 'auto' | 'process';
}

/** The best walls that this machine offers. Bubblewrap is tried once for real: it may be there and not be allowed to work. */
export async function detectSandbox(options: SandboxOptions): Promise<Sandbox> {
  const plain = (because: string): Promise<Sandbox> => processSandbox({ ...options, because });
  if (options.prefer === 'process') return plain('it was set so');
  const programs = await Promise.all(
    ['bwrap', 'setpriv', 'prlimit'].map((each) => findProgram(each, options.searchPath)),
  );
  const [bwrap, setpriv, prlimit] = programs;
  if (bwrap === undefined) return plain('bubblewrap is not installed');
  if (setpriv === undefined || prlimit === undefined)
    return plain('setpriv and prlimit of util-linux are not installed');
  const materials = { bwrap, setpriv, prlimit, systemBinds: await systemBinds(), tools: await findTools(options) };
  const walled = bubblewrapSandbox({ ...options, materials, groups: await findMemoryGroups(options.clock) });
  const fault = await tryOnce(walled);
  return fault === undefined ? walled : plain(`bubblewrap does not work here (${fault})`);
}

/** Why these walls do not work here; undefined when they do. */
async function tryOnce(sandbox: Sandbox): Promise<string | undefined> {
  let workspace: string | undefined;
  try {
    workspace = await makeTempFolder('maestro-try-');
    const user = sandbox.userOf(1);
    // Root may not be allowed to, or have no such user in its namespace: then no walls work here either.
    if (user !== undefined) await chown(workspace, user, user);
    return await faultOf(sandbox, workspace);
  } catch (fault) {
    return String(fault).slice(0, 300);
  } finally {
    if (workspace !== undefined) await removeTree(workspace);
  }
}

async function faultOf(sandbox: Sandbox, workspace: string): Promise<string | undefined> {
  const command = {
    ordinal: 1,
    argv: ['node', '-e', 'process.stdout.write("walls")'],
    workspace,
    environment: EMPTY_ENVIRONMENT,
    readOnly: [],
    env: {},
    limits: { wallMs: 20_000, memoryBytes: 0, processes: 64, outputBytes: 10_000 },
  };
  const result = await sandbox.run(command, new AbortController().signal);
  return result.stdout === 'walls' ? undefined : result.stderr.trim().slice(0, 300) || result.endedBy;
}
